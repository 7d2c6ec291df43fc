"""A scenario folder -> Scenario: files read and checked, rows sorted by id so that their order never matters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from fieldsim.errors import DataError, did_you_mean
from fieldsim.model import Accounts, DayRules, Lock, Lunch, QuotaRule, Rates, Rep, Scenario, Tier, TravelSettings, add_months
from fieldsim.scenario.accounts import read_accounts
from fieldsim.scenario.calendars import public_holidays
from fieldsim.scenario.cells import Sheet
from fieldsim.scenario.columns import ACCOUNT_COLUMNS, REP_COLUMNS, RESERVED, Translation, translate
from fieldsim.scenario.designs import OWNERS, design_names
from fieldsim.scenario.history import COLUMNS as HISTORY_COLUMNS
from fieldsim.scenario.history import History, read_history
from fieldsim.scenario.locks import COLUMNS as LOCK_COLUMNS
from fieldsim.scenario.locks import read_locks
from fieldsim.scenario.places import gazetteer
from fieldsim.scenario.reps import read_reps, with_hires
from fieldsim.scenario.rules import read_rules
from fieldsim.scenario.settings import DaySection, Settings, TierSection, TravelSection
from fieldsim.scenario.swapped import note_swapped
from fieldsim.scenario.tables import find_file, read_table
from fieldsim.scenario.toml import key_error, read_settings
from fieldsim.store import content_key


@dataclass(frozen=True)
class Sources:
    """The opened files of a scenario, before any cell is judged."""

    settings: Settings
    accounts: Sheet
    reps: Sheet
    history: Sheet | None
    locks: Sheet | None
    hires: Sheet | None

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """Those that are there, in the order in which their errors are told."""
        every = (self.accounts, self.reps, self.hires, self.history, self.locks)
        return tuple(sheet for sheet in every if sheet is not None)


def read_scenario(folder: Path | str) -> Scenario:
    """The scenario in a folder; the first thing that is wrong with it is a DataError naming file, row, column and value."""
    folder = Path(folder)
    sources, errors = open_sources(folder, read_settings(folder))
    if sources is None:
        raise errors[0]
    accounts, reps = read_book(folder, sources)
    history, locks = read_rest(sources, accounts)
    for sheet in sources.sheets:
        sheet.raise_first()
    return assemble(folder, sources, accounts, reps, history, locks)


def open_sources(folder: Path, settings: Settings) -> tuple[Sources | None, list[DataError]]:
    """The tables of a folder, headers already translated to ours; or None and what is wrong with each file as a whole."""
    complain, columns = partial(key_error, folder), settings.columns
    for name in columns.amounts:
        if name in (*ACCOUNT_COLUMNS, *RESERVED) or columns.amounts.count(name) > 1:
            raise complain(
                "columns.amounts", f"columns.amounts: '{name}' is taken", "name only columns that fieldsim does not know"
            )
    known, needed = (*ACCOUNT_COLUMNS, *columns.amounts), ("account", *columns.amounts)
    book = Translation(known, needed, columns.accounts, columns.crm, "columns.accounts")
    people = Translation(REP_COLUMNS, ("rep", "lat", "lon"), columns.reps, None, "columns.reps")
    past = Translation(HISTORY_COLUMNS, ("date", "account", "kind"), {}, None, "columns.history")
    bound = Translation(LOCK_COLUMNS, (), {}, None, "columns.locks")
    wanted = (
        ("accounts", settings.accounts, book),
        ("reps", settings.reps, people),
        ("history", None, past),
        ("locks", None, bound),
        ("hires", None, Translation(REP_COLUMNS, people.required, {}, None, "columns.hires")),
    )
    sheets: list[Sheet | None] = []
    errors = []
    for stem, named, translation in wanted:
        try:
            path, file = _locate(folder, stem, named)
            there = path.exists() or stem in ("accounts", "reps")
            sheets.append(Sheet(translate(read_table(path, file), translation, complain)) if there else None)
        except DataError as error:
            errors.append(error)
    accounts, reps, *others = sheets if not errors else [None] * 5
    if accounts is None or reps is None:
        return None, errors
    return Sources(settings, accounts, reps, *others), []


def read_book(folder: Path, sources: Sources) -> tuple[Accounts, tuple[Rep, ...]]:
    """Accounts and reps; what is wrong with them is noted in their sheets."""
    settings = sources.settings
    postal = settings.places.postal
    country, _ = settings.calendar
    places = gazetteer(country, folder / postal if postal else None, postal or "")
    tiers, stages = _tiers(settings.tiers), settings.pipeline.stages
    accounts = read_accounts(sources.accounts, tiers, country, places, stages, settings.columns.amounts)
    reps = read_reps(sources.reps, settings)
    note_swapped(sources.accounts, sources.reps)
    if sources.hires:
        reps = with_hires(reps, sources.hires, settings)
    return accounts, reps


def read_rest(sources: Sources, accounts: Accounts) -> tuple[History | None, tuple[Lock, ...]]:
    """History and locks, where the folder has them; what is wrong with them is noted in their sheets."""
    history = read_history(sources.history, accounts, sources.settings.quarter.start) if sources.history else None
    return history, read_locks(sources.locks, accounts) if sources.locks else ()


def assemble(
    folder: Path,
    sources: Sources,
    accounts: Accounts,
    reps: tuple[Rep, ...],
    history: History | None,
    locks: tuple[Lock, ...] = (),
) -> Scenario:
    """The Scenario of parts that are sound."""
    settings = sources.settings
    start = settings.quarter.start
    end = settings.quarter.end or add_months(start, 3) - timedelta(days=1)
    country, region = settings.calendar
    holidays = public_holidays(country, region, start, end)
    check_current(folder, settings.current, accounts)
    scenario = Scenario(
        name=settings.name or folder.resolve().name,
        folder=folder,
        currency=settings.currency,
        timezone=settings.timezone,
        country=country,
        start=start,
        end=end,
        tiers=_tiers(settings.tiers),
        accounts=accounts,
        reps=reps,
        current=settings.current,
        day=_day_rules(settings.day),
        travel=_travel(settings.travel, folder),
        rates=Rates(settings.rates.margin, settings.rates.travel_cost_per_km),
        quota=QuotaRule(settings.quota.basis, settings.quota.total),
        holidays=holidays,
        parameters=dict(sorted(settings.parameters.items())),
        history=history,
        content=_content(settings, end, accounts, reps, history, holidays),
        rules=read_rules(folder, settings.rules),
        origins=(*_origins("account", sources.accounts), *_origins("rep", sources.reps, sources.hires)),
        locks=locks,
        region=region,
    )
    if not scenario.working_days(0):
        raise key_error(folder, "quarter.start", f"no working day from {start} to {end}", "move quarter.start or quarter.end")
    return scenario


def _origins(column: str, *sheets: Sheet | None) -> list[tuple[str, int]]:
    """File and row of each account or rep, in order of id."""
    there = [sheet for sheet in sheets if sheet is not None]
    rows = sorted(
        (name, sheet.table.file, row) for sheet in there for name, row in zip(sheet.text(column), sheet.table.rows, strict=True)
    )
    return [(file, row) for _, file, row in rows]


def _locate(folder: Path, stem: str, named: str | None) -> tuple[Path, str]:
    """The table's path and its name in errors."""
    if named is not None:
        return folder / named, named
    found = find_file(folder, stem)
    return (found, found.name) if found else (folder / f"{stem}.csv", f"{stem}.csv")


def check_current(folder: Path, current: str | None, accounts: Accounts) -> None:
    """The design in force exists: as a file, or as `owners` where accounts have owners."""
    names = design_names(folder)
    if current is None or current in names or (current == OWNERS and any(accounts.owner)):
        return
    hint = did_you_mean(current, names) or (f"there are: {', '.join(names)}" if names else "the folder designs is empty")
    raise key_error(folder, "current", f"current = '{current}': no such design", hint)


def _tiers(sections: Mapping[str, TierSection]) -> dict[str, Tier]:
    """The tier table; a tier without a potential has NaN, which no account may come to use."""
    return {
        name: Tier(
            name,
            section.visits,
            section.visit_minutes,
            section.priority,
            float("nan") if section.potential is None else section.potential,
            section.revenue_share,
        )
        for name, section in sections.items()
    }


def _day_rules(day: DaySection) -> DayRules:
    lunch = Lunch(day.lunch_earliest, day.lunch_latest, round(day.lunch_minutes * 60)) if day.lunch_minutes else None
    return DayRules(lunch, day.admin_minutes, day.max_overtime_minutes)


def _travel(travel: TravelSection, folder: Path) -> TravelSettings:
    return TravelSettings(
        engine=travel.engine,
        roads=folder / travel.roads if travel.roads else None,
        table=folder / travel.table if travel.table else None,
        speed_kmh=travel.speed_kmh,
        detour=travel.detour,
        access_kmh=travel.access_kmh,
        park_s=travel.park_s,
        allow_far=travel.allow_far,
        profile=folder / travel.profile if travel.profile else None,
        periods=travel.periods,
    )


def _content(
    settings: Settings,
    end: date,
    accounts: Accounts,
    reps: tuple[Rep, ...],
    history: History | None,
    holidays: frozenset[date],
) -> str:
    """Key of what decides answers: not of names of files, nor of row order."""
    plain = settings.model_dump(mode="json", exclude={"name", "accounts", "reps", "columns", "places", "pipeline"})
    plain["travel"] = {key: value for key, value in plain["travel"].items() if key not in ("roads", "table")}
    plain["quarter"]["end"] = end.isoformat()
    if not settings.rules:
        del plain["rules"]
    if accounts.amounts:
        plain["amounts"] = {name: values.tolist() for name, values in accounts.amounts.items()}
    left_out = {"assumed", "amounts", *(() if accounts.pipeline_stage else ("pipeline_stage",))}
    book = {column.name: _packed(getattr(accounts, column.name)) for column in fields(accounts) if column.name not in left_out}
    people = [[str(sorted(value) if isinstance(value, frozenset) else value) for value in vars(rep).values()] for rep in reps]
    past = {column: list(map(str, cells)) for column, cells in (history or {}).items()}
    days = sorted(day.isoformat() for day in holidays)
    return content_key(json.dumps([plain, people, past, days], sort_keys=True), book)


def _packed(column: object) -> object:
    """A column as one value, because hashing 20,000 cells one by one is slow."""
    return column if isinstance(column, np.ndarray) else json.dumps(column)
