"""`design`: build, rebalance or change territories, with a reason for every move.  `who-owns`: whose is this account or lead?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldsim.cli import territory_words as say
from fieldsim.cli import words
from fieldsim.cli.places import check_writable
from fieldsim.cli.screen import emit, progress, show, tell, warn
from fieldsim.cli.wanted import (
    budget_of,
    check_idle,
    given_of,
    in_one_piece,
    metrics_of,
    number_of,
    one_at_most,
    pairs_of,
    pivot_of,
    shares_of,
    two_of,
)
from fieldsim.errors import UsageError

if TYPE_CHECKING:
    from fieldsim.api import Made
    from fieldsim.model import Scenario
    from fieldsim.territory import Wishes


def design(
    context: typer.Context,
    scenario: words.ScenarioFolder,
    method: say.Method = "balanced",
    out: say.OutName = None,
    overwrite: say.Overwrite = False,
    start: say.From = None,
    territories: say.Territories = None,
    by: say.By = None,
    metric: say.Metric = None,
    tolerance: say.Tolerance = 0.05,
    continuity: say.Continuity = None,
    compactness: say.Compactness = None,
    contiguity: say.Contiguity = "price",
    split_families: say.Families = False,
    budget: say.Budget = None,
    hire: say.Hire = 0,
    without: say.Without = None,
    split: say.Split = None,
    merge: say.Merge = None,
    pivot: say.Pivot = None,
    vacate: say.Vacate = None,
    policy: say.Policy = None,
    fill: say.Fill = None,
    key: say.Key = None,
    specialist: say.Specialist = None,
    shares: say.Shares = "0.5,1,0.3",
    explain: say.Explain = None,
    curve: say.Curve = None,
    allow_plugins: say.Plugins = False,
    seed: words.Seed = 0,
    json: words.AsJson = False,
) -> None:
    """Build, rebalance or change a design, write it, and say what it changes and why."""
    from fieldsim import api

    asked = {"--vacate": vacate, "--fill": fill, "--split": split, "--merge": merge, "--curve": curve}
    asked["--method overlay"] = "overlay" if method == "overlay" else None
    change = one_at_most(asked)
    doing = change or f"--method {method}"
    api.check_method(method)
    check_idle(doing, given_of(context))
    read = api.read_scenario(scenario)
    _check_names(read, out, explain, curve)
    was = api.check_replaceable(read, out) if out is not None and not overwrite else None
    spent = _spent(budget, method, change)
    wishes = in_one_piece(_wishes(metric, tolerance, continuity, compactness, split_families, spent), contiguity, doing)
    how: dict[str, Any] = {"start": start, "warn": warn}
    with progress() as advance:
        if curve is not None:
            _print_curve(api.cost_curve(read, curve, wishes=wishes, seed=seed, progress=advance, **how), as_json=json)
            return
        how["name"] = out or method
        if change is not None:
            ways = _changes(policy, seed, wishes.strict, allow_plugins, key, specialist or (), shares)
            made = ways[change](read, asked[change], **how)
        else:
            how |= {
                "by": by,
                "hire": hire,
                "without": without or (),
                "pivot": pivot_of(pivot),
                "territories": number_of(territories),
            }
            how |= {"wishes": wishes, "seed": seed, "allow_plugins": allow_plugins}
            made = api.make_design(read, method, progress=advance, **how)
    how_made = doing if doing.startswith("--method") else f"{doing} {asked[doing]}"
    _deliver(made, explain, how=how_made if out is not None else None, as_json=json)
    if out is not None:
        if was is not None:
            tell(f"replaced: the design '{out}' that was made with {was}")
        _tell_next(made, scenario=str(scenario), name=out, current=start or read.current, pivot=pivot)


def _changes(
    policy: str | None, seed: int, strict: bool, plugins: bool, key: list[str] | None, specialists: Sequence[str], shares: str
) -> Mapping[str, Callable[..., Made]]:
    """How a design is changed by hand, by the option that asks for it: from the scenario and the option's text."""
    from fieldsim import api

    def merge(read: Scenario, text: str, **how: Any) -> Made:
        return api.merge_seats(read, *two_of(text, "--merge"), strict=strict, **how)

    def overlay(read: Scenario, _: str, **how: Any) -> Made:
        return api.overlay_accounts(read, pairs_of(key, "--key"), specialists, shares_of(shares), **how)

    return {
        "--vacate": partial(api.vacate_seat, policy=policy or "balanced", seed=seed, strict=strict, allow_plugins=plugins),
        "--fill": api.fill_seat,
        "--split": partial(api.split_seat, seed=seed, strict=strict),
        "--merge": merge,
        "--method overlay": overlay,
    }


def who_owns(
    scenario: words.ScenarioFolder,
    design: words.DesignName,
    account: Annotated[str | None, typer.Argument(metavar="ACCOUNT", help="An account's id.", show_default=False)] = None,
    lead: Annotated[
        list[str] | None,
        typer.Option(help="A new lead instead: KEY=VALUE, as postal_code=60601, industry=metal, potential=50000; may repeat."),
    ] = None,
    json: words.AsJson = False,
) -> None:
    """Say whose an account or a new lead is, and which rule decides."""
    from fieldsim import api
    from fieldsim.report import text

    if (account is None) == (not lead):
        raise UsageError("name an account, or a new lead with --lead KEY=VALUE")
    read = api.read_scenario(scenario)
    found = api.who_owns(read, design, account) if account else api.lead_owner(read, design, dict(pairs_of(lead, "--lead")))
    for warning in found.get("warnings", ()):
        warn(warning)
    if json:
        emit(found)
    else:
        show(text.owner_sentence(found))


def _wishes(
    metric: list[str] | None,
    tolerance: float,
    continuity: float | None,
    compactness: float | None,
    split_families: bool,
    budget: str | None,
) -> Wishes:
    """What the options ask a method to weigh; what is left out is as the method has it."""
    from fieldsim.territory import Wishes

    accounts, revenue = budget_of(budget)
    chosen: dict[str, Any] = {
        "tolerance": tolerance,
        "budget": accounts,
        "revenue_budget": revenue,
        "families": not split_families,
    }
    given: dict[str, Any] = {"metrics": metrics_of(metric), "continuity": continuity, "contiguity": compactness}
    return Wishes(**chosen, **{name: value for name, value in given.items() if value is not None})


def _spent(budget: str | None, method: str, change: str | None) -> str | None:
    """The budget, which only a rebalance spends."""
    if budget is not None and (method != "rebalance" or change not in (None, "--curve")):
        raise UsageError("--budget goes with --method rebalance", hint="nothing else keeps to a budget of moves")
    return budget


def _check_names(read: Scenario, out: str | None, explain: str | None, curve: str | None) -> None:
    from fieldsim import api

    if out is None and explain is None and curve is None:
        raise UsageError("name the design to write with --out NAME, or ask about one account with --explain ACCOUNT")
    if out is not None and curve is not None:
        raise UsageError("--curve prints a table and writes no design")
    if out is not None and out == read.current:
        raise UsageError(f"'{out}' is the design in force, by which all others are judged", hint="write under another name")
    if out is not None:
        api.check_design_name(read, out)
        check_writable(read.folder / "designs")
    if explain is not None:
        api.check_account(read, explain)


def _deliver(made: Made, explain: str | None, *, how: str | None, as_json: bool) -> None:
    """Write the design if it is to be written, made `how`; print the sentence about one account, and of a written design all."""
    from fieldsim import api
    from fieldsim.report import text

    sentence = [] if explain is None else [api.account_move(made, explain)]
    path = api.write_result(made, how) if how else None
    if as_json:
        facts = text.design_facts(made.result, made.hires, made.notes) if how else {}
        emit({**({"explanation": sentence[0]} if sentence else {}), **facts})
    else:
        show(*sentence, *(text.design_tables(made.result, made.hires, made.notes) if how else []))
    if path is not None:
        tell(f"design: {path}")


def _print_curve(curve: Any, *, as_json: bool) -> None:
    from fieldsim.report import text

    if as_json:
        emit(text.curve_facts(curve))
    else:
        show(*text.curve_tables(curve))


def _tell_next(made: Made, *, scenario: str, name: str, current: str | None, pivot: str | None) -> None:
    """What to do with a design that was written."""
    if made.hires:
        tell(f"hires: {', '.join(rep.id for rep in made.hires)} in {scenario}/hires.csv; change home, start and cost there")
    if current:
        market = "" if pivot is None else f" --pivot '{pivot}'"
        tell(f"next: fieldsim compare {scenario} {current} {name}{market}")
