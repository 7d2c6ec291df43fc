"""KPIs from a log, simulated or actual, by one formula each; nothing else in the house computes a KPI."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fieldsim.errors import UsageError
from fieldsim.model import LEDGER_KINDS, OUTCOMES, Bools, Floats, Ints, Quarter, Scenario
from fieldsim.simulation import parameters

HELD = OUTCOMES.index("held")
ORDER, OPENED, DEAL, LOST, CHURN, HANDOVER = range(len(LEDGER_KINDS))
PAID = ("travel", "wait", "visit", "admin", "idle")
VACANT = "(vacant)"
"""Name of the vacant seats, taken together, among the reps."""


@dataclass(frozen=True)
class Kpi:
    """A KPI's name, unit, better direction (1 higher, -1 lower, 0 neither) and formula."""

    name: str
    unit: str
    direction: int
    formula: str


def _table(path: Path) -> dict[str, Kpi]:
    return {name: Kpi(name, **facts) for name, facts in tomllib.loads(path.read_text(encoding="utf-8")).items()}


KPIS = _table(Path(__file__).with_suffix(".toml"))
"""Every KPI; `coverage_TIER` beside `coverage` is the same over a tier's accounts."""
DIRECTIONS = {name: kpi.direction for name, kpi in KPIS.items()}


def kpi(name: str) -> Kpi:
    """The entry of a KPI, coverage by tier included."""
    if name not in KPIS and name.startswith("coverage_"):
        return Kpi(name, "share", 1, f"coverage over accounts of tier {name.removeprefix('coverage_')}")
    return KPIS[name]


class Cut(NamedTuple):
    """A log up to a day."""

    days: int
    quarters: int
    visits: dict[str, Ints]
    minutes: dict[str, Floats]
    ledger: dict[str, Floats]
    quotas: dict[str, Floats]
    due: dict[str, Ints]


def cut_log(quarter: Quarter, scenario: Scenario, until_day: int | None = None) -> Cut:
    """The log of the quarters that end by `until_day` (all by default); a day that ends no quarter is a UsageError."""
    days = quarter.days if until_day is None else until_day
    ends = [0]
    while ends[-1] < days:
        ends.append((scenario.quarter(len(ends) - 1)[1] - scenario.start).days + 1)
    if ends[-1] != days or not 0 < days <= quarter.days:
        raise UsageError(f"day {days} is not the end of a simulated quarter")
    quarters = len(ends) - 1

    def rows(table: object, keep: Bools) -> dict[str, npt.NDArray[np.generic]]:
        whole = bool(keep.all())  # most often: then nothing is copied
        return {name: column if whole else column[keep] for name, column in table.items()}  # type: ignore[attr-defined]

    return Cut(
        days,
        quarters,
        rows(quarter.visits, quarter.visits["date"] < days),  # type: ignore[arg-type, operator]
        rows(quarter.minutes, quarter.minutes["date"] < days),  # type: ignore[arg-type, operator]
        rows(quarter.ledger, quarter.ledger["time"] <= days),  # type: ignore[arg-type, operator]
        rows(quarter.quotas, quarter.quotas["quarter"] < quarters),  # type: ignore[arg-type, operator]
        rows(quarter.due, quarter.due["quarter"] < quarters),  # type: ignore[arg-type, operator]
    )


def measure(quarter: Quarter, scenario: Scenario, *, until_day: int | None = None) -> dict[str, float]:
    """Every KPI of the team; NaN where a KPI is undefined (no deal, no such account)."""
    cut = cut_log(quarter, scenario, until_day)
    found = {
        **_coverage(cut, scenario),
        **_time(cut),
        **_attainment(cut),
        **_money(cut),
        **_deals(cut),
        **_fairness(cut, scenario),
    }
    cost = _rep_cost(quarter, scenario, cut.days)
    found["rep_cost"] = float(cost.sum())
    found["travel_cost"] = scenario.rates.travel_cost_per_km * found["distance_km"]
    found.update(_managers(cut, scenario))
    earned = scenario.rates.margin * found["revenue"]
    found["contribution"] = earned - found["rep_cost"] - found["travel_cost"] - found["manager_cost"]
    found["acquisition_cost"] = _acquisition(cut, scenario, cost)
    order = [*(name for name in found if name.startswith("coverage")), *(name for name in KPIS if name != "coverage")]
    return {name: float(found[name]) for name in order}


def _ratio(top: float, bottom: float) -> float:
    return float(top) / float(bottom) if bottom else float("nan")


def _visited(cut: Cut, accounts: int) -> tuple[Ints, Ints, Ints]:
    """Held, due and planned visits by account over the horizon."""
    held = np.bincount(cut.visits["account"][cut.visits["outcome"] == HELD], minlength=accounts)
    due = np.bincount(cut.due["account"], weights=cut.due["due"], minlength=accounts)
    planned = np.bincount(cut.due["account"], weights=cut.due["planned"], minlength=accounts)
    return held.astype(np.int64), due.astype(np.int64), planned.astype(np.int64)


def _coverage(cut: Cut, scenario: Scenario) -> dict[str, float]:
    held, due, planned = _visited(cut, len(scenario.accounts))
    done, tiers = np.minimum(held, due), np.array(scenario.accounts.tier)
    by_tier = {f"coverage_{tier}": _ratio(done[tiers == tier].sum(), due[tiers == tier].sum()) for tier in sorted(scenario.tiers)}
    whole = {"coverage": _ratio(done.sum(), due.sum()), "visits": float(held.sum())}
    return {**whole, **by_tier, "plan_share": _ratio(np.minimum(planned, due).sum(), due.sum())}


def _time(cut: Cut) -> dict[str, float]:
    total = {name: float(column.sum()) for name, column in cut.minutes.items()}
    paid = sum(total[name] for name in PAID)
    return {
        **{f"{name}_hours": total[name] / 60.0 for name in ("travel", "wait", "admin", "idle")},
        "selling_hours": total["visit"] / 60.0,
        "distance_km": total["distance_m"] / 1000.0,
        "overtime_days": float((cut.minutes["overtime"] > 0.0).sum()),
        "selling_share": _ratio(total["visit"], paid),
        "travel_share": _ratio(total["travel"], paid),
    }


def _by_rep(rep: Ints, amount: npt.NDArray[np.generic], reps: int) -> Floats:
    """Sums by rep; the last entry is the vacant seats'."""
    return np.bincount(np.where(rep < 0, reps, rep), weights=amount, minlength=reps + 1).astype(np.float64)


def _credits(cut: Cut) -> tuple[Floats, Floats, Ints]:
    """Quota-credited revenue, quota and seats by rep, vacant seats last."""
    ledger, quotas = cut.ledger, cut.quotas
    reps = int(max([-1, *ledger["rep"].tolist(), *quotas["rep"].tolist()])) + 1
    credit = _by_rep(ledger["rep"], ledger["amount"] * ledger["quota_credit"], reps)  # type: ignore[arg-type]
    quota = _by_rep(quotas["rep"], quotas["quota"], reps)  # type: ignore[arg-type]
    first = quotas["quarter"] == 0
    return credit, quota, _by_rep(quotas["rep"][first], np.ones(int(first.sum())), reps).astype(np.int64)


def _attainment(cut: Cut) -> dict[str, float]:
    credit, quota, seats = _credits(cut)
    counted = quota > 0.0
    own = np.repeat(credit[counted] / quota[counted], seats[counted])
    team = _ratio(credit.sum(), quota.sum())
    spread = np.quantile(own, [0.1, 0.5, 0.9]) if len(own) else np.full(3, np.nan)
    return {
        "attainment": team,
        "attainment_rep_mean": float(own.mean()) if len(own) else float("nan"),
        **{f"attainment_rep_p{p}": float(value) for p, value in zip((10, 50, 90), spread, strict=True)},
        "prob_quota": _ratio((own >= 1.0).sum(), len(own)),
        "prob_plan": float(team >= 1.0),
    }


def _money(cut: Cut) -> dict[str, float]:
    kind, amount = cut.ledger["kind"], cut.ledger["amount"]
    booked = amount * cut.ledger["revenue_share"]
    return {
        "revenue": float(booked[(kind == ORDER) | (kind == DEAL)].sum()),
        "orders": float(booked[kind == ORDER].sum()),
        "churned_accounts": float((kind == CHURN).sum()),
        "disrupted_accounts": float(len(np.unique(cut.ledger["account"][kind == HANDOVER]))),
        "handover_loss": float(amount[kind == HANDOVER].sum()),
    }


def _deals(cut: Cut) -> dict[str, float]:
    """Opportunities, each once however many share it: (account, number) names one."""
    ledger = cut.ledger
    names = ledger["account"].astype(np.int64) * 2**40 + ledger["opportunity"].astype(np.int64)

    def once(kind: int) -> tuple[Ints, Floats, Floats]:
        name, row = np.unique(names[ledger["kind"] == kind], return_index=True)
        return name, ledger["time"][ledger["kind"] == kind][row], ledger["amount"][ledger["kind"] == kind][row]

    opened, opened_at, size = once(OPENED)
    won, won_at, amount = once(DEAL)
    lost, lost_at, _ = once(LOST)
    closed_at = np.full(len(opened), float(cut.days))
    closed_at[np.searchsorted(opened, won)], closed_at[np.searchsorted(opened, lost)] = won_at, lost_at
    still = ~np.isin(opened, np.concatenate([won, lost]))
    rate, mean = _ratio(len(won), len(won) + len(lost)), _ratio(amount.sum(), len(won))
    cycle = _ratio((won_at - opened_at[np.searchsorted(opened, won)]).sum(), len(won))
    standing = float((closed_at - np.maximum(opened_at, 0.0)).sum()) / cut.days
    velocity = standing * rate * _ratio(mean, cycle)
    counts = {"deals": float(len(won)), "deal_size": mean, "win_rate": rate, "cycle_days": cycle}
    return {**counts, "pipeline": float(size[still].sum()), "velocity": velocity}


def _fairness(cut: Cut, scenario: Scenario) -> dict[str, float]:
    first = cut.due["quarter"] == 0
    seats = cut.quotas["territory"][cut.quotas["territory"] >= 0].astype(np.int64)
    needed = np.bincount(seats, weights=cut.quotas["needed_s"][cut.quotas["territory"] >= 0])
    potential = np.bincount(
        cut.due["territory"][first], weights=scenario.accounts.potential[cut.due["account"][first]], minlength=len(needed)
    )
    return {"potential_imbalance": _spread(potential), "workload_imbalance": _spread(needed)}


def _spread(values: npt.NDArray[np.number[Any]]) -> float:
    return _ratio(values.max() - values.min(), values.sum() / len(values)) if len(values) else float("nan")


def _rep_cost(quarter: Quarter, scenario: Scenario, days: int) -> Floats:
    """Cost of each rep over the days they sit in any seat."""
    cost = np.zeros(len(scenario.reps))
    present = np.zeros((len(scenario.reps), days), dtype=np.bool_)
    seats = quarter.seats
    for rep, start, end in zip(seats["rep"].tolist(), seats["from_day"].tolist(), seats["to_day"].tolist(), strict=True):
        if rep >= 0:
            present[rep, start : min(end, days)] = True
    for k, rep in enumerate(scenario.reps):
        cost[k] = rep.cost_per_year * present[k].sum() / 365.0
    return cost


def manager_hour(scenario: Scenario) -> float:
    """What an hour of a manager costs."""
    p, wages = parameters(scenario), [rep.cost_per_year for rep in scenario.reps]
    return p["manager_cost_ratio"].value * sum(wages) / max(1, len(wages)) / p["manager_year_hours"].value


def _managers(cut: Cut, scenario: Scenario) -> dict[str, float]:
    """Time and cost of the visits that managers hold in the place of vacant seats: those without a rep."""
    mine = cut.visits["rep"] < 0
    if not mine.any():
        return {"manager_hours": 0.0, "manager_cost": 0.0}
    seconds, metres = (float(cut.visits[name][mine].sum()) for name in ("travel_s", "distance_m"))
    hours = (seconds + float((cut.visits["leave_s"] - cut.visits["arrive_s"])[mine].sum())) / 3600.0
    driving = metres / 1000.0 * scenario.rates.travel_cost_per_km
    return {"manager_hours": hours, "manager_cost": hours * manager_hour(scenario) + driving}


def _acquisition(cut: Cut, scenario: Scenario, cost: Floats) -> float:
    new = scenario.accounts.revenue_last_year == 0.0
    bought = np.unique(cut.ledger["account"][cut.ledger["kind"] == DEAL]).astype(np.int64)
    paid = np.bincount(cut.minutes["rep"].astype(np.int64), weights=sum(cut.minutes[name] for name in PAID), minlength=len(cost))
    a_minute = np.append(np.divide(cost, paid, out=np.zeros_like(cost), where=paid > 0.0), manager_hour(scenario) / 60.0)
    seen = new[cut.visits["account"]]
    visit = {name: column[seen] for name, column in cut.visits.items()}
    minutes = (visit["travel_s"] + np.maximum(0, visit["leave_s"] - visit["arrive_s"])) / 60.0
    spent = (minutes * a_minute[visit["rep"]]).sum() + visit["distance_m"].sum() / 1000.0 * scenario.rates.travel_cost_per_km
    return _ratio(spent, new[bought].sum())


def measure_reps(quarter: Quarter, scenario: Scenario, *, until_day: int | None = None) -> dict[str, dict[str, float]]:
    """Figures by rep id; vacant seats together as `VACANT`.

    attainment, attainment_equal (against an equal split of the team's quota), revenue, travel_hours, coverage, visits,
    selling_share. An account counts for whoever has its seat on day one.
    """
    cut = cut_log(quarter, scenario, until_day)
    credit, quota, seats = _credits(cut)
    reps = len(credit) - 1
    revenue = _by_rep(cut.ledger["rep"], cut.ledger["amount"] * cut.ledger["revenue_share"], reps)  # type: ignore[arg-type]
    equal = quota.sum() * seats / max(1, seats.sum())
    total = {name: _by_rep(cut.minutes["rep"].astype(np.int64), column, reps) for name, column in cut.minutes.items()}
    paid = sum((total[name] for name in PAID), np.zeros(reps + 1))
    held, due, _ = _visited(cut, len(scenario.accounts))
    seat = cut.quotas["rep"][(cut.quotas["quarter"] == 0) & (cut.quotas["territory"] >= 0)].astype(np.int64)
    owner = seat[cut.due["territory"][cut.due["quarter"] == 0]]
    done, wanted = (_by_rep(owner, x, reps) for x in (np.minimum(held, due), due))
    visits = _by_rep(cut.visits["rep"], (cut.visits["outcome"] == HELD).astype(np.float64), reps)
    names = [*(rep.id for rep in scenario.reps[:reps]), VACANT]
    return {
        names[k]: {
            "attainment": _ratio(credit[k], quota[k]),
            "attainment_equal": _ratio(credit[k], equal[k]),
            "revenue": float(revenue[k]),
            "travel_hours": float(total["travel"][k]) / 60.0,
            "coverage": _ratio(done[k], wanted[k]),
            "visits": float(visits[k]),
            "selling_share": _ratio(total["visit"][k], paid[k]),
        }
        for k in np.flatnonzero(seats).tolist()
    }
