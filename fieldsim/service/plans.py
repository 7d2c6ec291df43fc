"""Each rep's part of a quarter's plan, made once by a thread of its own: whoever asks waits a moment, never long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from fieldsim.model import VisitPlan
from fieldsim.service.errors import Refusal

PATIENCE_S = 30.0
"""How long a program waits for a plan that is not made yet."""
PAGE_PATIENCE_S = 3.0
"""How long a page does, before it says so and comes back by itself."""
MOST_WAITING = 12
"""So many requests may wait that long at once; the others wait as long as a page, so that threads are left for the rest."""
Key = tuple[str, int]
"""A rep and a quarter."""


@dataclass(eq=False)
class _Making:
    """A plan on its way, or why there is none."""

    ready: threading.Event = field(default_factory=threading.Event)
    plan: VisitPlan | None = None
    failed: Exception | None = None


class Plans:
    """The plans that were asked for, by rep and quarter."""

    def __init__(self) -> None:
        self._found: dict[Key, VisitPlan] = {}
        self._making: dict[Key, _Making] = {}
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._places = threading.Semaphore(MOST_WAITING)

    def get(self, key: Key, make: Callable[[], VisitPlan], patience_s: float | None = PATIENCE_S) -> VisitPlan:
        """The plan; Refusal 503 if it is not made in time (None waits as long as it takes), though it goes on being made."""
        found = self._found.get(key)
        if found is not None:
            return found
        with self._lock:
            making = self._making.get(key)
            if making is None:
                making = self._making[key] = _Making()
                threading.Thread(target=self._make, args=(key, making, make), name=f"plan {key[0]}", daemon=True).start()
        if not self._came(making, patience_s):
            raise being_planned(key[0])
        if making.failed is not None:
            raise making.failed
        assert making.plan is not None
        return making.plan

    def _came(self, making: _Making, patience_s: float | None) -> bool:
        """Wait, if there is a place to wait."""
        if patience_s is None:
            return making.ready.wait()
        if not self._places.acquire(blocking=False):
            return making.ready.wait(min(patience_s, PAGE_PATIENCE_S))
        try:
            return making.ready.wait(patience_s)
        finally:
            self._places.release()

    def _make(self, key: Key, making: _Making, make: Callable[[], VisitPlan]) -> None:
        """One plan at a time, so that the first who asked is not slowed down by the others."""
        with self._turn:
            try:
                making.plan = self._found[key] = make()
            except Exception as error:  # told to whoever waits; the next one who asks tries again
                making.failed = error
            finally:
                self._making.pop(key, None)
                making.ready.set()


def being_planned(rep: str) -> Refusal:
    """503: the rep's quarter is not planned yet, but will be."""
    return Refusal(503, "planning", f"the quarter of '{rep}' is being planned", hint="ask again in a few seconds")
