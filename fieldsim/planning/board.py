"""What the compiled search reads and writes: the ground (fixed), the board (where it stands) and its working space.

A *slot* is a weekday of the quarter, public holidays included: five slots later is the same weekday of the next week. A slot
has `cars` routes (one for a rep; published instances have more): route r belongs to slot r // cars.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fieldsim.model import Bools, Floats, Ints

Keys = npt.NDArray[np.uint64]


class Ground(NamedTuple):
    """What the search may not change, in seconds: n accounts, home as the last row of `travel`, V visits, S slots, R routes."""

    travel: Floats
    """[n+1, n+1] directed."""
    service: Floats
    """[n]"""
    weight: Floats
    """[n] what a visit adds to its route's load (published instances); zeros for a rep."""
    first: Ints
    """[n+1] the visits of account i are first[i] .. first[i+1]-1, in order of time."""
    remote: Bools
    """[V] held at a distance: time, no travel."""
    drop: Floats
    """[n] price of leaving one visit out."""
    apart: Ints
    """[n] calendar days between two visits at the least."""
    reach: Ints
    """[V] slots a visit may lie off its pattern when its own slot is not to be had."""
    hours: Ints
    """[n, S] row of `windows`, -1 where the account cannot be visited."""
    windows: Floats
    """[classes, k, 2] first and last start, unused rows reversed."""
    pattern_from: Ints
    """[n+1] the patterns of account i."""
    slots_from: Ints
    """[P] where a pattern's slots begin in `slots`."""
    slots: Ints
    pattern_cost: Floats
    """[P]"""
    date: Ints
    """[S] calendar day numbers."""
    opening: Floats
    """[S] start of the working day."""
    closing: Floats
    """[S] its end."""
    lunch: Floats
    """earliest start, latest start, duration (0: none)."""
    room: Floats
    """[R] longest day: travel and visits."""
    bearing: Floats
    """[R] greatest load."""
    near: Ints
    """[n, k] the nearest accounts, itself first."""
    cars: int
    timed: bool
    """Days have windows and a break, so they are walked."""
    balance: float
    """Price of uneven days: this × target × (share that a day is off its target, beyond `ease`)²."""
    ease: float
    shift_cost: float
    """Price of a visit one slot off its pattern."""
    wait_cost: float
    """Price of a second of waiting at doors; 0 where no door opens later than the rep sets out."""


class Board(NamedTuple):
    """Where the search stands."""

    route: Ints
    """[R, L] accounts in order."""
    size: Ints
    time: Floats
    """[R] travel + visits, remote ones included."""
    travel: Floats
    load: Floats
    remote: Floats
    """[R] seconds of remote visits."""
    at: Ints
    """[V] route of a visit, -1 while it has none."""
    odd: Floats
    """[n] price of the account's departure from its rhythm."""
    nominal: Ints
    """[V] slot that the account's rhythm asks for, -1 where it asks for none."""
    mark: Keys
    """[R] digest of the route: the same accounts in the same order have the same, whatever happened in between."""


class Desk(NamedTuple):
    """Working space of the search."""

    cost: Floats
    """[2, S] in person, remote"""
    place: Ints
    """[2, S, 2]"""
    days: Ints
    """[2, most visits of an account]"""
    out: Ints
    """[V or n]"""
    rank: Floats
    lifted: Bools
    """[n]"""
    owner: Ints
    """[V] account of a visit"""
    seen: Keys
    """[n, R] digest of the route whose cheapest insertion is remembered, 0: none"""
    extra: Floats
    """[n, R] that insertion's travel"""
    where: Ints
    """[n, R] and its position"""
    waited: Floats
    """[R, 2] seconds of waiting at doors, and the remote seconds they were found with"""
    waiting: Keys
    """[R] digest of the route that is known of, 0: none"""
    tried: Floats
    """[n + 1] travel that each place in a route adds"""
    nowhere: Floats
    """[2, S] zeros: targets of days whose evenness does not matter"""
    luck: Floats
    """[28] uniform numbers of a round"""
    smooth: Keys
    """[R] digest of the route that was polished last"""
