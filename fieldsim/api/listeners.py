"""Who listens while a function works."""

from __future__ import annotations

from collections.abc import Callable

Warn = Callable[[str], None]
"""Called with a warning for people."""
Advance = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""
