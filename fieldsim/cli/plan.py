"""`plan`: the quarter's visits, what a change moves, and why a visit has its day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldsim.cli import words
from fieldsim.cli.places import check_places
from fieldsim.cli.screen import emit, progress, show, tell, warn
from fieldsim.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from fieldsim.model import Design, Scenario, Travel, VisitPlan
    from fieldsim.planning import JointVisit, Wishes

Pins = Annotated[list[str] | None, typer.Option("--pin", help="ACCOUNT@DATE: visit it that day.", show_default=False)]
Moves = Annotated[
    list[str] | None, typer.Option("--move", help="ACCOUNT@DATE:DATE: the visit of one day to another.", show_default=False)
]
Blocks = Annotated[
    list[str] | None, typer.Option("--block", help="REP@DATE or ACCOUNT@DATE: no visit that day.", show_default=False)
]
Like = Annotated[
    Path | None, typer.Option("--like", help="A plan written with --out, to change as little as possible.", show_default=False)
]
Explain = Annotated[
    str | None, typer.Option("--explain", help="ACCOUNT or ACCOUNT@DATE: why it has its day.", show_default=False)
]


def plan(
    scenario: words.ScenarioFolder,
    design: words.DesignName,
    rep: words.RepId = None,
    effort: words.Effort = "normal",
    wishes: words.WishesFile = None,
    pin: Pins = None,
    move: Moves = None,
    block: Blocks = None,
    like: Like = None,
    explain: Explain = None,
    out: words.Out = None,
    seed: words.Seed = 0,
    workers: words.Workers = None,
    json: words.AsJson = False,
) -> None:
    """Show the quarter's visit calendar: which account on which day.

    --pin, --move and --block change the plan: it is made, or read with --like, and planned again with few other changes.

    \b
    A file for --wishes holds any of these:
      [[off]]      rep = "R03", from = 2026-10-20, to = 2026-10-22
                   leave; with share = 0.5 the mornings are for visits
      [[pin]]      account = "A0001", date = 2026-12-01
      [[move]]     account = "A0002", from = 2026-10-05, to = 2026-10-06
      [[block]]    account = "A0003", from = 2026-11-02, to = 2026-11-13
      [weekday]    A0004 = "Thu"       the weekday it likes
      [apart]      A0005 = 14          days between two visits at the least
      [holidays]   R03 = "DE-BY"       a rep's own country or region
    Keys stand on lines of their own.
    """
    from fieldsim import api
    from fieldsim.planning import Wishes
    from fieldsim.report import text

    if out:
        api.check_plan_file(out)
        check_places(out)
    read = api.read_scenario(scenario)
    chosen = api.read_design(read, design)
    asked = api.read_wishes(read, wishes) if wishes else Wishes()
    changes = _changes(read, pin or [], move or [], block or [])
    everything = asked | changes
    account, day = _at(explain, "--explain") if explain and "@" in explain else (explain, None)
    with progress() as advance:
        how: dict[str, Any] = {"rep": rep, "effort": effort, "seed": seed, "workers": workers, "progress": advance}
        how |= {"warn": warn, "travel": api.open_travel(read, warn=warn)}
        api.check_wishes(read, chosen, everything, travel=how["travel"])
        before = api.read_plan(read, chosen, like) if like else None
        if before is None and (pin or block or everything.moves):  # what is to change must first have a day
            before = api.plan_quarter(read, chosen, wishes=replace(asked, moves={}), **how)
        made = api.plan_quarter(read, chosen, like=before, wishes=everything, **how)
    if rep is not None:
        _check_asked(read, chosen, made, rep, changes, account)
    joint = api.joint_visits(read, chosen, made, travel=how["travel"], rep=rep, wishes=everything) if chosen.overlays else []
    if account is not None:
        why = api.explain_plan(read, made, account, date=day, travel=how["travel"], wishes=everything)
        emit(text.why_facts(read, why)) if json else show(*text.why_lines(read, why))
    else:
        _show(read, chosen, how["travel"], before, made, joint, rep, json)
    if out:
        for file in api.write_plan(read, chosen, made, out, rep=rep, joint=joint):
            tell(f"plan: {file}")


def _show(
    scenario: Scenario,
    design: Design,
    travel: Travel,
    before: VisitPlan | None,
    made: VisitPlan,
    joint: Sequence[JointVisit],
    rep: str | None,
    as_json: bool,
) -> None:
    """The plan, the visits that specialists join, and what it changed of the one before."""
    from fieldsim.report import text

    if before is not None:  # what was not asked about has not changed
        both = zip(before.territories, made.territories, strict=True)
        before = replace(before, territories=tuple(old if new.rep >= 0 else new for old, new in both))
    changed = None if before is None else text.change_facts(scenario, before, made)
    if as_json:
        facts = text.plan_facts(scenario, design, travel, made, rep)
        more = {"changed": changed, "joint": text.joint_facts(scenario, made, joint) if design.overlays else None}
        emit(facts | {name: rows for name, rows in more.items() if rows is not None})
        return
    show(*text.plan_tables(scenario, design, travel, made, rep, joint), *text.joint_lines(scenario, made, joint))
    if changed is not None:
        show(*text.change_lines(changed))


def _changes(scenario: Scenario, pins: list[str], moves: list[str], blocks: list[str]) -> Wishes:
    """The changes asked for."""
    from fieldsim.planning import Wishes

    reps = [rep.id for rep in scenario.reps]
    known, found = {*reps, *scenario.accounts.ids}, Wishes()
    for text in pins:
        who, day = _inside(scenario, *_at(text, "--pin"), f"--pin {text}")
        found |= Wishes(pins={who: [day]}, said={(who, day): (f"--pin {text}", 0)})
    for text in moves:
        first, _, last = text.rpartition(":")
        if "@" not in first:
            raise UsageError(f"--move {text}: write ACCOUNT@YYYY-MM-DD:YYYY-MM-DD, the visit's day and its new one")
        who, day = _inside(scenario, *_at(first, "--move"), f"--move {text}")
        to = _date(last, "--move", text)
        found |= Wishes(moves={who: {day: to}}, said={(who, to): (f"--move {text}", 0)})
    for text in blocks:
        who, day = _inside(scenario, *_at(text, "--block"), f"--block {text}")
        if who not in known:
            raise UsageError(f"--block {text}: '{who}' is no rep and no account", hint=did_you_mean(who, sorted(known)))
        found |= Wishes(off={who: [day]}) if who in reps else Wishes(blocked={who: [day]})
    return found


def _inside(scenario: Scenario, who: str, day: date, words: str) -> tuple[str, date]:
    """Both as they are; UsageError for a day outside the quarter that is planned."""
    first, last = scenario.quarter(0)
    if not first <= day <= last:
        raise UsageError(f"{words}: {day} is outside the quarter, {first} to {last}")
    return who, day


def _check_asked(scenario: Scenario, design: Design, made: VisitPlan, rep: str, changes: Wishes, account: str | None) -> None:
    """UsageError for an account or a rep asked about that has no part in the plan of the one rep."""
    asked = {*changes.pins, *changes.moves, *changes.blocked, account}
    for place, who in enumerate(scenario.accounts.ids):
        if who in asked and made.territories[design.territory_of[place]].rep < 0:
            owner = design.rep_of[design.territory_of[place]]
            hint = f"it is {scenario.reps[owner].id}'s" if owner >= 0 else "its seat is vacant"
            raise UsageError(f"'{who}' is not in {rep}'s plan", hint=hint)
    there = {scenario.reps[part.rep].id for part in made.territories if part.rep >= 0} | {rep}
    for who in changes.off:
        if who not in there:
            raise UsageError(f"'{who}' is not in {rep}'s plan", hint=f"leave --rep out, or plan --rep {who}")


def _at(text: str, option: str) -> tuple[str, date]:
    """NAME@DATE."""
    who, _, day = text.rpartition("@")
    if not who:
        raise UsageError(f"{option} {text}: write NAME@YYYY-MM-DD")
    return who, _date(day, option, text)


def _date(text: str, option: str, whole: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option} {whole}: '{text}' is no date", hint="write YYYY-MM-DD") from error
