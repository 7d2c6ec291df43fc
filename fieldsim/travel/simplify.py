"""Joins pieces of road into streets from junction to junction, as OSMnx simplifies a graph, in array operations only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fieldsim.model import Bools, Floats, Ints
from fieldsim.travel.build import Streets
from fieldsim.travel.graph import ROAD_CLASSES


@dataclass(frozen=True, eq=False)
class Pieces:
    """Directed pieces of road between neighbouring points of the map."""

    tail: Ints
    head: Ints
    twin: Ints
    """The piece in the other direction over the same ground, -1 where that is closed."""
    metres: Floats
    seconds: Floats
    road_class: npt.NDArray[np.uint8]


def joined(pieces: Pieces, lat: Floats, lon: Floats) -> Streets:
    """Streets between junctions; a ring without any junction is left out, as nothing leads to it."""
    before = _before(pieces, _passed(pieces, len(lat)))
    root, depth = _chains(before)
    order = np.lexsort((depth, root))
    order = order[before[root[order]] < 0]
    first = np.flatnonzero(depth[order] == 0)
    both, keep = _pairs(pieces, order, first)
    return _streets(pieces, lat, lon, order, first, both, keep)


def _passed(pieces: Pieces, points: int) -> Bools:
    """Points where a street only passes: one piece in and one out, or two of each, to exactly two neighbours.

    Boeing (2017), "OSMnx: New methods for acquiring, constructing, analyzing, and visualizing complex street networks".
    """
    tail, head = pieces.tail, pieces.head
    into, out = np.bincount(head, minlength=points), np.bincount(tail, minlength=points)
    steps = np.unique(tail * points + head)
    fresh_in, fresh_out = np.bincount(steps % points, minlength=points), np.bincount(steps // points, minlength=points)
    either = np.unique(np.concatenate([tail * points + head, head * points + tail]))
    neighbours = np.bincount(either // points, minlength=points)
    loops = np.bincount(tail[tail == head], minlength=points) > 0
    through = (into == out) & ((out == 1) | (out == 2)) & (fresh_in == into) & (fresh_out == out)
    passed: Bools = through & (neighbours == 2) & ~loops
    return passed


def _before(pieces: Pieces, passed: Bools) -> Ints:
    """The piece whose traffic goes on into each piece, -1 where a piece leaves a junction."""
    by_tail = np.argsort(pieces.tail, kind="stable")
    first_out = np.searchsorted(pieces.tail[by_tail], np.arange(len(passed) + 1))
    on = np.flatnonzero(passed[pieces.head])
    one, other = first_out[pieces.head[on]], first_out[pieces.head[on] + 1] - 1
    turns_back = pieces.head[by_tail[one]] == pieces.tail[on]
    before = np.full(len(pieces.tail), -1, dtype=np.int64)
    before[by_tail[np.where(turns_back, other, one)]] = on
    return before


def _chains(before: Ints) -> tuple[Ints, Ints]:
    """The first piece of each piece's street and the steps from it, by pointer jumping."""
    root = np.where(before < 0, np.arange(len(before)), before)
    depth = (before >= 0).astype(np.int64)
    for _ in range(max(len(before), 1).bit_length()):
        depth += depth[root]
        further = root[root]
        if np.array_equal(further, root):
            break
        root = further
    return root, depth


def _pairs(pieces: Pieces, order: Ints, first: Ints) -> tuple[Bools, Bools]:
    """Which streets are driven both ways over the same ground, and which to keep: of a two-way street one of its two chains."""
    if not len(first):
        return np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.bool_)
    last = np.append(first[1:], len(order)) - 1
    both = np.minimum.reduceat(pieces.twin[order], first) >= 0
    return both, ~both | (order[first] < pieces.twin[order[last]])


def _streets(pieces: Pieces, lat: Floats, lon: Floats, order: Ints, first: Ints, both: Bools, keep: Bools) -> Streets:
    length = np.diff(np.append(first, len(order)))
    of = np.repeat(np.arange(len(first)), length)
    order, of = order[keep[of]], (np.cumsum(keep) - 1)[of[keep[of]]]
    count, both = int(keep.sum()), both[keep]
    start = np.concatenate([[0], np.cumsum(length[keep])])
    metres = _sums(of, pieces.metres[order], count)
    forth_s = _sums(of, pieces.seconds[order], count)
    back_s = np.where(both, _sums(of, pieces.seconds[pieces.twin[order]], count), forth_s)
    point = np.insert(pieces.head[order], start[:-1], pieces.tail[order[start[:-1]]])
    return Streets(
        start=pieces.tail[order[start[:-1]]],
        end=pieces.head[order[start[1:] - 1]],
        forth=np.ones(count, dtype=np.bool_),
        back=both,
        forth_kmh=_kmh(metres, forth_s),
        back_kmh=_kmh(metres, back_s),
        metres=metres,
        road_class=_most(of, pieces.road_class[order], pieces.metres[order], count),
        point_start=start + np.arange(count + 1),
        lat=lat[point],
        lon=lon[point],
    )


def _sums(of: Ints, values: Floats, count: int) -> Floats:
    sums: Floats = np.bincount(of, values, count).astype(np.float64)
    return sums


def _kmh(metres: Floats, seconds: Floats) -> Floats:
    """Mean speed; a street without length takes no time at any speed."""
    kmh: Floats = np.divide(metres * 3.6, seconds, out=np.full(len(metres), 30.0), where=(seconds > 0) & (metres > 0))
    return kmh


def _most(of: Ints, road_class: npt.NDArray[np.uint8], metres: Floats, count: int) -> npt.NDArray[np.uint8]:
    """The class that makes up most of each street."""
    classes = len(ROAD_CLASSES)
    share = _sums(of * classes + road_class, metres, count * classes).reshape(count, classes)
    most: npt.NDArray[np.uint8] = share.argmax(axis=1).astype(np.uint8)
    return most
