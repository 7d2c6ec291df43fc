"""How kernels are compiled: those called from Python get a door, the others none, which halves the time to compile them."""

from __future__ import annotations

from typing import Any

import numba

njit: Any = numba.njit  # its types do not know the two options that leave out the doors
kernel = njit(cache=True, nogil=True, error_model="numpy")
inner = njit(cache=True, nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
