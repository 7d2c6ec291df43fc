"""The order of contraction: nested dissection of a road network by straight cuts through the map.

Cells are cut in two where few roads cross, all cells of a level at once; the junctions at a cut come after everything inside the
cells (George 1973, "Nested dissection of a regular finite element mesh"; straight cuts after Schild and Sommer 2015, "On balanced
separators in road networks").
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fieldsim.model import Bools, Floats, Ints
from fieldsim.travel.graph import RoadGraph

DIRECTIONS = 8
"""Cuts are tried square to so many directions."""
LEAF = 6
"""Cells of up to so many junctions are cut no further."""
_BALANCE = 0.3
"""Neither half of a cell is smaller than this share of it."""


def contraction_order(graph: RoadGraph) -> Ints:
    """All nodes, the least important first."""
    a, b = _roads(graph)
    cell, level = np.zeros(graph.nodes, dtype=np.int64), np.full(graph.nodes, -1)
    rows, depth = _rows(graph), 0
    while len(alive := _large(cell, level, depth)):
        cell = _numbered(cell, alive)
        within = (level[a] < 0) & (level[b] < 0) & (cell[a] == cell[b])
        a, b = a[within], b[within]
        rows = [_by_cell(row[level[row] < 0], cell) for row in rows]
        right = _right_halves(rows, cell, a, b)
        level[_separators(cell, right, a, b)] = depth
        cell = 2 * cell + right
        depth += 1
    degree = np.bincount(np.concatenate([graph.tail, graph.head]), minlength=graph.nodes)
    order: Ints = np.lexsort((degree, -level))
    return order


def _roads(graph: RoadGraph) -> tuple[Ints, Ints]:
    """The pairs of nodes that an arc joins, each once."""
    low, high = np.minimum(graph.tail, graph.head).astype(np.int64), np.maximum(graph.tail, graph.head)
    return np.divmod(np.unique((low * graph.nodes + high)[low != high]), max(graph.nodes, 1))


def _rows(graph: RoadGraph) -> list[Ints]:
    """All nodes as they lie along each direction."""
    y, x = graph.lat, graph.lon * np.cos(np.radians(graph.lat.mean() if graph.nodes else 0.0))
    angles = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
    return [np.argsort(x * np.cos(angle) + y * np.sin(angle), kind="stable") for angle in angles]


def _large(cell: Ints, level: Ints, depth: int) -> Ints:
    """The nodes in cells that are to be cut; those of small cells get their level."""
    alive = np.flatnonzero(level < 0)
    small = np.bincount(cell[alive], minlength=1)[cell[alive]] <= LEAF
    level[alive[small]] = depth
    return alive[~small]


def _numbered(cell: Ints, alive: Ints) -> Ints:
    """The cells of the alive nodes numbered from 0; all other nodes count as in cell 0."""
    used = np.zeros(int(cell[alive].max()) + 1, dtype=np.int64)
    used[cell[alive]] = 1
    numbered = np.zeros_like(cell)
    numbered[alive] = (np.cumsum(used) - 1)[cell[alive]]
    return numbered


def _by_cell(row: Ints, cell: Ints) -> Ints:
    """Nodes gathered by cell, in each cell in the order they had; sorting small numbers takes linear time."""
    of = cell[row]
    sorted_row: Ints = row[np.argsort(of.astype(np.uint16) if of.max() < 2**16 else of, kind="stable")]
    return sorted_row


class _Cut(NamedTuple):
    cost: Floats
    """Roads cut over the sizes of the halves, by cell."""
    right: Bools
    """Whether a node lies beyond its cell's cut."""


def _right_halves(rows: list[Ints], cell: Ints, a: Ints, b: Ints) -> Bools:
    """For every node whether it lies in the right half of its cell, each cell cut in its best direction."""
    best = _cut(rows[0], cell, a, b)
    for row in rows[1:]:
        cut = _cut(row, cell, a, b)
        better = cut.cost < best.cost
        best = _Cut(np.where(better, cut.cost, best.cost), np.where(better[cell], cut.right, best.right))
    return best.right


def _cut(row: Ints, cell: Ints, a: Ints, b: Ints) -> _Cut:
    """The cheapest balanced cut of each cell square to a direction along which the row runs, cell after cell."""
    number, of = np.arange(len(row)), cell[row]
    size = np.bincount(of)
    start = np.cumsum(size) - size
    place = np.zeros(len(cell), dtype=np.int64)
    place[row] = number
    near, far = np.minimum(place[a], place[b]), np.maximum(place[a], place[b])
    crossing = np.cumsum(np.bincount(near, minlength=len(row)) - np.bincount(far, minlength=len(row)))
    share = (number - start[of] + 1) / size[of]
    fair = (share >= _BALANCE) & (share <= 1 - _BALANCE)
    cost = np.divide(crossing + 0.5, share * (1 - share), out=np.full(len(row), np.inf), where=fair)
    least = np.minimum.reduceat(cost, start)
    cheapest = np.full(len(size), len(row))
    hits = np.flatnonzero(cost == least[of])[::-1]
    cheapest[of[hits]] = hits
    right = np.zeros(len(cell), dtype=np.bool_)
    right[row] = number > cheapest[of]
    return _Cut(least, right)


def _separators(cell: Ints, right: Bools, a: Ints, b: Ints) -> Ints:
    """The junctions at the cuts, of each cell those on the side with fewer."""
    crossing = right[a] != right[b]
    ends = np.unique(np.concatenate([a[crossing], b[crossing]]))
    count = np.bincount(2 * cell[ends] + right[ends], minlength=2 * int(cell.max(initial=0)) + 2).reshape(-1, 2)
    chosen = count[:, 1] < count[:, 0]
    separators: Ints = ends[right[ends] == chosen[cell[ends]]]
    return separators
