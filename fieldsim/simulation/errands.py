"""How much of the visits to waiting accounts managers have time for: their week is shared out among the seats that are vacant."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from fieldsim.model import Design, Floats
from fieldsim.simulation.nouns import Field, Records, World

WEEK = 7.0


class Errands(NamedTuple):
    """What the visits of vacant seats ask of managers, and what managers have."""

    week_s: Floats
    """Seconds a week to hold every visit due to an account, way from the seat's home and back included, shape [accounts]."""
    limit_s: float
    """Seconds a week of all managers together."""


def errands_of(design: Design, book: Records, field: Field, remote: Floats, p: Mapping[str, float]) -> Errands:
    """The errands of a design's accounts; `remote` is the share of their visits that needs no way."""
    ground, rows = field.ground, book[:-1]
    seated = ground["leg_size"][:-1][rows["territory"]] > 0
    place = ground["book_from"][:-1][rows["territory"]] + rows["local"]
    home = np.zeros(len(rows))
    home[seated] = field.homeward[place[seated], :-1].mean(axis=1)
    way = 2.0 / p["manager_trip_visits"] * home * (1.0 - remote)
    managers = max(1, round(np.count_nonzero(design.rep_of >= 0) / p["reps_per_manager"]))
    return Errands(WEEK / rows["gap"] * (rows["service_s"] + way), 3600.0 * p["manager_week_hours"] * managers)


def share_out(w: World, errands: Errands, t: float) -> None:
    """After a rep left or came: the same part of every waiting visit that was asked of managers, so that a week's hours do.

    The hours are kept to on average: which visits are held is drawn for each one.
    """
    rows, seat = w.book[:-1], w.book["owner"][:-1]
    vacant = (seat >= 0) & (w.state["owner"] < 0) & (rows["pooled"] > 0.0)
    vacant &= (w.reps["left"][seat] == 1) & (w.reps["hired"][seat] <= t)
    asked = math.fsum((rows["pooled"][vacant] * errands.week_s[vacant]).tolist())
    w.reps["covered"] = min(1.0, errands.limit_s / asked) if asked > 0.0 else 1.0
