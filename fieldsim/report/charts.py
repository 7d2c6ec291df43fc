"""Charts of the report: attainment of each rep, and of the team as the chance to reach at least so much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fieldsim.kpi import VACANT
from fieldsim.model import Scenario
from fieldsim.report.colours import INK, colour, shape
from fieldsim.report.maps import who
from fieldsim.report.words import clean

if TYPE_CHECKING:
    from fieldsim.experiment.comparison import Comparison
    from fieldsim.experiment.samples import Figure as Estimate

Plot = Any
DESIGN_COLOURS = ("#555555", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
"""Okabe and Ito; the first design, usually the one in force, is grey."""
DASHES = ("solid", "solid", "dashed", "dotdash", "dotted", "dashdot")


def attainment_by_rep(comparison: Comparison, scenario: Scenario) -> list[Plot]:
    """A chart a design, all on the same axis: for each rep P10 to P90 of the replications and the mean."""
    found = [
        (each.design, {rep: kpis["attainment"] for rep, kpis in each.reps.items() if "attainment" in kpis})
        for each in comparison.designs
    ]
    values = [v for _, reps in found for e in reps.values() for v in (e.p10, e.p90, e.mean) if v is not None]
    if not values:
        return []
    from bokeh.models import FactorRange, Range1d

    axis = Range1d(start=max(0.0, min(values) - 0.05), end=max([*values, 1.0]) + 0.05)
    order = [name for name in (*(rep.id for rep in scenario.reps), VACANT) if any(name in reps for _, reps in found)]
    rows = FactorRange(factors=list(reversed(order)))
    return [_by_rep(scenario, reps, axis, rows) for _, reps in found]


def _by_rep(scenario: Scenario, found: dict[str, Estimate], axis: Any, rows: Any) -> Plot:
    from bokeh.models import ColumnDataSource, HoverTool

    plot = blank(x_range=axis, y_range=rows, height=60 + 24 * len(rows.factors))
    place = {rep.id: k for k, rep in enumerate(scenario.reps)}
    known = [(name, found[name]) for name in reversed(rows.factors) if name in found and found[name].mean is not None]
    at = [place.get(name, -1) for name, _ in known]
    columns: dict[str, Any] = {
        "rep": [name for name, _ in known],
        "who": [who(scenario, k) for k in at],
        "fill": [colour(k) for k in at],
        "marker": [shape(k) for k in at],
        "mean": [e.mean for _, e in known],
        "p10": [e.mean if e.p10 is None else e.p10 for _, e in known],
        "p90": [e.mean if e.p90 is None else e.p90 for _, e in known],
    }
    _plan_line(plot)
    source = ColumnDataSource(columns)
    bars = plot.hbar(
        y="rep", left="p10", right="p90", height=0.5, source=source, fill_color="fill", fill_alpha=0.45, line_color=None
    )
    plot.scatter("mean", "rep", source=source, marker="marker", size=9, fill_color="fill", line_color=INK, line_width=0.7)
    facts = [("rep", "@who"), ("mean", "@mean{0.0%}"), ("8 of 10 quarters within", "@p10{0.0%} to @p90{0.0%}")]
    plot.add_tools(HoverTool(renderers=[bars], tooltips=facts))
    return plot


def team_attainment(comparison: Comparison) -> Plot | None:
    """For each design: the share of replications in which the team reaches at least that much of its quota."""
    samples = [(each.design, np.sort(np.array(each.samples.get("attainment", ())))) for each in comparison.designs]
    known = [(name, values[np.isfinite(values)]) for name, values in samples]
    if not any(len(values) > 1 for _, values in known):
        return None
    from bokeh.models import Range1d

    every = np.concatenate([values for _, values in known])
    low, high = min(float(every.min()), 1.0) - 0.01, max(float(every.max()), 1.0) + 0.01
    plot = blank(x_range=Range1d(start=low, end=high), y_range=Range1d(start=0, end=1.02), height=280)
    _plan_line(plot)
    for k, (name, values) in enumerate(known):
        style = {"line_color": DESIGN_COLOURS[k % 6], "line_dash": DASHES[k % 6], "line_width": 2.5, "legend_label": clean(name)}
        _at_least(plot, values, low, high, style)
    plot.yaxis.formatter.format = "0%"
    plot.yaxis.axis_label = "share of replications"
    plot.xaxis.axis_label = "team's quota attainment, at least"
    plot.add_layout(plot.legend[0], "right")
    plot.legend.border_line_color = None
    return plot


def _at_least(plot: Plot, values: Any, low: float, high: float, style: dict[str, Any]) -> None:
    """A falling staircase from 1 to 0."""
    count = len(values)
    x = np.concatenate([[low], values, [high]])
    y = np.concatenate([[1.0], 1.0 - np.arange(count) / count, [0.0]])
    plot.step(x, y, mode="before", **style)


def _plan_line(plot: Plot) -> None:
    from bokeh.models.annotations import Span

    plot.add_layout(Span(location=1.0, dimension="height", line_color=INK, line_width=1.2, line_dash="dashed", level="underlay"))


def blank(**options: Any) -> Plot:
    """An empty chart in the report's look; axes of numbers are shares unless given another format."""
    from bokeh.models import NumeralTickFormatter
    from bokeh.plotting import figure

    plot: Plot = figure(sizing_mode="stretch_width", toolbar_location=None, tools="", min_border_right=14, **options)
    plot.outline_line_color = None
    plot.grid.grid_line_color = "#E4E4E4"
    if "factors" not in options["x_range"].properties():
        plot.xaxis.formatter = NumeralTickFormatter(format="0%")
    if "factors" not in options["y_range"].properties():
        plot.yaxis.formatter = NumeralTickFormatter(format="0%")
    plot.axis.axis_line_color = "#888888"
    plot.axis.minor_tick_line_color = None
    plot.axis.major_tick_line_color = "#888888"
    plot.axis.major_label_text_font_size = "12px"
    plot.axis.axis_label_text_font_style = "normal"
    return plot
