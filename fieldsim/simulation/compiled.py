"""How kernels are compiled.

Those called from Python get a door; inner ones have none (calling them from Python crashes), which halves the time to compile.
Kernels allocate nothing, so they are compiled without counting references: handing on the arrays of a World costs nothing then.
"""

from __future__ import annotations

from typing import Any

import numba

njit: Any = numba.njit  # its types do not know the options below
OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
kernel = njit(**OPTIONS)
inner = njit(**OPTIONS, no_cpython_wrapper=True, no_cfunc_wrapper=True)
