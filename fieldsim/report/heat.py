"""Heat maps: sums over squares of the ground, in classes that hold about equally many squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fieldsim.model import Floats, Ints
from fieldsim.report.canvas import Canvas, Plot
from fieldsim.report.ground import Ground
from fieldsim.report.words import FIXED, figure

SHADES = ("#DEEBF7", "#B8D3EA", "#89BEDC", "#539ECD", "#2171B5", "#08306B")
"""One hue from pale to dark, readable with any colour vision and in print."""
ACROSS = 34
"""Squares from side to side of the first view."""


@dataclass(frozen=True, eq=False)
class Squares:
    """The squares with at least one account: middle in metres, sum, number of accounts."""

    side: float
    x: Floats
    y: Floats
    total: Floats
    accounts: Ints

    def bounds(self) -> list[float]:
        """Up to five bounds of two significant digits between the classes."""
        cuts = np.quantile(self.total, np.arange(1, len(SHADES)) / len(SHADES))
        return sorted({float(f"{cut:.1e}") for cut in cuts.tolist()})


def squares(ground: Ground, values: Floats) -> Squares:
    """The sums of an account's `values` over squares."""
    side = (ground.view.x1 - ground.view.x0) / ACROSS
    x, y = ground.accounts
    grid = np.column_stack([np.floor(x / side), np.floor(y / side)]).astype(np.int64)
    cells, of = np.unique(grid, axis=0, return_inverse=True)
    middle = cells.astype(np.float64) * side + side / 2
    total = np.bincount(of.reshape(-1), weights=values, minlength=len(cells)).astype(np.float64)
    accounts = np.bincount(of.reshape(-1), minlength=len(cells)).astype(np.int64)
    return Squares(side, middle[:, 0], middle[:, 1], total, accounts)


def heat_map(canvas: Canvas, found: Squares, words: str) -> Plot:
    """The squares in their shades under the roads; a square tells its sum."""
    from bokeh.models import ColumnDataSource, HoverTool

    level = np.searchsorted(np.asarray(found.bounds()), found.total, side="right")
    columns: dict[str, Any] = {
        "x": found.x,
        "y": found.y,
        "fill": [SHADES[k] for k in level.tolist()],
        "words": [figure(total, "money") for total in found.total.tolist()],
        "accounts": found.accounts,
    }
    plot = canvas.blank()
    drawn = {"width": found.side, "height": found.side, "fill_color": "fill", "line_color": "#FFFFFF", "line_width": 0.5}
    tiles = plot.rect("x", "y", source=ColumnDataSource(columns), **drawn)
    canvas.draw_roads(plot, alpha=0.5)
    plot.add_tools(HoverTool(renderers=[tiles], tooltips=[(words, "@words"), ("accounts", "@accounts")]))
    return plot


def classes(found: Squares, unit: str) -> list[tuple[str, str]]:
    """Shade and words of each class."""
    edges = [_round(bound) for bound in found.bounds()]
    words = [f"under {edges[0]}", *(f"to {edge}" for edge in edges[1:]), f"over {edges[-1]} {unit}"]
    return list(zip(SHADES, words, strict=False))


def _round(bound: float) -> str:
    return f"{bound:,.0f}".replace(",", FIXED) if bound >= 100 else f"{bound:g}"
