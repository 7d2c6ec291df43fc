"""`design`: build, rebalance or change territories, with a reason for every move.  `who-owns`: whose is this account or lead?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldsim.cli import words
from fieldsim.cli.screen import emit, progress, show, tell, warn
from fieldsim.cli.wanted import (
    budget_of,
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
    from fieldsim.territory import Wishes

WEIGH, WHAT_IF, HAND_OVER, KEY, ASK = "What it weighs", "What if", "Hand-over", "Key accounts (--method overlay)", "Ask"


def _in(group: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, rich_help_panel=group, **{"show_default": False, **more})


Method = Annotated[str, typer.Option(help="balanced, rebalance, geographic, segment, nearest, hybrid or overlay.")]
From = Annotated[str | None, typer.Option("--from", help="The design to start from; the one in force by default.")]
OutName = Annotated[str | None, typer.Option("--out", help="Name of the design to write.", show_default=False)]
Territories = Annotated[
    str | None,
    typer.Option(help="How many, or auto: as many as due visits need; as there are seats by default.", show_default=False),
]
By = Annotated[str | None, typer.Option(help="The account column of a geographic or segment cut.", show_default=False)]
Metric = Annotated[
    list[str] | None,
    _in(
        WEIGH, help="What to balance, NAME or NAME=WEIGHT: potential, workload, accounts or a numeric account column; may repeat."
    ),
]
Tolerance = Annotated[float, _in(WEIGH, help="How far a seat may be from its share.", show_default=True)]
Continuity = Annotated[
    float | None,
    _in(
        WEIGH,
        help="Price of a moved account, hours an hour of its visits (0.15); half without activity, twice with open deals.",
        min=0.0,
    ),
]
Compactness = Annotated[
    float | None, _in(WEIGH, help="Price of near accounts in different territories (1); 0 lets them mix.", min=0.0)
]
Contiguity = Annotated[
    str, _in(WEIGH, help="price, or strict: every territory in one piece, as far as locks allow (balanced).", show_default=True)
]
Families = Annotated[bool, _in(WEIGH, "--split-families", help="Accounts of one parent may go to different territories.")]
Budget = Annotated[str | None, _in(WEIGH, help="What a rebalance may move: accounts, as 40, or a share of revenue, as 5%.")]
Hire = Annotated[int, _in(WHAT_IF, help="Seat so many new reps where that shortens ways most.", min=0)]
Without = Annotated[list[str] | None, _in(WHAT_IF, help="Take this rep's seat away; may repeat.")]
Split = Annotated[str | None, _in(WHAT_IF, help="Cut this territory into two; a hire takes the new half.")]
Merge = Annotated[str | None, _in(WHAT_IF, help="T1,T2: dissolve the second territory into the first.")]
Pivot = Annotated[str | None, _in(WHAT_IF, help="COLUMN=VALUE:FACTOR, as industry=health:2: multiply its potential first.")]
Vacate = Annotated[str | None, _in(HAND_OVER, help="A rep who leaves; the accounts are handed over.")]
Policy = Annotated[
    str,
    _in(HAND_OVER, help="balanced, nearest, nearest_rep, reoptimise, similar, pool or vacant.", show_default=True),
]
Fill = Annotated[str | None, _in(HAND_OVER, help="A hire takes this vacant territory and gets a first patch.")]
Key = Annotated[list[str] | None, _in(KEY, help="COLUMN=VALUE the accounts have; potential=N is at least so much; may repeat.")]
Specialist = Annotated[list[str] | None, _in(KEY, help="A rep who shares these accounts; may repeat.")]
Shares = Annotated[str, _in(KEY, help="The specialist's part of revenue, quota credit and visits.", show_default=True)]
Explain = Annotated[str | None, _in(ASK, help="Say why this account moves, or that it stays.")]
Curve = Annotated[
    str | None, _in(ASK, help="Print what balance, continuity, moves or sizing (the number of seats) costs, as a table.")
]


def design(
    scenario: words.ScenarioFolder,
    method: Method = "balanced",
    out: OutName = None,
    start: From = None,
    territories: Territories = None,
    by: By = None,
    metric: Metric = None,
    tolerance: Tolerance = 0.05,
    continuity: Continuity = None,
    compactness: Compactness = None,
    contiguity: Contiguity = "price",
    split_families: Families = False,
    budget: Budget = None,
    hire: Hire = 0,
    without: Without = None,
    split: Split = None,
    merge: Merge = None,
    pivot: Pivot = None,
    vacate: Vacate = None,
    policy: Policy = "balanced",
    fill: Fill = None,
    key: Key = None,
    specialist: Specialist = None,
    shares: Shares = "0.5,1,0.3",
    explain: Explain = None,
    curve: Curve = None,
    seed: words.Seed = 0,
    json: words.AsJson = False,
) -> None:
    """Build, rebalance or change a design, write it, and say what it changes and why."""
    from fieldsim import api

    asked = {"--vacate": vacate, "--fill": fill, "--split": split, "--merge": merge, "--curve": curve}
    asked["--method overlay"] = "overlay" if method == "overlay" else None
    change = one_at_most(asked)
    read = api.read_scenario(scenario)
    _check_names(out, explain, curve, read.current)
    wishes = _wishes(metric, tolerance, continuity, compactness, split_families, _spent(budget, method, change))
    wishes = in_one_piece(wishes, contiguity, method)
    name = out or method
    common: dict[str, Any] = {"start": start, "warn": warn}
    with progress():
        if curve is not None:
            _print_curve(api.cost_curve(read, curve, wishes=wishes, seed=seed, **common), as_json=json)
            return
        if vacate is not None:
            made = api.vacate_seat(read, vacate, policy, name=name, seed=seed, **common)
        elif fill is not None:
            made = api.fill_seat(read, fill, name=name, **common)
        elif split is not None:
            made = api.split_seat(read, split, name=name, seed=seed, **common)
        elif merge is not None:
            made = api.merge_seats(read, *two_of(merge, "--merge"), name=name, **common)
        elif change is not None:
            made = api.overlay_accounts(read, pairs_of(key, "--key"), specialist or (), shares_of(shares), name=name, **common)
        else:
            wanted: dict[str, Any] = {
                "by": by,
                "hire": hire,
                "without": without or (),
                "pivot": pivot_of(pivot),
                "wishes": wishes,
            }
            made = api.make_design(read, method, name=name, territories=number_of(territories), seed=seed, **wanted, **common)
    sentence = None if explain is None else api.account_move(made, explain)
    path = None if out is None else api.write_result(made)
    _print(made, sentence, whole=path is not None, as_json=json)
    if path is not None:
        tell(f"design: {path}")
        _tell_next(made, scenario=str(scenario), name=name, current=start or read.current)


def who_owns(
    scenario: words.ScenarioFolder,
    design: words.DesignName,
    account: Annotated[str | None, typer.Argument(metavar="[ACCOUNT]", help="An account's id.", show_default=False)] = None,
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


def _check_names(out: str | None, explain: str | None, curve: str | None, current: str | None) -> None:
    if out is None and explain is None and curve is None:
        raise UsageError("name the design to write with --out NAME, or ask about one account with --explain ACCOUNT")
    if out is not None and curve is not None:
        raise UsageError("--curve prints a table and writes no design")
    if out is not None and out == current:
        raise UsageError(f"'{out}' is the design in force, by which all others are judged", hint="write under another name")


def _print(made: Made, sentence: str | None, *, whole: bool, as_json: bool) -> None:
    """The sentence about one account, and if asked for the whole: figures beside the old ones, seats and moves."""
    from fieldsim.report import text

    if as_json:
        facts = text.design_facts(made.result, made.hires, made.notes) if whole else {}
        emit({**({} if sentence is None else {"explanation": sentence}), **facts})
    else:
        tables = text.design_tables(made.result, made.hires, made.notes) if whole else []
        show(*([] if sentence is None else [sentence]), *tables)


def _print_curve(curve: Any, *, as_json: bool) -> None:
    from fieldsim.report import text

    if as_json:
        emit(text.curve_facts(curve))
    else:
        show(*text.curve_tables(curve))


def _tell_next(made: Made, *, scenario: str, name: str, current: str | None) -> None:
    """What to do with a design that was written."""
    if made.hires:
        tell(f"hires: {', '.join(rep.id for rep in made.hires)} in {scenario}/hires.csv; change home, start and cost there")
    if current:
        tell(f"next: fieldsim compare {scenario} {current} {name}")
