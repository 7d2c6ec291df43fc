"""Strict contiguity beside `balanced`: rules, few moves, hand-overs, splits and merges, by walks that share no code."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.errors import InfeasibleError, UsageError
from fieldsim.model import Accounts, Design, Rule, Scenario
from fieldsim.territory import Wishes, design_territories, explain_design, merge_territories, split_territory
from fieldsim.turnover import hand_over


def beside(accounts: Accounts, rows: list[int]) -> dict[int, set[int]]:
    """Those places among `rows` with no third in the circle between them and each, pair by pair."""
    y, x = np.radians(accounts.lat[rows]), np.radians(accounts.lon[rows])
    place = np.column_stack((np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)))
    away = ((place[:, None] - place[None]) ** 2).sum(axis=2)
    found: dict[int, set[int]] = {i: set() for i in rows}
    for k, i in enumerate(rows):
        for n, j in enumerate(rows[:k]):
            between = away[k] + away[n] <= away[k, n]
            between[[k, n]] = False
            if not between.any():
                found[i].add(j)
                found[j].add(i)
    return found


def pieces_of(graph: dict[int, set[int]], members: set[int]) -> list[set[int]]:
    """The members walked over, the largest piece first."""
    left, found = set(members), []
    while left:
        queue, seen = [min(left)], set()
        while queue:
            i = queue.pop()
            if i not in seen:
                seen.add(i)
                queue += [u for u in graph[i] if u in left]
        found.append(seen)
        left -= seen
    return sorted(found, key=len, reverse=True)


def apart(graph: dict[int, set[int]], owner: np.ndarray, rows: list[int]) -> int:
    """Accounts outside the largest piece of their territory."""
    parts = [pieces_of(graph, {i for i in rows if owner[i] == t}) for t in sorted({int(owner[i]) for i in rows})]
    return sum(len(piece) for part in parts for piece in part[1:])


def blocks(scenario: Scenario, seats: int) -> Design:
    """Territories in stripes from west to east, each in one piece or nearly."""
    order = np.argsort(np.argsort(scenario.accounts.lon))
    design = make_design(scenario)
    return replace(design, territory_of=(order * seats // len(order)).astype(np.int64))


@pytest.mark.parametrize(("method", "budget"), [("rebalance", 40), ("fewest", None)])
def test_few_strict_moves_leave_no_more_accounts_apart_than_today(method: str, budget: int | None) -> None:
    scenario = make_scenario(160, 4, seed=5)
    start, travel = blocks(scenario, 4), make_travel(scenario)
    rows = list(range(160))
    graph = beside(scenario.accounts, rows)
    today = apart(graph, start.territory_of, rows)
    free, strict = (
        design_territories(scenario, travel, method, start=start, budget=budget, strict=strict, contiguity=0.0, moves=200_000)
        for strict in (False, True)
    )
    assert apart(graph, free.territory_of, rows) > today
    assert apart(graph, strict.territory_of, rows) <= today
    assert 0 < int((strict.territory_of != start.territory_of).sum()) <= (budget or 160)


def test_a_strict_hybrid_keeps_the_territories_of_each_pool_of_seats_in_one_piece() -> None:
    scenario = make_scenario(160, 4, seed=3)
    rules = (Rule("food", {"industry": ("food",)}, ("R01", "R02")), Rule("rest", {}, ("R03", "R04")))
    scenario = replace(scenario, rules=rules)
    start, travel = make_design(scenario), make_travel(scenario)
    made = design_territories(scenario, travel, "hybrid", start=start, strict=True, contiguity=0.0, tolerance=0.15)
    food = [i for i, trade in enumerate(scenario.accounts.industry) if trade == "food"]
    rest = sorted(set(range(160)) - set(food))
    for rows, seats in ((food, {0, 1}), (rest, {2, 3})):
        graph = beside(scenario.accounts, rows)
        assert len(pieces_of(graph, set(rows))) == 1
        assert {int(made.territory_of[i]) for i in rows} == seats
        assert apart(graph, made.territory_of, rows) == 0
    notes = explain_design(scenario, travel, made, start, wishes=Wishes(strict=True, tolerance=0.15)).notes
    assert not any("apart" in note for note in notes)


@pytest.mark.parametrize("policy", ["balanced", "reoptimise"])
def test_a_strict_hand_over_gives_accounts_to_territories_next_door(policy: str) -> None:
    scenario = make_scenario(160, 5, seed=8)
    start, travel = blocks(scenario, 5), make_travel(scenario)
    made = hand_over(scenario, travel, start, "R03", policy, strict=True)
    graph = beside(scenario.accounts, list(range(160)))
    orphans = start.territory_of == 2
    assert 2 not in made.territory_of
    if policy == "balanced":
        assert (made.territory_of == start.territory_of)[~orphans].all()
    for t in (0, 1, 3, 4):
        members = {i for i in range(160) if made.territory_of[i] == t}
        stayed = {i for i in members if start.territory_of[i] == t}
        assert all(piece & stayed for piece in pieces_of(graph, members))


def test_each_half_of_a_strict_split_is_in_one_piece() -> None:
    scenario = make_scenario(150, 3, seed=2)
    design = make_design(scenario)
    book = design.book(1).tolist()
    made = split_territory(scenario, make_travel(scenario), design, "T02", strict=True)
    graph = beside(scenario.accounts, book)
    assert len(pieces_of(graph, set(book))) == 1
    assert apart(graph, made.territory_of, book) == 0
    others = design.territory_of != 1
    assert (made.rep_of[made.territory_of] == design.owner)[others].all()


def test_territories_that_do_not_touch_are_not_merged_where_that_is_asked() -> None:
    scenario = make_scenario(160, 4, seed=5)
    start = blocks(scenario, 4)
    assert merge_territories(start, "T01", "T02", scenario=scenario).territories == ("T01", "T03", "T04")
    assert merge_territories(start, "T01", "T04").territories == ("T01", "T02", "T03")
    with pytest.raises(InfeasibleError, match="'T01' and 'T04' do not touch"):
        merge_territories(start, "T01", "T04", scenario=scenario)


def test_what_knows_no_neighbours_says_so() -> None:
    scenario = make_scenario(24, 3)
    with pytest.raises(UsageError, match="policy 'nearest' cannot keep territories in one piece"):
        hand_over(scenario, make_travel(scenario), make_design(scenario), "R02", "nearest", strict=True)
    with pytest.raises(UsageError, match="method 'nearest' cannot keep territories in one piece"):
        design_territories(scenario, make_travel(scenario), "nearest", strict=True)
