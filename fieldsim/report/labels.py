"""Places labels on a map so that none hides another."""

from __future__ import annotations

from collections.abc import Sequence

from fieldsim.model import Floats

LETTER_PX = 3.6
"""Half the width of a letter of the labels' font."""
HEIGHT_PX = 19


def label_shifts(x: Floats, y: Floats, labels: Sequence[str], metres_a_pixel: float) -> list[tuple[int, int]]:
    """Pixels right and up for each label so that no two overlap where that can be: the first free place round the dot."""
    taken: list[tuple[float, float, float]] = []
    shifts = []
    for px, py, label in zip(x / metres_a_pixel, y / metres_a_pixel, labels, strict=True):
        half = LETTER_PX * len(label) + 5
        places = [
            (0, 17),
            (0, -17),
            (half + 9, 0),
            (-half - 9, 0),
            (half, 20),
            (-half, 20),
            (half, -20),
            (-half, -20),
            (0, 34),
            (0, -34),
        ]

        def free(place: tuple[float, float], px: float = px, py: float = py, half: float = half) -> bool:
            return all(abs(px + place[0] - tx) > half + th or abs(py + place[1] - ty) > HEIGHT_PX for tx, ty, th in taken)

        dx, dy = next((place for place in places if free(place)), places[0])
        taken.append((px + dx, py + dy, half))
        shifts.append((round(dx), round(dy)))
    return shifts
