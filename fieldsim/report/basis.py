"""What the answer rests on: data and assumptions, the formula of every KPI, and whose data were used."""

from __future__ import annotations

from collections import Counter

from fieldsim.errors import count
from fieldsim.model import Scenario
from fieldsim.report.book import Book
from fieldsim.report.markup import bullets, esc, section, table
from fieldsim.report.rows import span
from fieldsim.report.words import figure


def sections(book: Book) -> list[str]:
    """Assumptions, formulas, and the notice of the roads."""
    parts = [section("What the answer rests on", bullets(_assumptions(book)), name="basis"), _formulas()]
    return [part for part in (*parts, _notice(book)) if part]


def _assumptions(book: Book) -> list[str]:
    scenario = book.scenario
    lines = [*_places(scenario), *_defaults(scenario), *_rules(book)]
    for name, value in scenario.parameters.items():
        lines.append(f"The scenario sets {name.replace('_', ' ')} to {value:g}.")
    for comparison in book.comparisons:
        lines += [f"Over {span(comparison)}: {each}" for each in comparison.assumptions()]
    comparison = book.comparisons[0]
    lines.append(f"Verdicts are protected against chance: {comparison.correction}.")
    return lines


def _places(scenario: Scenario) -> list[str]:
    found = Counter(scenario.accounts.precision)
    rough = {"street": "street", "postal": "postal code", "city": "town"}
    return [
        f"{count(found[name], 'account')} stand at the centre of their {words}." for name, words in rough.items() if found[name]
    ]


def _defaults(scenario: Scenario) -> list[str]:
    filled = Counter(column for _, column in scenario.accounts.assumed)
    return [
        f"{column.replace('_', ' ').capitalize()} of {count(n, 'account')} is the default of the tier."
        for column, n in sorted(filled.items())
    ]


def _rules(book: Book) -> list[str]:
    scenario, rates = book.scenario, book.scenario.rates
    tiers = "; ".join(f"{t.name} {t.visits} of {t.visit_minutes:g} min" for t in scenario.tiers.values())
    roads = "on the road network" if book.ground.roads else f"in straight lines at {scenario.travel.speed_kmh:g} km/h"
    quota = {"potential": "by the potential of each territory", "equal": "equally", "given": "as the reps' file gives it"}
    basis = quota[scenario.quota.basis]
    cost = f"{figure(rates.travel_cost_per_km, 'ratio')} {scenario.currency} a kilometre"
    return [
        f"Visits due a quarter unless an account says otherwise: {tiers}.",
        f"Travel times are computed {roads}; each stop costs {scenario.travel.park_s} s to park and sign in.",
        f"The team's quota is split {basis}; {100 * rates.margin:g} % of revenue is margin, travel costs {cost}.",
    ]


def _formulas() -> str:
    """The table of kpi.py, the only place that computes them."""
    from fieldsim.kpi import KPIS

    way = {1: "higher", -1: "lower", 0: "neither"}
    rows = [[esc(kpi.name), esc(kpi.unit), way[kpi.direction], esc(kpi.formula)] for kpi in KPIS.values()]
    return section(
        "How every figure is computed", table(["KPI", "unit", "better is", "formula"], rows, "formulas"), name="formulas"
    )


def _notice(book: Book) -> str:
    roads = book.ground.roads
    if roads is None:
        return ""
    text = roads.source or "© OpenStreetMap contributors, available under the Open Database License (ODbL) 1.0"
    if "OpenStreetMap" not in text:
        text += ". Contains data © OpenStreetMap contributors under the Open Database License (ODbL) 1.0"
    return f"<footer><p>Roads: {esc(text)}</p></footer>"
