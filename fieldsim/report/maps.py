"""A design on a map: tinted ground, roads, accounts, example routes and homes; a rep looks the same on every map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fieldsim.model import Bools, Design, Ints, Scenario
from fieldsim.report.canvas import Canvas, Plot
from fieldsim.report.colours import INK, VACANT, colour, shape
from fieldsim.report.ground import Ground
from fieldsim.report.labels import label_shifts
from fieldsim.report.routes import ExampleRoute
from fieldsim.report.words import clean, figure

EVERY, NOBODY = "every rep", "nobody"
RASTER = 260
"""Columns of the tint behind the accounts."""
REACH = 0.03
"""How far a tint spreads from an account, as a share of the map's width."""
DRAWN_PX = 430
"""Width at which a map is usually seen; the labels are placed for it."""
LABELS = 40
"""With more reps their homes are rings without a name."""
TEAM = 25
"""With more reps no map shows all example days at once."""
CROWD = 1500
"""With more accounts their marks get smaller."""


@dataclass(frozen=True, eq=False)
class Atlas:
    """What the maps of all designs share: canvas, accounts, the nearest account of every point of the ground."""

    canvas: Canvas
    designs: tuple[Design, ...]
    accounts: Any
    near: Ints
    far: Bools


def atlas_of(canvas: Canvas, designs: Sequence[Design]) -> Atlas:
    """The atlas of some designs of one scenario."""
    from bokeh.models import ColumnDataSource

    near, far = _nearest(canvas.ground)
    return Atlas(canvas, tuple(designs), ColumnDataSource(_columns(canvas.ground, designs)), near, far)


def design_map(atlas: Atlas, number: int, routes: Sequence[ExampleRoute], chooser: Any) -> Plot:
    """The map of one design; `chooser` (or None where there are no routes) says whose route is shown."""
    plot = atlas.canvas.blank()
    _tint(plot, atlas, number)
    atlas.canvas.draw_roads(plot)
    _accounts(plot, atlas, number, chooser)
    if chooser is not None and routes:
        _routes(plot, atlas, routes, chooser)
        _stops(plot, atlas, routes, chooser)
    _homes(plot, atlas, number)
    atlas.canvas.draw_scale(plot)
    return plot


def route_chooser(scenario: Scenario, whose: Sequence[int]) -> Any:
    """The list of reps above the maps; EVERY and NOBODY beside them."""
    from bokeh.models.widgets import Select

    names: list[Any] = [(scenario.reps[k].id, who(scenario, k)) for k in sorted(set(whose))]
    every = [(EVERY, EVERY)] if len(names) <= TEAM else []
    return Select(title="Example day of", value=EVERY if every else NOBODY, options=[*every, *names, (NOBODY, NOBODY)], width=260)


def who(scenario: Scenario, rep: int) -> str:
    """A rep's id and name; a vacant seat's word."""
    return f"{scenario.reps[rep].id} {clean(scenario.reps[rep].name)}".strip() if rep >= 0 else "vacant"


def _columns(ground: Ground, designs: Sequence[Design]) -> dict[str, Any]:
    """The accounts as every map reads them, with owner, colour and shape under each design."""
    scenario, book = ground.scenario, ground.scenario.accounts
    x, y = ground.accounts
    largest, crowd = max(float(book.potential.max()), 1e-9), max(0.5, min(1.0, CROWD / len(book)) ** 0.4)
    columns: dict[str, Any] = {
        "x": np.rint(x).astype(np.float32),
        "y": np.rint(y).astype(np.float32),
        "size": (crowd * (4.5 + 6.0 * np.sqrt(book.potential / largest))).astype(np.float32),
        "id": list(book.ids),
        "name": [clean(name) or "-" for name in book.name],
        "what": _joined(book.tier, book.industry, book.size),
        "potential": _money(book.potential, f"{scenario.currency} a year"),
        "revenue": _money(book.revenue_last_year, scenario.currency),
        "pipeline": _money(book.open_pipeline, scenario.currency),
        "visits": book.visits,
        # every account is shown for either of these choices
        EVERY: [EVERY] * len(book),
        NOBODY: [NOBODY] * len(book),
    }
    for number, design in enumerate(designs):
        owners = design.owner.tolist()
        columns[f"owner{number}"] = [who(scenario, rep) for rep in owners]
        columns[f"rep{number}"] = [scenario.reps[rep].id if rep >= 0 else "" for rep in owners]
        columns[f"fill{number}"] = [colour(rep) for rep in owners]
        columns[f"marker{number}"] = [shape(rep) for rep in owners]
    return columns


def _joined(*columns: Sequence[str]) -> list[str]:
    return [", ".join(clean(part) for part in parts if part) for parts in zip(*columns, strict=True)]


def _money(amounts: npt.NDArray[np.float64], unit: str) -> list[str]:
    return [f"{figure(amount, 'money')} {unit}" for amount in amounts.tolist()]


def _tint(plot: Plot, atlas: Atlas, number: int) -> None:
    """The ground near accounts in a breath of the colour of the nearest one's rep."""
    from bokeh.models import LinearColorMapper

    reps = len(atlas.canvas.ground.scenario.reps)
    values = np.where(atlas.far, reps + 1, atlas.designs[number].owner[atlas.near] + 1)
    kind: type[np.unsignedinteger[Any]] = np.uint8 if reps < 250 else np.uint16
    palette = [VACANT, *(colour(rep) for rep in range(reps))]
    mapper = LinearColorMapper(palette=palette, low=-0.5, high=reps + 0.5, high_color="rgba(0, 0, 0, 0)")
    view = atlas.canvas.ground.view
    frame = {"x": view.x0, "y": view.y0, "dw": view.x1 - view.x0, "dh": view.y1 - view.y0}
    plot.image(image=[values.astype(kind)], color_mapper=mapper, global_alpha=0.16, **frame)


def _accounts(plot: Plot, atlas: Atlas, number: int, chooser: Any) -> None:
    """All accounts, faint ones where another rep is chosen."""
    from bokeh.models import CDSView, HoverTool, TapTool, UnionFilter

    style: dict[str, Any] = {"fill_color": f"fill{number}", "marker": f"marker{number}", "line_color": INK, "size": "size"}
    clear = {"fill_alpha": 0.9, "line_width": 0.4, "nonselection_alpha": 0.15}
    faint = clear if chooser is None else {"fill_alpha": 0.25, "line_alpha": 0.25, "line_width": 0.4, "nonselection_alpha": 0.1}
    dots = plot.scatter("x", "y", source=atlas.accounts, **style, **faint)
    if chooser is not None:
        shown = UnionFilter(operands=[_chosen(chooser, column) for column in (f"rep{number}", EVERY, NOBODY)])
        plot.scatter("x", "y", source=atlas.accounts, view=CDSView(filter=shown), **style, **clear)
    owners = [(design.name, f"@owner{k}") for k, design in enumerate(atlas.designs)]
    facts = [("account", "@id @name"), ("tier, industry, size", "@what"), ("potential", "@potential")]
    facts += [("revenue last year", "@revenue"), ("open pipeline", "@pipeline"), ("visits a quarter", "@visits"), *owners]
    plot.add_tools(HoverTool(renderers=[dots], tooltips=facts), TapTool(renderers=[dots]))


def _routes(plot: Plot, atlas: Atlas, routes: Sequence[ExampleRoute], chooser: Any) -> None:
    """Each route stands in the source twice, under its rep and under EVERY, so that one filter serves both."""
    from bokeh.models import CDSView, ColumnDataSource, HoverTool

    scenario = atlas.canvas.ground.scenario
    groups = [(route, group) for route in routes for group in (scenario.reps[route.rep].id, EVERY)]
    columns: dict[str, Any] = {
        "xs": [route.way_x for route, _ in groups],
        "ys": [route.way_y for route, _ in groups],
        "fill": [colour(route.rep) for route, _ in groups],
        "who": [who(scenario, route.rep) for route, _ in groups],
        "words": [route.words for route, _ in groups],
        "group": [group for _, group in groups],
    }
    drawn: dict[str, Any] = {"source": ColumnDataSource(columns), "view": CDSView(filter=_chosen(chooser, "group"))}
    plot.multi_line("xs", "ys", line_color="#FFFFFF", line_width=4.5, line_alpha=0.8, **drawn)
    lines = plot.multi_line("xs", "ys", line_color="fill", line_width=2.4, **drawn)
    plot.add_tools(HoverTool(renderers=[lines], tooltips=[("example day", "@who"), ("", "@words")], line_policy="interp"))


def _stops(plot: Plot, atlas: Atlas, routes: Sequence[ExampleRoute], chooser: Any) -> None:
    """The order of the stops as numbers, for one rep at a time."""
    from bokeh.models import CDSView, ColumnDataSource

    scenario = atlas.canvas.ground.scenario
    stops = [(route, number, account) for route in routes for number, account in enumerate(route.stops, 1)]
    x, y = atlas.canvas.ground.accounts
    columns: dict[str, Any] = {
        "x": x[[account for _, _, account in stops]],
        "y": y[[account for _, _, account in stops]],
        "number": [str(number) for _, number, _ in stops],
        "fill": [colour(route.rep) for route, _, _ in stops],
        "group": [scenario.reps[route.rep].id for route, _, _ in stops],
    }
    view = CDSView(filter=_chosen(chooser, "group"))
    look = {**_LABEL, "y_offset": -12, "padding": 2}
    plot.text("x", "y", text="number", source=ColumnDataSource(columns), view=view, **look)


def _homes(plot: Plot, atlas: Atlas, number: int) -> None:
    """A ring where a rep lives and the id beside it, where no other home's label stands."""
    from bokeh.models import ColumnDataSource

    ground, design = atlas.canvas.ground, atlas.designs[number]
    reps = sorted({rep for rep in design.rep_of.tolist() if rep >= 0})
    x, y = (values[reps] for values in ground.homes)
    fills = [colour(rep) for rep in reps]
    plot.scatter(x, y, marker="circle", size=9, fill_color="#FFFFFF", line_color=fills, line_width=3.5)
    if len(reps) > LABELS:
        return
    labels = [ground.scenario.reps[rep].id for rep in reps]
    shifts = label_shifts(x, y, labels, (ground.view.x1 - ground.view.x0) / DRAWN_PX)
    columns: dict[str, Any] = {
        "x": x,
        "y": y,
        "text": labels,
        "fill": fills,
        "dx": [dx for dx, _ in shifts],
        "dy": [-dy for _, dy in shifts],
    }
    look = {**_LABEL, "x_offset": "dx", "y_offset": "dy", "padding": 3, "border_line_width": 1.5, "text_font_style": "bold"}
    plot.text("x", "y", text="text", source=ColumnDataSource(columns), **look)


_LABEL: dict[str, Any] = {
    "text_color": INK,
    "text_font_size": "11px",
    "text_align": "center",
    "text_baseline": "middle",
    "background_fill_color": "#FFFFFF",
    "background_fill_alpha": 0.9,
    "border_line_color": "fill",
    "border_radius": 3,
}


def _chosen(chooser: Any, column: str) -> Any:
    """A filter on a column that follows the chooser; no script of our own is needed."""
    from bokeh.models import GroupFilter

    chosen = GroupFilter(column_name=column, group=chooser.value)
    chooser.js_link("value", chosen, "group")
    return chosen


def _nearest(ground: Ground) -> tuple[Ints, Bools]:
    """For each point of a raster over the view: the nearest account, and whether even that is far."""
    from scipy.spatial import cKDTree

    view = ground.view
    rows = round(RASTER / view.aspect)
    gx = view.x0 + (np.arange(RASTER) + 0.5) * (view.x1 - view.x0) / RASTER
    gy = view.y0 + (np.arange(rows) + 0.5) * (view.y1 - view.y0) / rows
    tree = cKDTree(np.column_stack(ground.accounts))
    distance, near = (np.asarray(part) for part in tree.query(np.stack(np.meshgrid(gx, gy), axis=-1)))
    return near.astype(np.int64), distance > REACH * (view.x1 - view.x0)
