"""What `fieldsim design --curve` and `fieldsim who-owns` print and their `--json`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from fieldsim.report.words import clean

if TYPE_CHECKING:
    from fieldsim.territory import Curve, CurvePoint

TITLES = {
    "balance": "the price of balance: travel and moves by tolerance",
    "continuity": "the price of continuity: moves and travel by the price of a moved account, hours an hour of its visits",
    "moves": "what each further move buys, the best ones first",
    "sizing": "the number of seats: work of each, and what one more is worth",
}
HEADS = {"balance": "tolerance", "continuity": "price", "moves": "moves at most", "sizing": "seats"}


def curve_facts(curve: Curve) -> dict[str, object]:
    """The curve as `design --curve NAME --json` prints it."""
    points = [
        {**asdict(point), "marginal_potential": more} for point, more in zip(curve.points, marginal(curve.points), strict=True)
    ]
    return {"curve": curve.kind, "from": curve.start, "points": points}


def marginal(points: Sequence[CurvePoint]) -> list[float]:
    """Potential served a further unit of the setting, against the point before; nan for the first."""
    pairs = ((b.served_potential - a.served_potential) / (b.setting - a.setting) for a, b in pairwise(points))
    return [math.nan, *pairs]


def curve_tables(curve: Curve) -> list[RenderableType]:
    """A row a setting; for the number of seats with what one more adds."""
    title = Text(f"{curve.start}: {TITLES[curve.kind]}", style="bold")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    names = [HEADS[curve.kind], "travel h", "accounts moved", "imbalance", "mean work", "fullest"]
    names += ["potential a seat", "served", "one more serves"] if curve.kind == "sizing" else ["h", "bound h"]
    for name in names:
        table.add_column(name, justify="right")
    for point, more in zip(curve.points, marginal(curve.points), strict=True):
        first = f"{point.setting:.1%}" if curve.kind == "balance" else f"{point.setting:g}"
        row = [first, _whole(point.travel_hours), f"{point.moved_accounts}", f"{point.imbalance:.1%}"]
        row += [f"{point.workload:.0%}", f"{point.fullest:.0%}"]
        sizing = [_whole(point.potential_per_seat), _whole(point.served_potential), _whole(more)]
        table.add_row(*row, *(sizing if curve.kind == "sizing" else [_whole(point.hours), _whole(point.bound)]))
    return [table, Text(NOTES[curve.kind])]


BOUND = (
    "h: travel, moves and misfit with what territories that mix cost; no design within the tolerance is below its bound, which "
    "leaves the mixing out."
)
NOTES = {
    "balance": f"A quarter's travel, by an estimate scaled to today's planned quarter. {BOUND}",
    "continuity": f"Work is a share of working time. {BOUND}",
    "moves": f"Imbalance is the largest deviation of a seat from its share of any metric. {BOUND}",
    "sizing": (
        "A quarter's travel, by an estimate scaled to planned quarters of the fewest and of the most seats. Served: the "
        "potential of the seats as far as their work fits into their time; one more seat adds so much to it."
    ),
}


def owner_sentence(found: Mapping[str, Any]) -> str:
    """Whose an account or a lead is, and by which rule."""
    rep = found["rep"] or "nobody: the seat is vacant"
    if "lead" in found:
        return clean(f"{found['territory']} ({rep}), by {_rule(found['rule'])}")
    parts = [f"{found['account']}: {found['territory']} ({rep})"]
    if found["rule"]:
        parts.append(f"rule '{found['rule']}'" + ("" if found["rule_kept"] else ", which this design does not keep to"))
    if found["locked"]:
        parts.append("locked")
    parts += [
        f"{each['rep']} has {each['revenue_share']:.0%} of revenue, {each['visit_share']:.0%} of visits"
        for each in found["specialists"]
    ]
    return clean("; ".join(parts))


def _rule(name: str) -> str:
    return name if name == "nearest accounts" else f"rule '{name}'"


def _whole(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if math.isfinite(value) else ""
