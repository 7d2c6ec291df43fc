"""Visits that specialists with a territory of their own make at others' accounts: off the owner, and onto their own seat.

A specialist without a territory goes along with the owner, who makes all visits then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fieldsim.model import Design, Floats, Ints, Overlay
from fieldsim.territory.seats import Seats


class Guests(NamedTuple):
    """Shares of the visits to some accounts, each a seat's."""

    account: Ints
    seat: Ints
    share: Floats

    def left(self, accounts: int) -> Floats:
        """Share of each account's visits that is its owner's, shape [accounts]."""
        left: Floats = np.maximum(0.0, 1.0 - np.bincount(self.account, self.share, accounts))
        return left

    def sums(self, values: Floats, seats: int) -> Floats:
        """What the visits of each seat come to, from `values` for all visits to each of these accounts, shape [seats]."""
        # rounded, so that the order of rows in a sum decides nothing
        return np.round(np.bincount(self.seat, self.share * values, seats), 6).astype(np.float64)


NOBODY = Guests(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))


def guests_of(seats: Seats, design: Design | None) -> Guests:
    """The visits of a design's specialists who have one of the seats."""
    own = overlays_of(seats, design)
    if not own:
        return NOBODY
    account, seat = (np.array(column, dtype=np.int64) for column in zip(*((o.account, o.rep) for o in own), strict=True))
    return Guests(account, seat, np.array([overlay.visit_share for overlay in own]))


def overlays_of(seats: Seats, design: Design | None) -> tuple[Overlay, ...]:
    """The overlays of specialists who have a seat and a share of the visits; `rep` is the seat, the first of several."""
    at = {rep: s for s, rep in reversed(list(enumerate(seats.rep.tolist()))) if rep >= 0}
    given = design.overlays if design else ()
    return tuple(replace(o, rep=at[o.rep]) for o in given if o.visit_share > 0.0 and o.rep in at)
