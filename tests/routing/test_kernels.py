"""The kernels compile once each: a second signature is compile time that buys nothing."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from numba.core.registry import CPUDispatcher
from routing.days import RULES, random_day

import fieldsim.routing
from fieldsim.routing import route_day


def test_every_kernel_is_compiled_for_one_signature() -> None:
    for seed, rules in enumerate(RULES):
        route_day(random_day(8, seed, **rules))
    names = [module.name for module in pkgutil.iter_modules(fieldsim.routing.__path__)]
    kernels = {
        f"{name}.{kernel.py_func.__name__}": kernel.signatures
        for name in names
        for kernel in vars(import_module(f"fieldsim.routing.{name}")).values()
        if isinstance(kernel, CPUDispatcher)
    }
    assert kernels
    assert {name: found for name, found in kernels.items() if len(found) > 1} == {}
