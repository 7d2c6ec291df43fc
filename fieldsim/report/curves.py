"""What balance, continuity and the number of reps cost, as pictures with their figures in tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from fieldsim.report.book import Book
from fieldsim.report.charts import DESIGN_COLOURS, Plot, blank
from fieldsim.report.colours import INK
from fieldsim.report.markup import details, esc, paragraph, section, table
from fieldsim.report.words import figure

if TYPE_CHECKING:
    from fieldsim.territory import Curve, CurvePoint

TITLES = {"balance": "The price of balance", "continuity": "The price of continuity", "sizing": "The number of reps"}
BLUE, ORANGE = DESIGN_COLOURS[1], DESIGN_COLOURS[2]

HEADS = {"balance": "within", "continuity": "price, h", "sizing": "seats"}
"""What the setting of each curve is called in its table; the price is for an hour of an account's visits."""

MISSED = 0.002
"""Beyond a tolerance by more than that, a design has missed it."""


def section_of(book: Book, drawings: dict[str, Any]) -> str:
    """A picture and a table a curve; nothing where none was made."""
    cells = []
    for curve in (each for each in book.curves if each.kind in TITLES and len(each.points) > 1):
        drawings[f"curve-{curve.kind}"] = _DRAWN[curve.kind](curve)
        listed = details("The figures", _table(curve))
        caption = paragraph(_sentence(curve), "caption")
        cells.append(
            f"<figure><figcaption><h3>{esc(TITLES[curve.kind])}</h3>{caption}</figcaption><!--draw:curve-{curve.kind}-->{listed}</figure>"
        )
    if not cells:
        return ""
    note = (
        "Each dot is a design made by the method balanced at that setting, by a short search, with its travel by an "
        "estimate scaled to planned quarters; "
        "fieldsim design SCENARIO --curve NAME searches longer, adds bounds, and has a fourth curve: what each move buys."
    )
    return section("What it would cost", f'<div class="grid">{"".join(cells)}</div>', paragraph(note, "note"), name="costs")


def _sentence(curve: Curve) -> str:
    """The curve in words: what its ends cost against one another."""
    first, last = curve.points[0], curve.points[-1]
    if curve.kind == "sizing":
        fits = next((point for point in curve.points if point.workload <= 0.9), None)
        enough = (
            f"{fits.setting:g} seats fill at most 90 % of their time."
            if fits
            else "No number here fills less than 90 % of the time."
        )
        return (
            f"{enough} With {last.setting:g} seats each has {figure(last.potential_per_seat, 'thousand')} thousand of potential."
        )
    more = last.travel_hours - first.travel_hours
    share = more / max(first.travel_hours, 1e-9)
    travel = f"{figure(more, 'count', signed=True)} h of travel a quarter ({100 * share:+.0f} %)"
    if curve.kind == "balance":
        part = 100 * (last.hours / max(first.hours, 1e-9) - 1.0)
        hours = f"{figure(last.hours - first.hours, 'count', signed=True)} h ({part:+.0f} %) of travel, moves and misfit"
        missed = f"; it reaches {100 * last.imbalance:.1f} %" if last.imbalance > last.setting + MISSED else ""
        return f"From within {100 * first.setting:g} % to within {100 * last.setting:g} % of every share: {hours}{missed}."
    return f"From {first.moved_accounts} accounts moved to {last.moved_accounts}: {travel}."


def _balance(curve: Curve) -> Plot:
    from bokeh.models import FactorRange

    names = [f"{100 * point.setting:g} %" for point in curve.points]
    hours = [point.hours for point in curve.points]
    plot = blank(x_range=FactorRange(factors=names), y_range=_range(hours), height=260)
    _line(plot, names, hours, curve, BLUE)
    return _named(plot, "tolerance: how far a seat may be from its share", "travel, moves and misfit, h a quarter", "0,0")


def _continuity(curve: Curve) -> Plot:
    moved, travel = [float(p.moved_accounts) for p in curve.points], [p.travel_hours for p in curve.points]
    plot = blank(x_range=_range(moved), y_range=_range(travel), height=260)
    _line(plot, moved, travel, curve, BLUE)
    plot.xaxis.formatter.format = "0,0"
    return _named(plot, "accounts moved, fewer as moving gets dearer", "travel, h a quarter", "0,0")


def _sizing(curve: Curve) -> Plot:
    seats = [p.setting for p in curve.points]
    most = max(1.0, *(p.fullest for p in curve.points))
    from bokeh.models import Range1d

    plot = blank(x_range=_range(seats), y_range=Range1d(start=0.0, end=1.05 * most), height=260)
    _line(plot, seats, [p.workload for p in curve.points], curve, BLUE, legend_label="mean seat")
    _line(plot, seats, [p.fullest for p in curve.points], curve, ORANGE, legend_label="fullest seat", line_dash="dashed")
    plot.xaxis.formatter.format = "0"
    plot.legend.border_line_color = None
    plot.legend.location = "bottom_left"
    return _named(plot, "seats", "work, share of working time", "0%")


_DRAWN = {"balance": _balance, "continuity": _continuity, "sizing": _sizing}


def _line(plot: Plot, x: list[Any], y: list[float], curve: Curve, ink: str, **style: Any) -> None:
    """A line with a dot a design, and what the design is like when pointed at."""
    from bokeh.models import ColumnDataSource, HoverTool

    points = curve.points
    columns: dict[str, Any] = {
        "x": x,
        "y": y,
        "setting": [_setting(curve.kind, point) for point in points],
        "travel": [point.travel_hours for point in points],
        "moved": [point.moved_accounts for point in points],
        "imbalance": [point.imbalance for point in points],
        "work": [point.workload for point in points],
        "potential": [point.potential_per_seat for point in points],
    }
    source = ColumnDataSource(columns)
    plot.line("x", "y", source=source, line_color=ink, line_width=2, **style)
    dots = plot.scatter("x", "y", source=source, size=9, fill_color=ink, line_color=INK, line_width=0.7)
    facts = [("", "@setting"), ("travel", "@travel{0,0} h"), ("accounts moved", "@moved"), ("imbalance", "@imbalance{0.0%}")]
    facts += [("mean work", "@work{0%}"), ("potential a seat", "@potential{0,0}")]
    plot.add_tools(HoverTool(renderers=[dots], tooltips=facts))


def _range(values: list[float]) -> Any:
    """The values with a twentieth of their span around them."""
    from bokeh.models import Range1d

    edge = max(0.05 * (max(values) - min(values)), 0.01 * max(abs(v) for v in values), 1e-6)
    return Range1d(start=min(values) - edge, end=max(values) + edge)


def _named(plot: Plot, x: str, y: str, form: str) -> Plot:
    plot.xaxis.axis_label, plot.yaxis.axis_label = x, y
    plot.yaxis.formatter.format = form
    return plot


def _setting(kind: str, point: CurvePoint) -> str:
    if kind == "balance":
        return f"within {100 * point.setting:g} %"
    return f"{point.setting:g} seats" if kind == "sizing" else f"{point.setting:g} h an hour of visits"


def _table(curve: Curve) -> str:
    head = [HEADS[curve.kind], "travel, h", "moved", "imbalance", "mean work", "fullest"]
    more = curve.kind == "sizing"
    head += ["potential a seat", "one more serves"] if more else []
    rows, before = [], None
    for point in curve.points:
        setting = f"{100 * point.setting:g} %" if curve.kind == "balance" else f"{point.setting:g}"
        row = [setting, figure(round(point.travel_hours), "count"), str(point.moved_accounts)]
        row += [figure(value, "share") for value in (point.imbalance, point.workload, point.fullest)]
        if more:
            gain = (
                math.nan
                if before is None
                else (point.served_potential - before.served_potential) / (point.setting - before.setting)
            )
            row += [figure(round(point.potential_per_seat), "money"), figure(round(gain), "money") if gain == gain else ""]
        rows.append(row)
        before = point
    return table(head, rows, "figures")
