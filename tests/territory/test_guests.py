"""Specialists' own visits: off the owner where the specialist has a territory, and onto the specialist's seat."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.model import Design, Overlay, Rule, Scenario
from fieldsim.planning.rhythm import due_visits
from fieldsim.planning.sharing import book_of
from fieldsim.territory import Wishes, cost_curve, design_territories, explain_design, seats_needed
from fieldsim.territory.balanced import task_of
from fieldsim.territory.bound import lower_bound
from fieldsim.territory.guests import guests_of
from fieldsim.territory.rounds import found
from fieldsim.territory.routed import routed_hours
from fieldsim.territory.seats import seats_of, working_hours
from fieldsim.territory.units import Brief
from fieldsim.turnover import hand_over


def shared(scenario: Scenario, rep: int, share: float, accounts: list[int]) -> Design:
    return replace(make_design(scenario), overlays=tuple(Overlay(i, rep, 0.0, 0.0, share) for i in accounts))


def others_of(scenario: Scenario, rep: int, count: int) -> list[int]:
    """Accounts that somebody else owns."""
    return np.flatnonzero(make_design(scenario).owner != rep)[:count].tolist()


def test_who_only_goes_along_takes_nothing_off_the_owner() -> None:
    scenario = make_scenario(60, 4)
    start = shared(scenario, 3, 0.5, others_of(scenario, 3, 10))
    alone = replace(start, rep_of=np.where(start.rep_of == 3, -1, start.rep_of))
    effort = task_of(scenario, make_travel(scenario), alone, Wishes()).market.effort
    plain = task_of(scenario, make_travel(scenario), replace(alone, overlays=()), Wishes()).market.effort
    assert effort.service.tolist() == plain.service.tolist()
    assert effort.travel.tolist() == plain.travel.tolist()
    assert effort.base is None
    assert effort.guest is None


def test_who_has_a_territory_takes_the_share_along_and_nothing_is_lost() -> None:
    scenario = make_scenario(60, 4)
    rows = others_of(scenario, 3, 10)
    start = shared(scenario, 3, 0.5, rows)
    task = task_of(scenario, make_travel(scenario), start, Wishes())
    effort, hours = task.market.effort, scenario.accounts.visits * scenario.accounts.visit_minutes / 60.0
    assert effort.guest is not None
    assert effort.service[rows] == pytest.approx(0.5 * hours[rows])
    seat = int(np.flatnonzero(task.seats.rep == 3)[0])
    assert effort.guest[seat] == pytest.approx(0.5 * hours[rows].sum())
    assert np.delete(effort.guest, seat).tolist() == [0.0, 0.0, 0.0]
    assert task.market.visited(start.territory_of).sum() == pytest.approx(hours.sum())


def test_the_same_seats_visit_as_in_the_plan() -> None:
    scenario = make_scenario(60, 4)
    rows = others_of(scenario, 2, 12)
    start = shared(scenario, 2, 0.5, rows)
    due = due_visits(scenario)
    guests = guests_of(seats_of(scenario, start), start)
    told = np.bincount(start.territory_of, due * guests.left(60), 4) + guests.sums(due[guests.account], 4)
    planned = [int(book_of(start, t, due).due.sum()) for t in range(4)]
    assert told == pytest.approx(planned, abs=0.5 * len(rows))
    assert told.sum() == pytest.approx(sum(planned))


def test_an_account_of_the_specialist_weighs_once() -> None:
    scenario = make_scenario(60, 4)
    row = others_of(scenario, 3, 1)[0]
    task = task_of(scenario, make_travel(scenario), shared(scenario, 3, 0.5, [row]), Wishes())
    plain = task_of(scenario, make_travel(scenario), make_design(scenario), Wishes())
    owner = make_design(scenario).territory_of.copy()
    seat = owner[row] = int(np.flatnonzero(task.seats.rep == 3)[0])
    for figures in ("driven", "visited"):
        one, two = (getattr(each.market, figures)(owner)[seat] for each in (task, plain))
        assert one == pytest.approx(two, abs=1e-5)


@pytest.mark.parametrize("strict", [False, True])
def test_a_guest_at_many_accounts_gets_a_smaller_book(strict: bool) -> None:
    scenario = make_scenario(160, 4, 3)
    start = shared(scenario, 3, 0.9, others_of(scenario, 3, 40))
    wishes = {"metrics": {"workload": 1.0}, "continuity": 0.0, "moves": 40_000, "strict": strict}
    travel = make_travel(scenario)
    made = design_territories(scenario, travel, start=start, **wishes)  # type: ignore[arg-type]
    plain = design_territories(scenario, travel, start=replace(start, overlays=()), **wishes)  # type: ignore[arg-type]
    assert len(made.book(3)) < len(plain.book(3))
    told = explain_design(scenario, travel, made, start, wishes=Wishes(metrics={"workload": 1.0}))
    assert told.metrics["imbalance_workload"] <= 0.1
    assert float(told.seats[3]["visits_hours"]) > float(
        (scenario.accounts.visits * scenario.accounts.visit_minutes)[made.book(3)].sum() / 60.0
    )


def test_as_many_seats_are_needed_whoever_makes_the_visits() -> None:
    scenario, travel = make_scenario(300, 3), make_travel(make_scenario(300, 3))
    start = shared(scenario, 2, 0.9, others_of(scenario, 2, 200))
    wishes = Wishes(metrics={"workload": 1.0})
    alone, together = (seats_needed(scenario, travel, each, wishes) for each in (replace(start, overlays=()), start))
    assert alone <= together <= alone + 1  # the specialist comes from further away


def test_a_design_that_stands_is_kept_beside_guests() -> None:
    scenario, travel = make_scenario(90, 3, 5), make_travel(make_scenario(90, 3, 5))
    start = shared(scenario, 2, 0.5, others_of(scenario, 2, 15))
    brief = Brief("made", start, None, (), Wishes(moves=20_000), 0, None)
    task, best = found(scenario, travel, brief)
    again = found(scenario, travel, replace(brief, start=best.design))[1]
    assert again.price <= best.price + 1e-6
    assert task.problem.units == 93
    assert lower_bound(task.problem).hours > 0.0


@pytest.mark.parametrize(
    ("method", "strict"),
    [(m, strict) for m in ("balanced", "hybrid", "rebalance") for strict in (False, True)] + [("nearest", False)],
)
def test_every_method_designs_beside_guests(method: str, strict: bool) -> None:
    scenario = make_scenario(60, 4)
    start = shared(scenario, 3, 0.5, others_of(scenario, 3, 10))
    if method == "hybrid":
        scenario = replace(scenario, rules=(Rule("all", {}, start.territories),))
    made = design_territories(scenario, make_travel(scenario), method, start=start, strict=strict, moves=5_000)
    assert made.overlays == start.overlays
    explain_design(scenario, make_travel(scenario), made, start)


@pytest.mark.parametrize("policy", ["balanced", "reoptimise"])
def test_a_taker_who_is_a_guest_elsewhere_takes_fewer_orphans(policy: str) -> None:
    scenario = make_scenario(120, 4, 2)
    start = make_design(scenario)
    rows = np.flatnonzero((start.owner != 3) & (start.owner != 0))[:40].tolist()
    busy = replace(start, overlays=tuple(Overlay(i, 3, 0.0, 0.0, 0.9) for i in rows))
    after, plain = (hand_over(scenario, make_travel(scenario), each, scenario.reps[0].id, policy) for each in (busy, start))
    assert len(after.book(3)) < len(plain.book(3))


def test_a_curve_starts_from_what_today_drives_and_counts_visits_as_a_guest() -> None:
    scenario = make_scenario(90, 3, 5)
    travel, start = make_travel(scenario), shared(scenario, 2, 0.5, others_of(scenario, 2, 15))
    now, *_ = cost_curve(scenario, travel, start, "moves", wishes=Wishes(moves=20_000), bound=False).points
    seats = seats_of(scenario, start)
    assert now.moved_accounts == 0
    routed = routed_hours(scenario, travel, start, seats)
    assert now.travel_hours == pytest.approx(routed.sum(), rel=1e-3)
    visits = float((scenario.accounts.visits * scenario.accounts.visit_minutes).sum()) / 60.0
    assert now.workload == pytest.approx(float((routed.sum() + visits) / working_hours(scenario, seats).sum()), rel=1e-3)
