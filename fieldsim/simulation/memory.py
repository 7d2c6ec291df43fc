"""Arrays by address, for kernels: a kernel is handed one record of addresses instead of thirty arrays.

Handing on arrays costs a call about ten words each, in time and in compilation; one pointer costs nothing. The arrays stay where
they are and must outlive the call (a Run holds them). Indices are not checked, as in any kernel.
"""

# ruff: noqa: ARG001  (numba asks for arguments by number)
from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir  # type: ignore[import-untyped]
from numba import from_dtype, types
from numba.extending import intrinsic


def rows(kind: np.dtype[np.void]) -> Any:
    """A function (address, index) -> that record of an array of records."""
    record: Any = from_dtype(kind)

    def row(typingctx: Any, address: Any, index: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            size = context.get_constant(types.int64, record.size)
            return builder.inttoptr(builder.add(args[0], builder.mul(args[1], size)), context.get_value_type(record))

        return record(types.int64, types.int64), build

    return intrinsic(row)


def _numbers(kind: Any) -> Any:
    """A function (address) -> a pointer to numbers, to be indexed."""
    pointer: Any = types.CPointer(kind)  # type: ignore[no-untyped-call]

    def numbers(typingctx: Any, address: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], context.get_value_type(pointer))

        return pointer(types.int64), build

    return intrinsic(numbers)


def _fetch(typingctx: Any, address: Any) -> Any:
    """Ask for the line of memory at an address, to be there when it is needed; any address will do."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        prefetch = builder.module.declare_intrinsic(
            "llvm.prefetch", [byte], ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        )
        builder.call(prefetch, [builder.inttoptr(args[0], byte), word(0), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(types.int64), build


fetch: Any = intrinsic(_fetch)
floats = _numbers(types.float64)
ints = _numbers(types.int64)
int32s = _numbers(types.int32)
keys = _numbers(types.uint64)
bytes_ = _numbers(types.uint8)


def address(array: npt.NDArray[Any]) -> int:
    """Where an array begins; it must be contiguous."""
    assert array.flags.c_contiguous
    return int(array.ctypes.data)


_spare: dict[str, npt.NDArray[np.uint8]] = {}


def borrow(name: str, n: int, kind: npt.DTypeLike) -> npt.NDArray[Any]:
    """Memory for n of a kind, in lines, holding anything: that of an earlier replication where it is free and large enough.

    New memory costs a visit to the operating system for every page. Of two threads that borrow at once, one gets new memory.
    """
    size = n * np.dtype(kind).itemsize
    spare = _spare.pop(name, None)
    if spare is None or not size <= len(spare) <= 4 * size + 2**20:
        raw = np.empty(size + 64, dtype=np.uint8)
        start = -raw.ctypes.data % 64
        spare = raw[start : start + size]
    return spare[:size].view(kind)


def give_back(name: str, memory: npt.NDArray[Any]) -> None:
    """Memory that was borrowed and that nobody reads any more."""
    _spare[name] = memory.reshape(-1).view(np.uint8)
