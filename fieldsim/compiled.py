"""How kernels are compiled.

A `kernel` has a door to Python; an `inner` one has none (calling it from Python crashes), which halves the time to compile.
Neither may make an array, so both are compiled without counting references: handing on a tuple of arrays costs nothing then,
where counting takes half of a search's time. A `maker` makes arrays, and counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import numba

Answer = TypeVar("Answer")


class Compile(Protocol):
    """Arguments are left to numba: a whole number from an array is no `int` to a type checker, and is one to a kernel."""

    def __call__(self, function: Callable[..., Answer], /) -> Callable[..., Answer]:
        """The same function, compiled when it is first called."""


njit: Any = numba.njit  # its types do not know the options below
OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy"}
maker: Compile = njit(**OPTIONS)
kernel: Compile = njit(**OPTIONS, _nrt=False)
inner: Compile = njit(**OPTIONS, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
