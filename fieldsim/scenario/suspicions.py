"""Data that can be read but may be wrong: duplicates, outliers, orphan owners, places and hours that do not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import numpy as np

from fieldsim.model import Accounts, Bools, Floats, Ints, Rep, Scenario
from fieldsim.scenario.findings import Book, Finding
from fieldsim.scenario.hours import windows

_LEGAL_FORMS = frozenset(
    (
        "inc",
        "llc",
        "ltd",
        "limited",
        "corp",
        "co",
        "company",
        "gmbh",
        "ag",
        "kg",
        "sa",
        "sas",
        "sarl",
        "srl",
        "spa",
        "bv",
        "nv",
        "plc",
        "ltda",
    )
)
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+?\d+")
_SHARED_BY = 5
"""So many accounts at one point that it is more likely a geocoder's answer for a town than their doors."""
_FAR_KM = 50.0
_FAR_TIMES = 10.0
_SPREAD = 5.0
"""Robust standard deviations of the logarithm beyond which a potential counts as an outlier."""


def suspicions(book: Book, scenario: Scenario) -> list[Finding]:
    """Everything odd about the accounts, in a fixed order."""
    looks: tuple[Callable[[Book, Scenario], list[Finding]], ...] = (
        _rounded_ids,
        _duplicates,
        _shared_points,
        _vague_places,
        _far_from_reps,
        _potentials,
        _stages,
        _owners,
        _parents,
        _hours,
        _visits,
        _reps,
    )
    return [finding for look in looks for finding in look(book, scenario)]


def _rounded_ids(book: Book, _: Scenario) -> list[Finding]:
    """Ids such as 1.23E+11, which a spreadsheet makes of long numbers."""
    rounded = [at for at, account in enumerate(book.accounts.ids) if _ROUNDED.fullmatch(account)]
    return book.finding(
        "rounded_id", "with an id that a spreadsheet has rounded", "account", rounded, "export the column as text"
    )


def _duplicates(book: Book, _: Scenario) -> list[Finding]:
    """Same name (legal form and punctuation aside) at the same address or within about a hundred metres."""
    accounts = book.accounts
    names = [_plain(name) for name in accounts.name]
    near = zip(names, np.round(accounts.lat, 3).tolist(), np.round(accounts.lon, 3).tolist(), strict=True)
    streets = [(name, _plain(street), city.casefold()) if street else None for name, street, city in _addresses(names, accounts)]
    found = _repeated(key if key[0] else None for key in near) | _repeated(key if key and key[0] else None for key in streets)
    by_name = sorted(found, key=lambda at: (names[at], at))
    return book.finding("duplicate", "with the name and the place of another", "name", by_name, "merge them in the CRM")


def _addresses(names: list[str], accounts: Accounts) -> Iterable[tuple[str, str, str]]:
    return zip(names, accounts.address, accounts.city, strict=True)


def _plain(text: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in text.casefold()).split()
    return " ".join(word for word in words if word not in _LEGAL_FORMS)


def _repeated(keys: Iterable[object]) -> set[int]:
    """Positions whose key occurs more than once; None is no key."""
    groups: dict[object, list[int]] = {}
    for at, key in enumerate(keys):
        if key is not None:
            groups.setdefault(key, []).append(at)
    return {at for group in groups.values() if len(group) > 1 for at in group}


def _shared_points(book: Book, _: Scenario) -> list[Finding]:
    """Points that claim to be exact and carry many accounts."""
    accounts = book.accounts
    claimed = np.flatnonzero([precision in ("exact", "street") for precision in accounts.precision])
    points = np.column_stack((accounts.lat[claimed], accounts.lon[claimed]))
    if not len(points):
        return []
    _points, which, counts = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    crowded = claimed[counts[which] >= _SHARED_BY]
    what = f"at a point with at least {_SHARED_BY - 1} others, though of precision exact or street"
    return book.finding("shared_point", what, "lat", crowded, "set precision to 'postal' or 'city' if it is a centroid")


def _vague_places(book: Book, _: Scenario) -> list[Finding]:
    vague = [at for at, precision in enumerate(book.accounts.precision) if precision in ("postal", "city")]
    return book.finding(
        "vague_place", "at the centre of a postal code or town, good for designs but not for a day's route", "lat", vague
    )


def _far_from_reps(book: Book, _: Scenario) -> list[Finding]:
    """Accounts ten times as far from the nearest rep's home as usual, and over 50 km."""
    from scipy.spatial import cKDTree

    homes = _on_sphere(np.array([rep.lat for rep in book.reps]), np.array([rep.lon for rep in book.reps]))
    chord = cKDTree(homes).query(_on_sphere(book.accounts.lat, book.accounts.lon))[0]
    kilometres = 2.0 * 6371.0 * np.arcsin(np.clip(chord / 2.0, 0.0, 1.0))
    limit = max(_FAR_KM, _FAR_TIMES * float(np.median(kilometres)))
    far = np.flatnonzero(kilometres > limit)
    return book.finding("far_from_reps", f"over {limit:,.0f} km from every rep's home", "lat", far, "check lat and lon")


def _on_sphere(lat: Floats, lon: Floats) -> Floats:
    """Unit vectors, shape [n, 3]."""
    y, x = np.radians(lat), np.radians(lon)
    return np.column_stack((np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)))


def _potentials(book: Book, _: Scenario) -> list[Finding]:
    """Over the whole book, because tiers are often cut by potential, which leaves the upper tail of the first one long."""
    accounts = book.accounts
    nothing = np.flatnonzero(accounts.potential <= 0.0)
    over = np.flatnonzero(accounts.revenue_last_year > accounts.potential)
    own = np.array([(account, "potential") not in accounts.assumed for account in accounts.ids])
    stated = np.flatnonzero(own & (accounts.potential > 0.0))
    odd = stated[_outlying(np.log(accounts.potential[stated]))]
    return [
        *book.finding("no_potential", "with a potential of 0", "potential", nothing),
        *book.finding("potential_outlier", "with a potential far from all others", "potential", odd),
        *book.finding("over_potential", "with more revenue last year than potential", "revenue_last_year", over),
    ]


def _stages(book: Book, _: Scenario) -> list[Finding]:
    """A stage without an amount of open pipeline says nothing about a hand-over."""
    stage, amount = book.accounts.pipeline_stage, book.accounts.open_pipeline
    empty = [at for at, name in enumerate(stage) if name and not amount[at] > 0.0]
    return book.finding("stage_alone", "with a pipeline stage but no open pipeline", "pipeline_stage", empty)


def _outlying(values: Floats) -> Bools:
    """True beyond five robust standard deviations (median and median absolute deviation) from the median."""
    if len(values) < 20:
        return np.zeros(len(values), dtype=np.bool_)
    off = np.abs(values - np.median(values))
    beyond: Bools = off > _SPREAD * max(1.4826 * float(np.median(off)), 0.1)
    return beyond


def _owners(book: Book, _: Scenario) -> list[Finding]:
    """Owners who are no rep, by id or by name, and accounts without an owner where others have one."""
    owners = book.accounts.owner
    if not any(owners):
        return []
    known = {rep.id for rep in book.reps} | {rep.name for rep in book.reps}
    orphans = [at for at, owner in enumerate(owners) if owner and owner not in known]
    who = ", ".join(f"'{owner}'" for owner in sorted({owners[at] for at in orphans})[:3])
    unowned = [at for at, owner in enumerate(owners) if not owner]
    return [
        *book.finding("orphan_owner", f"with an owner who is no rep ({who})", "owner", orphans),
        *book.finding("no_owner", "without an owner", "owner", unowned),
    ]


def _parents(book: Book, _: Scenario) -> list[Finding]:
    """Parents may be ids, names, or a family's own key: then at least two accounts share it."""
    parents = book.accounts.parent
    known = {*book.accounts.ids, *book.accounts.name, *(parents[at] for at in _repeated(parent or None for parent in parents))}
    lost = [at for at, parent in enumerate(parents) if parent and parent not in known]
    return book.finding("unknown_parent", "with a parent that is neither an account nor shared with another", "parent", lost)


def _hours(book: Book, scenario: Scenario) -> list[Finding]:
    """Accounts that no shift of the quarter's first three weeks finds open."""
    from_s = min(rep.shift_start_s for rep in book.reps)
    to_s = max(rep.shift_end_s for rep in book.reps)
    days = scenario.working_days(0)[:15]
    shut = {
        text
        for text in sorted(set(book.accounts.opens))
        if days and not any(b >= from_s and a <= to_s for day in days for a, b in windows(text, day, scenario.country))
    }
    closed = [at for at, text in enumerate(book.accounts.opens) if text in shut]
    return book.finding("never_open", "never open during a shift", "opens", closed)


def _visits(book: Book, scenario: Scenario) -> list[Finding]:
    """More visits than days, and more visiting time than the team has."""
    accounts, days = book.accounts, len(scenario.working_days(0))
    often = book.finding(
        "daily_visits", f"with more visits due than the {days} working days", "visits", _over(accounts.visits, days)
    )
    needed, there = visiting_hours(accounts), working_hours(scenario, book.reps)
    if needed <= there:
        return often
    message = f"visits due take {needed:,.0f} hours without travel, the team has {there:,.0f}"
    return [*often, Finding("overbooked", message, book.file, None, "visits", "fewer visits by tier, or more reps")]


def _over(values: Ints, limit: int) -> Ints:
    return np.flatnonzero(values > limit).astype(np.int64)


def visiting_hours(accounts: Accounts) -> float:
    """Hours that the quarter's due visits take, travel apart."""
    return float(accounts.visits @ accounts.visit_minutes) / 60.0


def working_hours(scenario: Scenario, reps: tuple[Rep, ...]) -> float:
    """Hours of the team's shifts in the quarter, less breaks and office work."""
    lunch_s = scenario.day.lunch.duration_s if scenario.day.lunch else 0
    off_s = lunch_s + scenario.day.admin_minutes * 60.0
    a_day = sum(rep.capacity * (rep.shift_end_s - rep.shift_start_s - off_s) for rep in reps)
    return len(scenario.working_days(0)) * a_day / 3600.0


def _reps(book: Book, scenario: Scenario) -> list[Finding]:
    """Reps who start after the quarter."""
    late = [rep.id for rep in book.reps if rep.start and rep.start > scenario.end]
    return [Finding("late_rep", f"start after the quarter: {', '.join(late)}", "reps", None, "start")] if late else []
