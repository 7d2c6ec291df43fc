"""What a scenario and its designs amount to in numbers, and what they rest on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
from pydantic import BaseModel

from fieldsim.model import Accounts, Design, Scenario
from fieldsim.scenario.accounts import PRECISIONS
from fieldsim.scenario.locks import bound_accounts
from fieldsim.scenario.settings import Settings
from fieldsim.scenario.suspicions import visiting_hours, working_hours


def summary(scenario: Scenario, design: Design, current: Design | None) -> dict[str, object]:
    """A design in numbers; `moved` counts accounts whose rep differs from `current`'s."""
    sizes = np.bincount(design.territory_of, minlength=len(design.territories))
    potential = np.bincount(design.territory_of, scenario.accounts.potential, len(design.territories))
    return {
        "design": design.name,
        "territories": len(design.territories),
        "vacant": int((design.rep_of < 0).sum()),
        "accounts_least": int(sizes.min()),
        "accounts_most": int(sizes.max()),
        "potential_imbalance": round(float(np.ptp(potential) / potential.mean()), 4) if potential.any() else None,
        "moved": None if current is None else int((design.owner != current.owner).sum()),
        "families_split": _families_split(scenario.accounts, design),
        "overlays": len(design.overlays),
    }


def _families_split(accounts: Accounts, design: Design) -> int:
    """Families (a parent and its accounts) that lie in more than one territory."""
    territory = design.territory_of.tolist()
    of_id = dict(zip(accounts.ids, territory, strict=True))
    families: dict[str, set[int]] = {}
    for parent, at in zip(accounts.parent, territory, strict=True):
        if parent:
            families.setdefault(parent, {of_id.get(parent, at)}).add(at)
    return sum(len(found) > 1 for found in families.values())


def counts(scenario: Scenario, designs: int) -> dict[str, int]:
    """How much there is of everything."""
    accounts = scenario.accounts
    return {
        "accounts": len(accounts),
        "reps": len(scenario.reps),
        "designs": designs,
        "history_rows": len(scenario.history["date"]) if scenario.history else 0,
        **({"locked_accounts": bound} if (bound := bound_accounts(accounts, scenario.locks)) else {}),
        "working_days": len(scenario.working_days(0)),
        "visits_due": int(accounts.visits.sum()),
        "visit_hours_due": round(visiting_hours(accounts)),
        "working_hours": round(working_hours(scenario, scenario.reps)),
        **{f"tier_{name}": accounts.tier.count(name) for name in scenario.tiers},
    }


def precision(accounts: Accounts) -> dict[str, int]:
    """Accounts by precision, those without a place apart."""
    placed = np.isfinite(accounts.lat + accounts.lon).tolist()
    found = Counter(word for word, known in zip(accounts.precision, placed, strict=True) if known)
    return {word: found[word] for word in PRECISIONS if found[word]}


def assumptions(scenario: Scenario) -> list[str]:
    """Worths that the tier table stands in for, and what the quarter's calendar rests on."""
    filled = Counter(column for _, column in scenario.accounts.assumed)
    last = list(scenario.tiers)[-1]
    words = {
        "tier": f"tier: '{last}' (the last of the table)",
        "potential": "potential: the tier's",
        "revenue_last_year": "revenue_last_year: the tier's revenue_share of the potential",
    }
    total = len(scenario.accounts)
    gaps = [f"{text}, for {filled[column]:,} of {total:,} accounts" for column, text in words.items() if filled[column]]
    off = sum(scenario.start <= day <= scenario.end and day.weekday() < 5 for day in scenario.holidays)
    told = "history.csv tells of visits and owners before the quarter; the rest of the opening position is drawn, not measured"
    opening = told if scenario.history else "no history.csv: the opening position is drawn, not measured"
    where = "-".join(filter(None, (scenario.country, scenario.region)))
    return [*gaps, f"public holidays of {where} on working days of the quarter: {off}", opening]


def shares(designs: Iterable[Design]) -> list[str]:
    """Who makes the visits of a specialist's share, where a design has any: those with a territory alone, the others jointly."""
    named: dict[bool, list[str]] = {False: [], True: []}
    for design in designs:
        seated = set(design.rep_of.tolist())
        for kind in sorted({overlay.rep in seated for overlay in design.overlays if overlay.visit_share > 0.0}):
            named[kind].append(design.name)
    words = {
        False: "visit_share of specialists without a territory: they go along with the owner",
        True: "visit_share of specialists who hold a territory: they make these visits in their own days, in the owner's place",
    }
    return [f"{words[kind]} ({', '.join(names)})" for kind, names in named.items() if names]


def defaults(settings: Settings) -> dict[str, object]:
    """Dotted keys that scenario.toml leaves out, with their values."""
    defaults: dict[str, object] = {}
    plain = settings.model_dump(mode="json")
    for name in type(settings).model_fields:
        section, values = getattr(settings, name), plain[name]
        if isinstance(section, BaseModel):
            left_out = {key: value for key, value in values.items() if key not in section.model_fields_set}
            defaults |= {f"{name}.{key}": value for key, value in left_out.items() if value not in (None, {})}
        elif name not in settings.model_fields_set and values not in (None, {}, ""):
            defaults[name] = values
    return defaults
