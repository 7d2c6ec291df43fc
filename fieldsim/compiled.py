"""How kernels are compiled.

A `kernel` has a door to Python; an `inner` one has none (calling it from Python crashes), which halves the time to compile.
Neither may make an array, so both are compiled without counting references: handing on a tuple of arrays costs nothing then,
where counting takes half of a search's time. A `maker` makes arrays, and counts.
"""

from __future__ import annotations

from typing import Any

import numba

njit: Any = numba.njit  # its types do not know the options below
OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy"}
maker = njit(**OPTIONS)
kernel = njit(**OPTIONS, _nrt=False)
inner = njit(**OPTIONS, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
