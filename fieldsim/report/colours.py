"""Colours and shapes that people with any colour vision tell apart, and that also survive a projector."""

from __future__ import annotations

import math

PALETTE = ("#332288", "#CC6677", "#117733", "#88CCEE", "#AA4499", "#DDCC77", "#44AA99", "#882255", "#999933")
"""Paul Tol's "muted" scheme, made for colour-blind readers, ordered so that neighbours differ most."""
SHAPES = ("circle", "square", "triangle", "diamond", "inverted_triangle", "plus", "hex")
"""As many shapes as share no factor with the colours: 63 pairs before one comes again."""
VACANT = "#777777"
INK = "#222222"
BETTER, WORSE = "#0072B2", "#D55E00"
"""Blue and vermilion of Okabe and Ito."""


def colour(position: int) -> str:
    """The colour of the rep at a position; grey for a vacant seat (-1)."""
    return PALETTE[position % len(PALETTE)] if position >= 0 else VACANT


def shape(position: int) -> str:
    """The marker of the rep at a position; a cross for a vacant seat."""
    return SHAPES[position % len(SHAPES)] if position >= 0 else "x"


def symbol(position: int, size: int = 13) -> str:
    """The rep's marker as inline SVG, for legends in text."""
    half = size / 2
    inner = _SYMBOLS[shape(position)](half)
    style = f'fill="{colour(position)}" stroke="{INK}" stroke-width="0.6"'
    return f'<svg class="symbol" width="{size}" height="{size}" aria-hidden="true"><g {style}>{inner}</g></svg>'


def _polygon(half: float, corners: list[tuple[float, float]]) -> str:
    points = " ".join(f"{half + x * (half - 1):.1f},{half + y * (half - 1):.1f}" for x, y in corners)
    return f'<polygon points="{points}"/>'


def _around(count: int, turn: float) -> list[tuple[float, float]]:
    angles = [turn + 2 * math.pi * k / count for k in range(count)]
    return [(math.cos(angle), math.sin(angle)) for angle in angles]


_PLUS = [(-0.35, -1), (0.35, -1), (0.35, -0.35), (1, -0.35), (1, 0.35), (0.35, 0.35), (0.35, 1), (-0.35, 1), (-0.35, 0.35)]
_CROSS = [(-1, -0.7), (-0.7, -1), (0, -0.3), (0.7, -1), (1, -0.7), (0.3, 0), (1, 0.7), (0.7, 1), (0, 0.3), (-0.7, 1), (-1, 0.7)]
_SYMBOLS = {
    "circle": lambda half: f'<circle cx="{half}" cy="{half}" r="{half - 1}"/>',
    "square": lambda half: _polygon(half, [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)]),
    "triangle": lambda half: _polygon(half, _around(3, -math.pi / 2)),
    "diamond": lambda half: _polygon(half, [(0, -1), (0.75, 0), (0, 1), (-0.75, 0)]),
    "inverted_triangle": lambda half: _polygon(half, _around(3, math.pi / 2)),
    "plus": lambda half: _polygon(half, [*_PLUS, (-1, 0.35), (-1, -0.35), (-0.35, -0.35)]),
    "hex": lambda half: _polygon(half, _around(6, 0.0)),
    "x": lambda half: _polygon(half, [*_CROSS, (-0.3, 0)]),
}
