"""The verdict and its reasons in sentences that a manager can repeat, every figure with its unit."""

from __future__ import annotations

from collections.abc import Mapping

from fieldsim.experiment.comparison import Comparison, Difference, turned
from fieldsim.kpi import kpi as entry

MONEY = frozenset({"contribution", "revenue", "handover_loss", "deal_size", "acquisition_cost", "pipeline", "velocity"})
SHARES = frozenset(
    {"coverage", "attainment", "selling_share", "travel_share", "plan_share", "prob_quota", "prob_plan", "win_rate"}
)
_ROUNDS_TO_NOTHING = 0.5


def summary(comparison: Comparison) -> str:
    """One sentence: what is best, by how much, how sure; or what is not shown."""
    span = _span(comparison)
    if len(comparison.names) == 1:
        return f"Over {span}, {comparison.names[0]} {_level(comparison)}."
    if comparison.best.design is None:
        return f"{_listed(comparison.names)} are the same design: no difference."
    best, against = comparison.best.design, rival(comparison)
    found = comparison.difference(against, best, comparison.best.by)
    if found.verdict != "better":
        return _not_shown(comparison, found, span)
    amount, sure = _amount(comparison, found), _sure(comparison)
    if best == comparison.current:
        return f"Keep {best}: over {span}, it is better than {against} by {amount}{sure}{_but_for_handover(comparison, against)}."
    net = ", net of the hand-over" if comparison.current else ""
    return f"Over {span}, {best} is better than {against} by {amount}{sure}{net}."


def _level(comparison: Comparison) -> str:
    by = comparison.best.by
    figure = comparison.designs[0].kpis[by]
    return f"has {words(by)} of {plain_figure(comparison, by, figure.mean or 0.0)}"


def rival(comparison: Comparison) -> str:
    """Whom the best is measured against: the design in force, else the closest rival; the closest if the best is in force."""
    best = comparison.best.design
    others = [n for n in comparison.names if n != best and best not in (comparison.design(n).same_as, n)]
    others = [n for n in others if comparison.design(best or "").same_as != n]
    if comparison.current in others:
        return str(comparison.current)
    sign = comparison.directions[comparison.best.by]
    return max(others, key=lambda name: sign * (comparison.design(name).kpis[comparison.best.by].mean or 0.0))


def _not_shown(comparison: Comparison, found: Difference, span: str) -> str:
    smallest = comparison.smallest_difference_shown["value"]
    assert isinstance(smallest, float)
    if smallest == 0.0:
        return f"Over {span}, {found.b} and {found.a} have the same {words(found.kpi)} in every replication."
    least = plain_figure(comparison, found.kpi, smallest, change=True)
    return (
        f"Over {span}, no difference in {words(found.kpi)} is shown between {found.b} and {found.a} "
        f"with {comparison.replications} replications; one of {least} or more would have been."
    )


def _amount(comparison: Comparison, found: Difference) -> str:
    """The difference with its interval, for money also as a share of revenue."""
    of = "in" if entry(found.kpi).unit == "share" else "of"
    text = f"{plain_figure(comparison, found.kpi, abs(found.mean or 0.0), change=True)} {of} {words(found.kpi)}"
    lo, hi = sorted((abs(found.lo or 0.0), abs(found.hi or 0.0)))
    inside = [f"95 % interval {_bare(found.kpi, lo)} to {_bare(found.kpi, hi)}"]
    revenue = comparison.design(found.a).kpis.get("revenue")
    if entry(found.kpi).unit == "money" and revenue and revenue.mean:
        inside.insert(0, f"{100.0 * abs(found.mean or 0.0) / revenue.mean:.1f} % of revenue")
    return f"{text} ({', '.join(inside)})"


def _sure(comparison: Comparison) -> str:
    chance = comparison.best.probability
    if chance is None or len(comparison.names) < 3:
        return ""
    text = "more than 99 %" if chance > 0.99 else f"{100.0 * chance:.0f} %"
    return f", and it is the best of the {len(comparison.names)} with a probability of {text}"


def _but_for_handover(comparison: Comparison, other: str) -> str:
    """Said where the rival would have won had no account paid for changing hands."""
    by, best = comparison.best.by, comparison.best.design or ""
    for each in comparison.gross_differences:
        if each.kpi == by and {each.a, each.b} == {other, best}:
            gross = each if each.b == other else turned(each)
            if gross.verdict == "better":
                ahead = plain_figure(comparison, by, abs(gross.mean or 0.0), change=True)
                return f"; without the hand-over {other} would be ahead by {ahead}"
    return ""


def why(comparison: Comparison, a: str, b: str) -> list[str]:
    """What makes b's contribution differ from a's, one sentence a cause, the largest sums first explained."""
    if comparison.difference(a, b, "contribution").reason == "the same design":
        return [f"{a} and {b} are the same design: no difference."]
    parts = [_head(comparison, a, b), *_revenue(comparison, a, b), *_travel(comparison, a, b), *_reps(comparison, a, b)]
    return [*parts, *_handover(comparison, a, b), *_service(comparison, a, b)]


def _change(comparison: Comparison, a: str, b: str, kpi: str) -> float | None:
    try:
        return comparison.difference(a, b, kpi).mean
    except KeyError:
        return None


def _head(comparison: Comparison, a: str, b: str) -> str:
    found = comparison.difference(a, b, "contribution")
    mean = found.mean or 0.0
    verb = "earns" if mean >= 0.0 else "loses"
    amount = f"{plain_figure(comparison, 'contribution', abs(mean))} {'more' if mean >= 0.0 else 'of'} contribution"
    mark = "" if found.verdict != "not shown" else ", which is too little to be told from chance"
    return f"Over {_span(comparison)}, {b} {verb} {amount} {'than' if mean >= 0.0 else 'against'} {a}{mark}."


def _revenue(comparison: Comparison, a: str, b: str) -> list[str]:
    """Revenue by where it comes from, and what is left of it at the margin."""
    revenue, orders = _change(comparison, a, b, "revenue"), _change(comparison, a, b, "orders")
    if revenue is None:
        return []
    inside = ""
    if orders is not None:
        inside = f" ({_signed(comparison, orders)} from running orders, {_signed(comparison, revenue - orders)} from deals)"
    rate, worth = f"{100 * comparison.margin:.0f} %", _signed(comparison, comparison.margin * revenue)
    return [f"Revenue changes by {_signed(comparison, revenue)}{inside}; at a margin of {rate} that is {worth}."]


def _travel(comparison: Comparison, a: str, b: str) -> list[str]:
    km, hours, cost = (_change(comparison, a, b, kpi) for kpi in ("distance_km", "travel_hours", "travel_cost"))
    if km is None or hours is None or cost is None:
        return []
    driven = f"{number(abs(km))} km {_more(km)} driving and {number(abs(hours))} h {_more(hours)} on the road"
    return [f"There is {driven}; in travel cost that is {_signed(comparison, -cost)}."]


def _more(value: float) -> str:
    return "less" if value < 0.0 else "more"


def _reps(comparison: Comparison, a: str, b: str) -> list[str]:
    cost = _change(comparison, a, b, "rep_cost")
    if cost is None or abs(cost) < _ROUNDS_TO_NOTHING:
        return []
    return [f"The reps cost {number(abs(cost))} {comparison.currency} {_more(cost)}: {_signed(comparison, -cost)}."]


def _handover(comparison: Comparison, a: str, b: str) -> list[str]:
    """What the difference would be if no account paid for changing hands on day one."""
    moved = _change(comparison, a, b, "disrupted_accounts")
    net = _change(comparison, a, b, "contribution")
    gross = next((d for d in comparison.gross_differences if {d.a, d.b} == {a, b} and d.kpi == "contribution"), None)
    if gross is None or gross.mean is None or net is None:
        return []
    without = gross.mean if gross.a == a else -gross.mean
    paid = net - without
    if abs(paid) < _ROUNDS_TO_NOTHING:
        return []
    who = "account changes" if moved is not None and round(abs(moved)) == 1 else "accounts change"
    count = f"{abs(moved):.0f} {'more' if moved > 0.0 else 'fewer'} {who} hands on day one" if moved else "Hand-over"
    bare = f"without it the difference would be {_signed(comparison, without)}"
    return [f"{count}: {_signed(comparison, paid)}, already counted above; {bare}."]


def _service(comparison: Comparison, a: str, b: str) -> list[str]:
    """Coverage of the visits due, attainment of the team's quota, and accounts lost."""
    lines = []
    for kpi, what in (("coverage", "Coverage of the visits due"), ("attainment", "Attainment of the team's quota")):
        first, second = comparison.design(a).kpis.get(kpi), comparison.design(b).kpis.get(kpi)
        if first and second and first.mean is not None and second.mean is not None:
            lines.append(f"{what}: {100 * first.mean:.1f} % under {a}, {100 * second.mean:.1f} % under {b}.")
    lost = _change(comparison, a, b, "churned_accounts")
    if lost is not None and abs(lost) >= 0.5:
        lines.append(f"{abs(lost):.1f} {'more' if lost > 0 else 'fewer'} accounts are lost.")
    return lines


def assumed(comparison: Comparison) -> list[str]:
    """Assumptions that would flip the verdict, those that move it most, what was looked at, and what a plan's luck comes to."""
    lines = [_flip(comparison, each) for each in comparison.assumptions_that_flip_it]
    moving = [
        f"{words(str(each['assumption']))} ({_plain_figure_of(comparison, each['moves_lead_by'])})"
        for each in comparison.assumptions_that_move_it
    ]
    if moving:
        lines.append(f"Over the whole of their ranges, these assumptions move the lead most: {', '.join(moving)}.")
    looked = f"{comparison.assumptions_reason[:1].upper()}{comparison.assumptions_reason[1:]}."
    return [*lines, looked, *_plan_luck(comparison)]


def _plan_luck(comparison: Comparison) -> list[str]:
    """How far the deciding difference moves when only the planner's seed does."""
    by = comparison.best.by
    noise = [each.plan_noise for each in comparison.differences if each.kpi == by and each.plan_noise]
    if comparison.plan_noise_reason and len(comparison.names) > 1:
        return [f"How much of a difference is a plan's own luck is not known: {comparison.plan_noise_reason}."]
    if not noise:
        return []
    moved = f"{plain_figure(comparison, by, max(noise), change=True)} of {words(by)}"
    return [
        f"Planned with other seeds, two designs' difference moves by {moved} (standard deviation); every interval holds that."
    ]


def _flip(comparison: Comparison, flip: Mapping[str, object]) -> str:
    """One flipping assumption: its value, the one at which another design would be ahead, and by how much."""
    name, unit = words(str(flip["assumption"])), str(flip["unit"])
    ahead = _plain_figure_of(comparison, flip["by"])
    sure = "" if flip["shown"] else ", though chance could explain that"
    values = f"{float(str(flip['at'])):g} in place of {float(str(flip['value'])):g} ({unit})"
    return f"With {name} at {values}, {flip['better']} would be ahead by {ahead}{sure}."


def _plain_figure_of(comparison: Comparison, value: object) -> str:
    return plain_figure(comparison, comparison.best.by, float(str(value)), change=True)


def words(kpi: str) -> str:
    """A KPI's name as people say it."""
    return kpi.replace("_", " ")


def number(value: float) -> str:
    """A number with spaces between thousands, one decimal below a hundred."""
    return f"{value:,.{0 if abs(value) >= 100 else 1}f}".replace(",", " ").replace("-", "\u2212")


def _bare(kpi: str, value: float) -> str:
    return f"{100.0 * value:.1f}" if entry(kpi).unit == "share" else number(value)


def plain_figure(comparison: Comparison, kpi: str, value: float, *, change: bool = False) -> str:
    """A figure with its unit; changes of shares are percentage points."""
    unit = entry(kpi).unit.replace("money", comparison.currency)
    if unit == "share":
        unit = "points" if change else "%"
    return f"{_bare(kpi, value)} {unit}"


def _signed(comparison: Comparison, value: float) -> str:
    sign = "+" if value > 0.0 else "\u2212" if value < 0.0 else ""
    return f"{sign}{number(abs(value))} {comparison.currency}"


def _span(comparison: Comparison) -> str:
    count = comparison.horizon
    return f"{'one quarter' if count == 1 else f'{count} quarters'} ({comparison.first_day} to {comparison.last_day})"


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
