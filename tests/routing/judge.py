"""An independent judge of days: checks every reported time by the rules, and finds the best day by trying all orders.

Shares nothing with the product but the nouns: plain Python, one rule a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from fieldsim.model import DayProblem, DayRoute, DayVisit

Rank = tuple[int, int, int, int, int, int]
"""Required served, priority, number, agreed starts kept, minus travel, minus finish: higher is better."""
State = tuple[int, int, int, bool]
"""Time, travel, agreed starts kept, break owed."""


def open_visits(problem: DayProblem) -> list[DayVisit]:
    done = problem.now.done if problem.now else ()
    return [visit for visit in problem.visits if visit.id not in done]


def origin(problem: DayProblem) -> tuple[int, int, bool]:
    """Where and when the rest of the day begins, and whether the rep is still at home."""
    if problem.now is None:
        return problem.start, problem.shift[0], True
    now = problem.now
    return now.at, now.time_s, now.at == problem.start and not now.done


def travel_at(problem: DayProblem, a: int, b: int, leave: int) -> int:
    if a == b:
        return 0
    period = max(k for k, begin in enumerate(problem.travel.from_s) if begin <= leave)
    return int(problem.travel.seconds[period, a, b])


def lunch_owed(problem: DayProblem) -> bool:
    """False where there is no lunch any more to think of."""
    if problem.lunch is None or (problem.now and problem.now.lunch_done):
        return False
    return origin(problem)[1] <= problem.lunch.latest_s


def kept(visit: DayVisit, start: int) -> bool:
    return visit.agreed_start_s is not None and abs(start - visit.agreed_start_s) <= 900


def rank_of(problem: DayProblem, route: DayRoute) -> Rank:
    visits = {visit.id: visit for visit in problem.visits}
    served = [visits[stop.id] for stop in route.stops]
    return (
        sum(visit.required for visit in served),
        sum(visit.priority for visit in served),
        len(served),
        sum(kept(visits[stop.id], stop.start_s) for stop in route.stops),
        -route.travel_s,
        -route.finish_s,
    )


def faults(problem: DayProblem, route: DayRoute) -> list[str]:
    """Every rule of a day that the route breaks, in words; empty for a sound route."""
    found: list[str] = []
    visits = {visit.id: visit for visit in open_visits(problem)}
    place, begin, at_home = origin(problem)
    ids = [stop.id for stop in route.stops]
    if sorted([*ids, *(one.id for one in route.skipped)]) != sorted(visits):
        found.append("visits served and skipped are not the visits of the day")
        return found
    time, travel, busy = route.depart_s, 0, 0
    over = time
    if time < begin:
        found.append("leaves before the day begins")
    lunch = route.lunch
    gaps: list[tuple[int, int, int]] = []
    for stop in route.stops:
        visit = visits[stop.id]
        if stop.at != visit.at:
            found.append(f"{stop.id}: another place")
        leg = 0 if visit.at is None else travel_at(problem, place, visit.at, _setting_off(lunch, time))
        if stop.travel_s != leg:
            found.append(f"{stop.id}: travel {stop.travel_s}, not {leg}")
        gaps.append((over, stop.start_s, leg))
        pause = lunch[1] - lunch[0] if lunch and time <= lunch[0] and lunch[1] <= stop.arrive_s else 0
        if stop.arrive_s != time + leg + pause:
            found.append(f"{stop.id}: arrives {stop.arrive_s}, not {time + leg + pause}")
        if stop.start_s < stop.arrive_s:
            found.append(f"{stop.id}: starts before arriving")
        if not any(a <= stop.start_s <= b for a, b in visit.windows):
            found.append(f"{stop.id}: starts outside its windows")
        if stop.leave_s < stop.start_s + visit.service_s:
            found.append(f"{stop.id}: leaves too early")
        if len(problem.travel.from_s) == 1 and stop.leave_s != stop.start_s + visit.service_s:
            found.append(f"{stop.id}: leaves too late")
        travel, busy, time, over = travel + leg, busy + visit.service_s, stop.leave_s, stop.start_s + visit.service_s
        place = place if visit.at is None else visit.at
    leg = travel_at(problem, place, problem.end, _setting_off(lunch, time))
    gaps.append((over, route.finish_s, leg))
    travel += leg
    if route.finish_s < time + leg:
        found.append("is home before the way is done")
    if route.finish_s > problem.shift[1]:
        found.append("is home after the shift")
    if route.travel_s != travel:
        found.append(f"travel in all {route.travel_s}, not {travel}")
    found += _lunch_faults(problem, route, gaps, at_home)
    pause = lunch[1] - lunch[0] if lunch and lunch[0] >= route.depart_s else 0
    if route.wait_s != route.finish_s - route.depart_s - travel - busy - pause or route.wait_s < 0:
        found.append("waiting does not add up")
    if route.served != len(ids) or route.priority_served != sum(visits[name].priority for name in ids):
        found.append("counts are wrong")
    return found


def _setting_off(lunch: tuple[int, int] | None, time: int) -> int:
    return lunch[1] if lunch and lunch[0] == time else time


def _lunch_faults(problem: DayProblem, route: DayRoute, gaps: list[tuple[int, int, int]], at_home: bool) -> list[str]:
    rule, lunch = problem.lunch, route.lunch
    if lunch is None:
        owed = lunch_owed(problem) and route.finish_s > rule.latest_s  # type: ignore[union-attr]
        excused = at_home and problem.lunch is not None and route.depart_s >= problem.lunch.latest_s
        return ["has no lunch"] if owed and not excused else []
    if rule is None:
        return ["has a lunch that nobody asked for"]
    found = []
    if not rule.earliest_s <= lunch[0] <= rule.latest_s or lunch[1] - lunch[0] != rule.duration_s:
        found.append("lunch at a wrong time")
    inside = [(a, b, leg) for a, b, leg in gaps if a <= lunch[0] and lunch[1] <= b]
    if not any(b - a - leg >= rule.duration_s for a, b, leg in inside):
        found.append("no room for lunch between two visits")
    return found


def best_rank(problem: DayProblem) -> Rank:
    """The best rank of all orders of all subsets; for a handful of visits."""
    visits = open_visits(problem)
    best: Rank | None = None
    for size in range(len(visits) + 1):
        for order in permutations(visits, size):
            worth = (sum(v.required for v in order), sum(v.priority for v in order), size)
            if best and worth < best[:3]:
                continue
            for agreed, travel, finish in _times(problem, order):
                rank = (*worth, agreed, -travel, -finish)
                best = rank if best is None or rank > best else best
    assert best is not None, "not even the way home fits"
    return best


def _times(problem: DayProblem, order: tuple[DayVisit, ...]) -> Iterator[tuple[int, int, int]]:
    """(kept, travel, finish) of every sensible way to time an order; states are (time, travel, kept, break still owed)."""
    place, begin, at_home = origin(problem)
    owed = lunch_owed(problem)
    states = {(begin, 0, 0, owed)}
    if owed and at_home:
        states.add((max(begin, problem.lunch.latest_s), 0, 0, False))  # type: ignore[union-attr]
    for visit in order:
        after = set()
        there = place if visit.at is None else visit.at
        for time, travel, agreed, due in states:
            for arrive, leg, still in _ways(problem, place, there, time, due):
                for start in _starts(visit, arrive):
                    after.add((start + visit.service_s, travel + leg, agreed + kept(visit, start), still))
        states, place = after, there
    for time, travel, agreed, due in states:
        for arrive, leg, still in _ways(problem, place, problem.end, time, due):
            late = still and arrive > problem.lunch.latest_s  # type: ignore[union-attr]
            if arrive <= problem.shift[1] and not late:
                yield agreed, travel + leg, arrive


def _ways(problem: DayProblem, a: int, b: int, time: int, due: bool) -> Iterator[tuple[int, int, bool]]:
    """(ready at b, travel, break owed after) of going from a to b: now or when the hour changes, eating before or after."""
    for leave in [time, *(hour for hour in problem.travel.from_s if hour > time)]:
        leg = travel_at(problem, a, b, leave)
        yield leave + leg, leg, due
    if not due or problem.lunch is None:
        return
    rule = problem.lunch
    lunch = max(time, rule.earliest_s)
    if lunch <= rule.latest_s:
        full = lunch + rule.duration_s
        for leave in [full, *(hour for hour in problem.travel.from_s if hour > full)]:
            leg = travel_at(problem, a, b, leave)
            yield leave + leg, leg, False
    for leave in [time, *(hour for hour in problem.travel.from_s if hour > time)]:
        leg = travel_at(problem, a, b, leave)
        if leave <= rule.latest_s:
            yield max(leave + leg, rule.earliest_s) + rule.duration_s, leg, False


def _starts(visit: DayVisit, arrive: int) -> list[int]:
    wanted = [arrive] if visit.agreed_start_s is None else [arrive, visit.agreed_start_s - 900]
    found = []
    for moment in wanted:
        later = [max(a, arrive, moment) for a, b in visit.windows if b >= max(arrive, moment)]
        found += [min(later)] if later else []
    return found


def best_rank_by_sets(problem: DayProblem) -> Rank:
    """The same by dynamic programming over sets of visits, for up to a dozen visits: nothing is cut but what is worse in all."""
    best = rank_with(problem, None)
    assert best is not None, "not even the way home fits"
    return best


def rank_with(problem: DayProblem, wanted: str | None) -> Rank | None:
    """The best rank of all routes that make the wanted visit, if one is named; None if no route does."""
    visits = open_visits(problem)
    place, begin, at_home = origin(problem)
    owed = lunch_owed(problem)
    first = {(begin, 0, 0, owed)}
    if owed and at_home:
        first.add((max(begin, problem.lunch.latest_s), 0, 0, False))  # type: ignore[union-attr]
    layer: dict[tuple[int, int], set[State]] = {(0, place): first}
    best: Rank | None = None
    while layer:
        following: dict[tuple[int, int], set[State]] = {}
        for (mask, here), states in layer.items():
            served = [visit for k, visit in enumerate(visits) if mask >> k & 1]
            worth = (sum(v.required for v in served), sum(v.priority for v in served), len(served))
            counts = wanted is None or any(v.id == wanted for v in served)
            for time, travel, agreed, due in states:
                for arrive, leg, still in _ways(problem, here, problem.end, time, due) if counts else ():
                    late = still and arrive > problem.lunch.latest_s  # type: ignore[union-attr]
                    if arrive <= problem.shift[1] and not late:
                        rank = (*worth, agreed, -travel - leg, -arrive)
                        best = rank if best is None or rank > best else best
                for k, visit in enumerate(visits):
                    if mask >> k & 1:
                        continue
                    there = here if visit.at is None else visit.at
                    for arrive, leg, still in _ways(problem, here, there, time, due):
                        for start in _starts(visit, arrive):
                            end = start + visit.service_s
                            if end <= problem.shift[1]:
                                state = (end, travel + leg, agreed + kept(visit, start), still)
                                following.setdefault((mask | 1 << k, there), set()).add(state)
        layer = {key: _undominated(states) for key, states in following.items()}
    return best


def _undominated(states: set[State]) -> set[State]:
    """Without the states that another is at least as good as in time, travel, agreed starts and the break."""
    sound: list[State] = []
    for time, travel, agreed, due in sorted(states, key=lambda state: (state[0], state[1], -state[2], state[3])):
        if not any(travel >= b and agreed <= c and due >= d for _, b, c, d in sound):
            sound.append((time, travel, agreed, due))
    return set(sound)
