"""Which places are neighbours: those between which nobody else is nearer, all the way from one to the other.

That is the Gabriel graph (Gabriel, Sokal 1969): the circle over the line between two holds no third place. It is part of the
Delaunay triangulation, so territories in one piece on it are in one piece on a map coloured by the nearest account too, and it
holds the shortest tree over all places, so it hangs together. Accounts in one place are neighbours of one another and of
whoever is a neighbour of the place.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import Delaunay, cKDTree

from fieldsim.model import Bools, Floats, Ints

CROWD = 12
"""An account is tied to the next so many others of its place, and to so many of a neighbouring one, at the most."""
CLOSE = 1e-9
"""What two lengths may differ by and be one, as a share."""


def neighbours(points: Floats) -> tuple[Ints, Ints]:
    """Pairs of neighbours among places on the earth, in metres from its middle, shape [places, 3]; each pair once.

    Their order decides only who of a crowd in one place is tied to whom.
    """
    spot, which = np.unique(np.round(points, 3), axis=0, return_inverse=True)
    which = which.ravel().astype(np.int64)
    one, two = _touching(spot)
    order = np.argsort(which, kind="stable").astype(np.int64)
    size = np.bincount(which, minlength=len(spot))
    first = np.cumsum(size) - size
    pairs = [_joined(order, first, size, a, b) for a, b in zip(one.tolist(), two.tolist(), strict=True)]
    pairs += [_joined(order, first, size, a, a) for a in np.flatnonzero(size > 1).tolist()]
    ends = np.concatenate(pairs) if pairs else np.empty((0, 2), dtype=np.int64)
    ends = np.unique(np.sort(ends, axis=1), axis=0)
    return ends[:, 0], ends[:, 1]


def _joined(order: Ints, first: Ints, size: Ints, a: int, b: int) -> Ints:
    """Pairs of accounts of two spots: all of them, or of crowds each with the next few in turn."""
    mine, theirs = (order[first[k] : first[k] + size[k]] for k in (a, b))
    if len(mine) < len(theirs):
        mine, theirs = theirs, mine
    turn = np.arange(len(mine))[:, None] + np.arange(min(len(theirs), CROWD))[None]
    pairs = np.column_stack((np.repeat(mine, turn.shape[1]), theirs[turn.ravel() % len(theirs)]))
    found: Ints = pairs[pairs[:, 0] != pairs[:, 1]]
    return found


def _touching(spot: Floats) -> tuple[Ints, Ints]:
    """Pairs of different spots with no third in the circle over the line between them."""
    one, two = _candidates(spot)
    if len(spot) < 3:
        return one, two
    middle, half = (spot[one] + spot[two]) / 2.0, np.linalg.norm(spot[one] - spot[two], axis=1) / 2.0
    third = np.asarray(cKDTree(spot).query(middle, k=3)[0])[:, 2]
    empty: Bools = third > half * (1.0 + CLOSE)
    return one[empty], two[empty]


def _candidates(spot: Floats) -> tuple[Ints, Ints]:
    """The edges of the Delaunay triangulation, or neighbours on a line where all lie on one.

    On a stereographic map, where circles of the earth are circles.
    """
    if len(spot) < 2:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    flat = _map(spot)
    _, width, axes = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)
    if len(spot) == 3:
        return np.array([0, 0, 1], dtype=np.int64), np.array([1, 2, 2], dtype=np.int64)
    if len(spot) < 3 or width[1] <= CLOSE * width[0]:
        along = np.argsort(flat @ axes[0], kind="stable").astype(np.int64)
        return along[:-1], along[1:]
    found = Delaunay(flat)
    corners = found.simplices.astype(np.int64)
    ends = np.vstack((corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]], found.coplanar[:, [0, 2]].astype(np.int64)))
    ends = np.unique(np.sort(ends, axis=1), axis=0)
    return ends[:, 0], ends[:, 1]


def _map(spot: Floats) -> Floats:
    """Points on the earth on a plane that touches it in their middle, seen from the other side; metres."""
    unit = spot / np.linalg.norm(spot, axis=1, keepdims=True)
    middle = unit.mean(axis=0)
    middle = middle / max(float(np.linalg.norm(middle)), CLOSE)
    east = np.cross([0.0, 0.0, 1.0] if abs(middle[2]) < 0.9 else [1.0, 0.0, 0.0], middle)
    east = east / np.linalg.norm(east)
    axes = np.stack((east, np.cross(middle, east)), axis=1)
    plane: Floats = 2.0 * np.linalg.norm(spot, axis=1)[:, None] * (unit @ axes) / (1.0 + unit @ middle)[:, None]
    return plane
