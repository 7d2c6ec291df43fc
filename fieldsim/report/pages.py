"""The sections of the report in the order a meeting asks: which design, where, how sure, for whom, resting on what."""

from __future__ import annotations

from typing import Any

import numpy as np

from fieldsim.report import basis, charts, curves, figures, moves
from fieldsim.report.book import Book
from fieldsim.report.canvas import Canvas, canvas_of
from fieldsim.report.colours import symbol
from fieldsim.report.heat import classes, heat_map, squares
from fieldsim.report.maps import TEAM, atlas_of, design_map, route_chooser, who
from fieldsim.report.markup import details, esc, paragraph, section
from fieldsim.report.routes import example_routes
from fieldsim.report.rows import span

Drawings = dict[str, Any]


def all_sections(book: Book) -> tuple[list[str], Drawings]:
    """The sections as HTML, and the drawings that stand in them where `<!--draw:NAME-->` is."""
    drawings: Drawings = {}
    canvas = canvas_of(book.ground)
    sections = [
        _head(book),
        _maps(book, canvas, drawings),
        *(figures.horizon(comparison) for comparison in book.comparisons),
        _attainment(book, drawings),
        _potential(book, canvas, drawings),
        moves.section_of(book),
        curves.section_of(book, drawings),
        *basis.sections(book),
    ]
    return [part for part in sections if part], drawings


def _head(book: Book) -> str:
    scenario = book.scenario
    names = ", ".join(design.name for design in book.designs)
    facts = f"{len(scenario.accounts)} accounts, {len(scenario.reps)} reps, designs {names}"
    verdicts = "".join(
        f'<div class="verdict"><h3>{esc(span(each).capitalize())}</h3>{paragraph(each.summary())}'
        f"{paragraph(figures.gross_line(each), 'gross')}</div>"
        for each in book.comparisons
    )
    verdicts = f'<div class="verdicts">{verdicts}</div>'
    return f"<header><h1>{esc(scenario.name)}</h1>{paragraph(facts, 'facts')}{verdicts}{_nav(book)}</header>"


def _nav(book: Book) -> str:
    """Links to the sections."""
    figures_of = [(f"figures-{each.horizon}", f"Figures over {span(each)}") for each in book.comparisons]
    named = [("maps", "Maps"), *figures_of, ("attainment", "Who reaches the quota"), ("potential", "Potential")]
    costs = [("costs", "What it would cost")] if book.curves else []
    named += [("changes", "What changes for whom"), *costs, ("basis", "What it rests on"), ("formulas", "Formulas")]
    return "<nav>" + "".join(f'<a href="#{name}">{esc(words)}</a>' for name, words in named) + "</nav>"


def _maps(book: Book, canvas: Canvas, drawings: Drawings) -> str:
    atlas = atlas_of(canvas, book.designs)
    routes = [_routes(book, number) for number in range(len(book.designs))]
    whose = [route.rep for of_design in routes for route in of_design]
    chooser = route_chooser(book.scenario, whose) if whose else None
    if chooser is not None:
        drawings["chooser"] = chooser
    maps = []
    for number, design in enumerate(book.designs):
        drawings[f"map-{number}"] = design_map(atlas, number, routes[number], chooser)
        force = " <small>in force</small>" if design.name == book.scenario.current else ""
        facts = paragraph(figures.headline(book, design.name), "caption")
        maps.append(
            f"<figure><figcaption><h3>{esc(design.name)}{force}</h3>{facts}</figcaption><!--draw:map-{number}--></figure>"
        )
    above = "<!--draw:chooser-->" if chooser is not None else ""
    return section(
        "The designs on the map", f'<div class="above">{above}{_legend(book)}</div>', _grid(maps), *_map_notes(book), name="maps"
    )


def _routes(book: Book, number: int) -> list[Any]:
    design = book.designs[number]
    plan = book.plans.get(design.name)
    return example_routes(book.ground, design, plan, book.travel) if plan is not None else []


def _legend(book: Book) -> str:
    """Colour and shape of each rep, the same on every map and chart; folded up for a large team."""
    seats = sorted({rep for design in book.designs for rep in design.rep_of.tolist()} - {-1})
    vacant = [-1] if any((design.rep_of < 0).any() for design in book.designs) else []
    marks = "".join(f"<span>{symbol(rep)} {esc(who(book.scenario, rep))}</span>" for rep in [*seats, *vacant])
    legend = f'<div class="legend">{marks}</div>'
    return legend if len(seats) <= TEAM else details(f"Colours and shapes of the {len(seats)} reps", legend)


def _map_notes(book: Book) -> list[str]:
    notes = "An account has the colour and shape of its rep; the larger, the more potential. A ring with a name is a rep's home."
    if book.plans:
        notes += (
            " Lines are one planned day of each rep, the one with the median drive; with one rep chosen its stops are numbered."
        )
    moves_together = " Drag to move, Ctrl and wheel to zoom: the maps move together. A click on an account marks it on every map."
    outside = book.ground.view.outside
    far = f" {outside} accounts far out lie outside the first view; zoom out to see them." if outside else ""
    return [paragraph(notes + moves_together + far, "note")]


def _attainment(book: Book, drawings: Drawings) -> str:
    parts = []
    for k, comparison in enumerate(book.comparisons):
        plots = charts.attainment_by_rep(comparison, book.scenario)
        team = charts.team_attainment(comparison)
        cells = []
        for number, plot in enumerate(plots):
            drawings[f"reps-{k}-{number}"] = plot
            name = comparison.names[number]
            cells.append(f"<figure><figcaption><h4>{esc(name)}</h4></figcaption><!--draw:reps-{k}-{number}--></figure>")
        if cells:
            parts += [f"<h3>Over {esc(span(comparison))}, by rep</h3>", _grid(cells)]
        if team is not None:
            drawings[f"team-{k}"] = team
            parts += [f"<h3>Over {esc(span(comparison))}, the team</h3>", f"<figure><!--draw:team-{k}--></figure>"]
    note = "Bars hold eight of ten simulated quarters (P10 to P90), the mark is the mean, the dashed line the plan."
    return section("Who reaches the quota", *parts, paragraph(note, "note"), name="attainment") if parts else ""


def _potential(book: Book, canvas: Canvas, drawings: Drawings) -> str:
    accounts, currency = book.scenario.accounts, book.scenario.currency
    room = np.maximum(accounts.potential - accounts.revenue_last_year, 0.0)
    asked = accounts.visits * accounts.visit_minutes / 60.0
    shown = (
        ("potential", "Potential a year", accounts.potential, currency),
        ("room", "Potential not sold last year", room, currency),
        ("hours", "Visit hours due a quarter", asked, "h"),
    )
    cells, side = [], 0.0
    for name, title, values, unit in shown:
        found = squares(book.ground, values)
        side = found.side
        drawings[f"heat-{name}"] = heat_map(canvas, found, title.lower())
        chips = "".join(f'<span><i style="background:{shade}"></i>{esc(word)}</span>' for shade, word in classes(found, unit))
        legend = f'<div class="legend">{chips}</div>'
        cells.append(f"<figure><figcaption><h3>{esc(title)}</h3>{legend}</figcaption><!--draw:heat-{name}--></figure>")
    note = f"Sums over squares of {side / 1000:.1f} km; about as many squares in each shade. These maps move with those above."
    return section("Where the potential lies", _grid(cells), paragraph(note, "note"), name="potential")


def _grid(cells: list[str]) -> str:
    return '<div class="grid">' + "\n".join(cells) + "</div>"
