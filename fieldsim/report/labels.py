"""Places the labels of rings on a map so that none hides another label or ring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fieldsim.model import Floats

LETTER_PX = 7.2
HEIGHT_PX = 19
RING_PX = 13


class Box(NamedTuple):
    """A rectangle on the screen in pixels: middle and half sides, y upward."""

    x: float
    y: float
    half_width: float
    half_height: float

    def meets(self, other: Box) -> bool:
        """Whether the two overlap."""
        apart_x = abs(self.x - other.x) >= self.half_width + other.half_width
        apart_y = abs(self.y - other.y) >= self.half_height + other.half_height
        return not (apart_x or apart_y)


def label_shifts(x: Floats, y: Floats, labels: Sequence[str], metres_a_pixel: float) -> list[tuple[int, int]]:
    """Pixels right and up for each label: the first free place round its ring, the least crowded where none is free."""
    rings = [Box(px, py, RING_PX / 2, RING_PX / 2) for px, py in zip(x / metres_a_pixel, y / metres_a_pixel, strict=True)]
    taken = list(rings)
    shifts = []
    for ring, label in zip(rings, labels, strict=True):
        boxes = list(_around(ring, LETTER_PX * len(label) / 2 + 5))
        best = min(boxes, key=lambda box: sum(box.meets(other) for other in taken))
        taken.append(best)
        shifts.append((round(best.x - ring.x), round(best.y - ring.y)))
    return shifts


def _around(ring: Box, half: float) -> Iterator[Box]:
    """Places for a label, the preferred first: above, below, beside, at the corners, farther off."""
    near, beside = 17.0, half + 9.0
    for dx, dy in ((0, near), (0, -near), (beside, 0), (-beside, 0), (half, 18), (-half, 18), (half, -18), (-half, -18)):
        yield Box(ring.x + dx, ring.y + dy, half, HEIGHT_PX / 2)
    for dx, dy in (
        (0, 36),
        (0, -36),
        (beside + 20, 0),
        (-beside - 20, 0),
        (beside, 30),
        (-beside, 30),
        (beside, -30),
        (-beside, -30),
    ):
        yield Box(ring.x + dx, ring.y + dy, half, HEIGHT_PX / 2)
