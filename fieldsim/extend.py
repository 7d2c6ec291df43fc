"""Turns a plug-in's name into the function: a name from a table, or "package.module:function" where that is allowed.

What such a function raises is told in its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import TypeVar

from fieldsim.errors import FieldsimError, UsageError, did_you_mean

F = TypeVar("F", bound=Callable[..., object])


def find(name: str, table: Mapping[str, F], kind: str, *, allow_plugins: bool = False) -> F:
    """The function called `name` in `table`, or the one at "module:function" if plug-ins are allowed.

    A scenario is a file people send each other, so code it names runs only when the user allows it.
    """
    if name in table:
        return table[name]
    if ":" not in name:
        known = ", ".join(sorted(table))
        raise UsageError(f"unknown {kind} '{name}'; known: {known}", hint=did_you_mean(name, table))
    if not allow_plugins:
        raise UsageError(f"{kind} '{name}' is a plug-in, and plug-ins are off", hint="allow it with --allow-plugins")
    return _load(name, kind)


def _load(name: str, kind: str) -> F:  # type: ignore[type-var]
    module, _, function = name.partition(":")
    try:
        loaded: F = getattr(import_module(module), function)
    except (Exception, SystemExit) as error:  # a module may do anything while it is read
        raise UsageError(f"{kind} '{name}' cannot be loaded: {type(error).__name__}: {error}") from error
    if not callable(loaded):
        raise UsageError(f"{kind} '{name}' is no function but {type(loaded).__name__}")
    return loaded


@contextmanager
def told_in_its_name(kind: str, name: str, hint: str) -> Iterator[None]:
    """Whatever a plug-in raises inside becomes a UsageError naming it; errors of the house pass as they are."""
    try:
        yield
    except FieldsimError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(f"{kind} '{name}' failed: {type(error).__name__}: {error}", hint=hint) from error
