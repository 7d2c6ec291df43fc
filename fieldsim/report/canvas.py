"""Empty maps that move together: the same ranges, the same roads, true proportions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fieldsim.report.ground import Ground

Plot = Any
"""A bokeh figure or widget; bokeh's stubs refuse options gathered in a dict, so drawings are not typed here."""


@dataclass(frozen=True, eq=False)
class Canvas:
    """What all maps of a page share; drawn on by whoever holds it."""

    ground: Ground
    x_range: Any
    y_range: Any
    roads: tuple[Any, Any]
    """Small and main roads."""

    def blank(self) -> Plot:
        """A map without anything on it, as wide as its place on the page."""
        from bokeh.models import WheelZoomTool
        from bokeh.plotting import figure

        plot: Plot = figure(
            x_range=self.x_range,
            y_range=self.y_range,
            aspect_ratio=self.ground.view.aspect,
            sizing_mode="stretch_width",
            tools="pan,reset,zoom_in,zoom_out",
            active_drag="pan",
            toolbar_location="right",
            toolbar_inner=True,
            min_border=0,
            outline_line_color="#BBBBBB",
        )
        # a plain wheel scrolls the page, as embedded maps do
        wheel = WheelZoomTool(modifiers="ctrl")
        plot.add_tools(wheel)
        plot.toolbar.active_scroll = wheel
        plot.toolbar.autohide = True
        plot.toolbar.logo = None
        plot.axis.visible = False
        plot.grid.visible = False
        return plot

    def draw_roads(self, plot: Plot, alpha: float = 0.9) -> None:
        """Small roads pale and thin, main roads darker."""
        for source, width, shade in zip(self.roads, (0.5, 1.3), ("#BBBBBB", "#8A8A8A"), strict=True):
            plot.line("x", "y", source=source, line_width=width, line_color=shade, line_alpha=alpha)

    def draw_scale(self, plot: Plot) -> None:
        """A bar that says how long a kilometre is, at any zoom."""
        from bokeh.models.annotations import Metric, ScaleBar

        look: dict[str, Any] = {
            "background_fill_alpha": 0.7,
            "border_line_color": None,
            "padding": 4,
            "margin": 4,
            "bar_line_width": 1.5,
        }
        text: dict[str, Any] = {"label_text_font_size": "11px", "title": ""}
        plot.add_layout(
            ScaleBar(range=self.x_range, unit="m", dimensional=Metric(base_unit="m"), location="bottom_left", **look, **text)
        )


def canvas_of(ground: Ground) -> Canvas:
    """The canvas of a ground, at its first view."""
    from bokeh.models import ColumnDataSource, Range1d

    view = ground.view
    small, main = (ColumnDataSource(dict(zip("xy", ground.road_lines(major=major), strict=True))) for major in (False, True))
    return Canvas(ground, Range1d(start=view.x0, end=view.x1), Range1d(start=view.y0, end=view.y1), (small, main))
