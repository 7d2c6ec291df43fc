"""What `fieldsim design` prints and its `--json`: figures against the design that stands, seats, moves with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from fieldsim.errors import count
from fieldsim.model import Rep
from fieldsim.report.words import clean

if TYPE_CHECKING:
    from fieldsim.territory import DesignResult

LATE_STAGE = "late-stage pipeline"
SHOWN_MOVES = 20
"""Moves on the screen; the file and `--json` have all."""


def design_facts(made: DesignResult, hires: Sequence[Rep] = (), notes: Sequence[str] = ()) -> dict[str, object]:
    """The answer as `design --json` prints it."""
    bound = None if made.bound is None else asdict(made.bound)
    moves = [{name: getattr(move, name) for name in move.__dataclass_fields__} for move in made.moves]
    facts = {"metrics": dict(made.metrics), "before": dict(made.before), "bound": bound, "seats": [dict(s) for s in made.seats]}
    people = [{"rep": rep.id, "lat": rep.lat, "lon": rep.lon} for rep in hires]
    more = {"disruption": disruption(made), "hires": people, "notes": [*notes, *made.notes]}
    return {"design": made.design.name, "moved": len(made.moves), **facts, **more, "moves": moves}


def design_tables(made: DesignResult, hires: Sequence[Rep] = (), notes: Sequence[str] = ()) -> list[RenderableType]:
    """Figures beside those of the design that stands, a row a seat, the first moves, and what could not be met."""
    parts: list[RenderableType] = [_figures(made), _seats(made)]
    parts += [Text(clean(f"{rep.id} would live near {rep.lat:.4f}, {rep.lon:.4f} ({rep.name})")) for rep in hires]
    parts += [Text(clean(note)) for note in notes]
    if made.moves:
        parts.append(_disruption(made))
    if made.moves:
        parts.append(_moves(made))
    if len(made.moves) > SHOWN_MOVES:
        parts.append(Text(f"and {count(len(made.moves) - SHOWN_MOVES, 'more move')}: the design's file has the reason of each"))
    return [*parts, *(Text(clean(note)) for note in made.notes)]


def disruption(made: DesignResult) -> list[dict[str, object]]:
    """Moves by how much they disturb, the least first: how many, their share, and the revenue that changes hands."""
    rows: list[dict[str, object]] = []
    for kind in made.classes:
        moves = [move for move in made.moves if move.activity == kind]
        share = len(moves) / max(1, len(made.moves))
        rows.append({"disruption": kind, "moves": len(moves), "share": share, "revenue": sum(move.revenue for move in moves)})
    return rows


def _disruption(made: DesignResult) -> Table:
    known = LATE_STAGE in made.classes
    more = "" if known else "; an open pipeline counts as late-stage, because the accounts say no pipeline_stage"
    table = _table(f"moves by disruption{more}")
    for name, justify in (("", "left"), ("accounts", "right"), ("share of moves", "right"), ("revenue of last year", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for row in disruption(made):
        table.add_row(
            str(row["disruption"]), f"{row['moves']}", f"{row['share']:.0%}", f"{row['revenue']:,.0f}".replace(",", " ")
        )
    return table


def _table(title: str) -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, title=Text(title, style="bold"), title_justify="left")


def _figures(made: DesignResult) -> Table:
    table = _table(f"{made.design.name}: {count(len(made.moves), 'account')} would change hands")
    for name, justify in (("", "left"), ("now", "right"), (made.design.name, "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for name, value in made.metrics.items():
        if name in _EXCEPTIONAL and not value and not made.before.get(name):
            continue
        late = name == "late_moves_share" and LATE_STAGE in made.classes
        title = "moves with a late-stage pipeline" if late else _FIGURES.get(name) or _title(name)
        table.add_row(
            title,
            _number(name, made.before.get(name)),
            _number(name, value),
        )
    ratios = [float(seat["travel_hours"]) / float(seat["routed_hours"]) for seat in made.seats if seat["routed_hours"]]
    if ratios:
        table.add_row("estimate ÷ routed, seat by seat", "", f"{min(ratios):.2f} to {max(ratios):.2f}")
    if made.bound is not None and made.bound.feasible:
        within = "of any as even as this" if made.bound.as_even else "within the tolerance"
        table.add_row(f"least hours {within} (bound)", "", _number("hours", made.bound.hours))
    return table


def _seats(made: DesignResult) -> Table:
    table = _table("seats")
    names = list(made.seats[0]) if made.seats else []
    for name in names:
        table.add_column(_title(name), justify="left" if name == "territory" else "right")
    for seat in made.seats:
        table.add_row(*(_cell(seat, name) for name in names))
    return table


def _moves(made: DesignResult) -> Table:
    table = _table("moves, the least disruptive first")
    for name in ("account", "from", "to", "class", "why"):
        table.add_column(name, no_wrap=name == "account")
    for move in made.moves[:SHOWN_MOVES]:
        why = Text(clean("; ".join(move.reasons)))
        table.add_row(Text(move.account), Text(move.from_territory), Text(move.to_territory), move.activity, why)
    return table


TITLES = {
    "hours": "travel, moves and misfit, h",
    "travel_hours": "travel by the estimate, h",
    "routed_hours": "travel as routed, h",
    "visits_hours": "visits, h",
    "moved_accounts": "accounts moved",
    "accounts_share": "share of accounts",
    "moved_revenue_share": "revenue moved",
    "late_moves_share": "moves with an open pipeline",
    "exceptions_share": "accounts bound by locks",
    "split_families": "families split",
    "unreached_accounts": "accounts beyond their rep's day",
    "unreached_potential_share": "potential beyond its rep's day",
}

_FIGURES = {"travel_hours": "travel by the estimate and price of mixing, h"}
"""Where a whole design's figure is more than the sum over its seats."""
_EXCEPTIONAL = ("unreached_accounts", "unreached_potential_share")
"""Said only where there are any."""


def _title(name: str) -> str:
    return TITLES.get(name) or name.replace("_", " ")


def _cell(seat: Mapping[str, float | str], name: str) -> str:
    value = seat[name]
    return clean(value) if isinstance(value, str) else _number(name, value)


def _number(name: str, value: float | None) -> str:
    """Shares as per cent, counts and hours whole."""
    if value is None:
        return ""
    whole = name.endswith("hours") or name in ("accounts", "moved_accounts", "split_families", "unreached_accounts")
    return f"{value:,.0f}".replace(",", " ") if whole else f"{value:.1%}"
