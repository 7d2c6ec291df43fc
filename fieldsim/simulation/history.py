"""What the user's history says about day one: last visit, goodwill after it, and since when the owner has been there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from fieldsim.model import Design, Floats, Scenario

Visit = tuple[float, str]
"""Day (before the start, negative) and rep."""


def opening_of(
    scenario: Scenario, current: Design, gap: Floats, goodwill: Floats, lift: Floats, p: Mapping[str, float]
) -> dict[str, Floats]:
    """Columns `visited`, `goodwill_then`, `tenure` by account; NaN where no held visit is on record.

    Goodwill starts at its level under today's service one interval before the first visit on record, fades and rises with each
    visit. Tenure counts from the first visit of today's owner after a predecessor's; without one on record it is drawn.
    """
    n = len(scenario.accounts)
    columns = {name: np.full(n, np.nan) for name in ("visited", "goodwill_then", "tenure")}
    for i, visits in _visits(scenario).items():
        columns["visited"][i] = visits[-1][0]
        days = np.array([visits[0][0] - min(float(gap[i]), 365.0), *(day for day, _ in visits)])
        g = float(goodwill[i])
        for left in np.exp2(-np.diff(days) / p["goodwill_half_life_days"]).tolist():
            g = g * left + lift[i] * (1.0 - g * left)
        columns["goodwill_then"][i] = g
        owner = int(current.owner[i])
        since = _since(visits, scenario.reps[owner].id) if owner >= 0 else None
        if since is not None:
            columns["tenure"][i] = since
    return columns


def _visits(scenario: Scenario) -> dict[int, list[Visit]]:
    """Held visits by account, in order of date; a visit counts as held unless an outcome says otherwise."""
    if scenario.history is None:
        return {}
    place = {account: i for i, account in enumerate(scenario.accounts.ids)}
    found: dict[int, list[Visit]] = {}
    h = scenario.history
    for day, rep, account, kind, outcome in zip(h["date"], h["rep"], h["account"], h["kind"], h["outcome"], strict=True):
        if (
            kind == "visit"
            and outcome in ("held", "", None)
            and isinstance(day, date)
            and account in place
            and day < scenario.start
        ):
            found.setdefault(place[str(account)], []).append((float((day - scenario.start).days) + 0.5, str(rep)))
    return {i: sorted(visits) for i, visits in sorted(found.items())}


def _since(visits: list[Visit], owner: str) -> float | None:
    """The first day of the owner's run after somebody else's last visit; None if the record shows no such change."""
    since = None
    for day, rep in reversed(visits):
        if rep != owner:
            return since
        since = day
    return None


def pipeline_of(scenario: Scenario) -> Floats:
    """Open pipeline by account from the history's opened, won and lost opportunities; zeros where it has none.

    Rows carry no opportunity's number: what was opened less what was closed since is open.
    """
    pipeline = np.zeros(len(scenario.accounts))
    if scenario.history is None:
        return pipeline
    place = {account: i for i, account in enumerate(scenario.accounts.ids)}
    h = scenario.history
    for account, kind, amount in zip(h["account"], h["kind"], h["amount"], strict=True):
        if account in place and isinstance(amount, float):
            sign = 1.0 if kind == "opened" else -1.0 if kind in ("deal", "lost") else 0.0
            i = place[str(account)]
            pipeline[i] = max(0.0, pipeline[i] + sign * amount)
    return pipeline
