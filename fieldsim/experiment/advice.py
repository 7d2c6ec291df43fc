"""The verdict of a stress test in sentences that can be written into a plan, every figure with its unit."""

from __future__ import annotations

from fieldsim.experiment.comparison import Difference
from fieldsim.experiment.handing import LEAVE_VACANT
from fieldsim.experiment.sentences import plain_figure, words
from fieldsim.experiment.stressed import Stress

KEPT_SHORT = 6
"""Reps listed by name; more are counted."""


def advice(stress: Stress) -> list[str]:
    """What turnover costs, what to do when somebody leaves, for whom something else, and until which vacancy to wait."""
    chosen = [_policy(stress), *_exceptions(stress)] if stress.departures["each"] else []
    return [line for line in (_cost(stress), *chosen, _break_even(stress), _managers(stress)) if line]


def _cost(stress: Stress) -> str:
    """What a departure costs under the best policy."""
    by, span = stress.comparison.best.by, _span(stress)
    per = stress.departures["per_replication"]
    assert isinstance(per, dict)
    name = stress.comparison.best.design or stress.policies[0]
    found = stress.cost[name].get(by) or {}
    mean, lo, hi = (found.get(part) for part in ("mean", "lo", "hi"))
    if not per["mean"] or mean is None or lo is None or hi is None:
        return f"Over {span}, no rep of design {stress.design} leaves, so that every policy is the same."
    sign = stress.comparison.directions[by]
    verb = "costs" if mean * sign < 0.0 else "saves"
    bounds = sorted((-sign * lo, -sign * hi)) if verb == "costs" else sorted((sign * lo, sign * hi))
    inside = " to ".join(plain_figure(stress.comparison, by, bound, change=True) for bound in bounds)
    amount = plain_figure(stress.comparison, by, abs(mean), change=True)
    count = round(float(per["mean"]), 1)
    left = f"{count:g} rep{'' if count == 1.0 else 's'} of design {stress.design} leave{'s' if count == 1.0 else ''}"
    return f"Over {span}, {left}; under {name} each departure {verb} {amount} of {words(by)} ({inside})."


def _policy(stress: Stress) -> str:
    """Which policy for the force as a whole."""
    comparison = stress.comparison
    best = comparison.best.design
    if len(stress.policies) == 1:
        return ""
    rivals = [name for name in stress.policies if name != best and best is not None and comparison.design(name).same_as is None]
    if best is None or not rivals:
        return f"{_listed(stress.policies)} come to the same: choose any of them."
    found = {name: _difference(stress, name, best) for name in rivals}
    beaten = [name for name in rivals if found[name].verdict == "better"]
    unclear = [name for name in rivals if name not in beaten]
    if not beaten:
        ahead = f"{_said(best)} is ahead by a figure that chance could explain."
        told = any(each.kpi == comparison.best.by and each.verdict != "not shown" for each in comparison.differences)
        none = "" if told else "No policy is shown to be better than another; "
        return f"{none}{ahead if none else ahead[:1].upper() + ahead[1:]}{_sure(stress)}"
    widest = LEAVE_VACANT if LEAVE_VACANT in beaten else beaten[0]
    gain = plain_figure(comparison, comparison.best.by, abs(found[widest].mean or 0.0), change=True)
    what = "leave the seat vacant" if best == LEAVE_VACANT else _handing(stress, best)
    than = f"{gain} better over {_span(stress)} than {_said(widest)}"
    if unclear:
        return f"{_said(best).capitalize()} is ahead ({than}), but not shown to be better than {_said(*unclear)}.{_sure(stress)}"
    return f"When somebody leaves, {what}: {than}."


def _sure(stress: Stress) -> str:
    """What is shown to be better than leaving the seat vacant, where the policy ahead is not."""
    best, names = stress.comparison.best.design, stress.policies
    if LEAVE_VACANT not in names or best in (None, LEAVE_VACANT) or _difference(stress, LEAVE_VACANT, best).verdict == "better":
        return ""
    found = [name for name in names if name != LEAVE_VACANT and _difference(stress, LEAVE_VACANT, name).verdict == "better"]
    return f" Shown to be better than leaving the seat vacant: {_listed(tuple(found))}." if found else ""


def _handing(stress: Stress, policy: str) -> str:
    """What to do under a policy."""
    return (
        f"let a manager look after the accounts ({policy})" if policy in stress.pooled else f"hand the accounts over by {policy}"
    )


def _said(*policies: str) -> str:
    """Policies as a sentence names them."""
    return _listed(tuple("leaving the seat vacant" if name == LEAVE_VACANT else name for name in policies))


def _difference(stress: Stress, a: str, b: str) -> Difference:
    return stress.comparison.difference(a, b, stress.comparison.best.by)


def _exceptions(stress: Stress) -> list[str]:
    """Reps for whom another policy is shown to be better."""
    best = stress.comparison.best.design
    other: dict[str, list[str]] = {}
    for row in stress.alone:
        if row.shown and best not in (row.policy, *row.equals):
            other.setdefault(row.policy, []).append(row.rep)
    lines = []
    for policy, reps in other.items():
        named = _listed(tuple(reps)) if len(reps) <= KEPT_SHORT else f"{len(reps)} reps"
        what = "leave the seat vacant" if policy == LEAVE_VACANT else _handing(stress, policy)
        lines.append(f"If it is {named}, {what} instead.")
    return lines


def _break_even(stress: Stress) -> str:
    found = stress.break_even
    if found.policy is None or not found.curve:
        return ""
    if found.weeks is None:
        return f"As to how long the seat stays empty: {found.reason}."
    lo = f"{found.lo:.0f}" if found.lo is not None else f"less than {found.curve[0]['weeks']:g}"
    hi = f"{found.hi:.0f}" if found.hi is not None else f"more than {found.curve[-1]['weeks']:g}"
    wait = f"If the seat will be filled within {found.weeks:.0f} weeks ({lo} to {hi}), leave it vacant"
    return f"{wait}; if later, use {found.policy}."


def _managers(stress: Stress) -> str:
    """What the policy ahead asks of managers."""
    comparison, best = stress.comparison, stress.comparison.best.design
    if best is None or best not in stress.pooled:
        return ""
    hours, cost = (comparison.design(best).kpis[kpi].mean or 0.0 for kpi in ("manager_hours", "manager_cost"))
    spent, paid = (plain_figure(comparison, kpi, x) for kpi, x in (("manager_hours", hours), ("manager_cost", cost)))
    return f"Under {best} managers spend {spent} over {_span(stress)} on visits for vacant seats; their cost, {paid}, is charged."


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _span(stress: Stress) -> str:
    count = stress.comparison.horizon
    return "one quarter" if count == 1 else f"{count} quarters"
