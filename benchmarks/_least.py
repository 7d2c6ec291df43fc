"""The least travel that any plan of a quarter can have: a linear programme over day routes, which are made as they are needed.

Each account is visited as often as it is due, on any days: rhythm, weekdays and gaps are left out, and days may be parts of a
day, so a true plan drives at least as far. Routes may come back to an account only after leaving its neighbourhood (the
ng-routes of Baldacci, Mingozzi and Roberti, 2011), and neighbourhoods grow where a route in use comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fieldsim.compiled import inner, kernel
from fieldsim.model import Floats, Ints

Words = npt.NDArray[np.uint64]
Route = tuple[int, ...]

STEP_S = 60.0
"""Grain of the table of ways home, which only says what cannot be worth while."""
NEAREST, KNOWN, FAR = 10, 60, 8
"""Accounts that a neighbourhood begins with, the most it grows to, and the most stops of a round that is closed."""
CLOSE = 30
"""Nearest accounts that are tried first, before all are."""
LABELS, ROUTES = 2_000, 300
"""Ways kept to one account after so many stops, and routes added at a time."""
PHASES = ((False, LABELS), (True, 100), (True, LABELS))
"""How routes are looked for, until hardly any is found: whether all ways are tried, and how many are kept."""
SMOOTH = (0.7, 0.35, 0.0)
"""Shares of the best prices so far in those that routes are made for."""
ENOUGH = 2e-3
"""Share by which the programme may stand above the proven bound when a neighbourhood is left as it is."""
FEW = 50
"""So few new routes that it is time to look closer."""
DEAR = 1e6
"""Seconds that a visit or a day left out costs: never worth it."""


class Day(NamedTuple):
    """What every day keeps to, seconds; `visit_s` is the same for all."""

    travel: Floats
    """[n + 1, n + 1], home last"""
    visit_s: float
    least: float
    """A day shorter than this is charged as if it were that long."""
    most: float


class Home(NamedTuple):
    """The most that a way home can still gain, [n + 1, minutes of the day left]: duals less travel."""

    best: Floats
    first: Ints
    """[n + 1, minutes] the account it goes to first"""
    other: Floats
    """the most by way of another one"""


class Ways(NamedTuple):
    """Ways out, [stops, accounts, LABELS]: none is worse than another in travel, gain and accounts remembered."""

    travel: Floats
    gain: Floats
    seen: Words
    """[.., 4] bits of the accounts that it may not go to"""
    before: Ints
    """account and number of the way it goes on from, -1: from home"""
    kept: Ints
    """[stops, accounts] how many"""
    routes: Ints
    """[ROUTES, stops] the routes found"""
    stops: Ints
    """[ROUTES] their numbers of stops"""
    price: Floats
    """[ROUTES] their reduced costs"""


@kernel
def look_home(day: Day, gain: Floats, home: Home) -> None:
    """Fill the table of ways home; they may come back to an account, but not at once."""
    travel, n = day.travel, day.travel.shape[0] - 1
    for minute in range(home.best.shape[1]):
        room = (minute + 1) * STEP_S - 1.0
        for i in range(n + 1):
            best, first, other = (-travel[i, n], n, -np.inf) if travel[i, n] <= room else (-np.inf, -2, -np.inf)
            for j in range(n):
                left = room - travel[i, j] - day.visit_s
                if j == i or left < travel[j, n]:
                    continue
                then = int(left // STEP_S)
                value = gain[j] - travel[i, j] + (home.best[j, then] if home.first[j, then] != i else home.other[j, then])
                if value > best:
                    best, first, other = value, j, best
                elif value > other:
                    other = value
            home.best[i, minute], home.first[i, minute], home.other[i, minute] = best, first, other


@inner
def _keep(near: Words, every: bool, room: int, ways: Ways, k: int, i: int, c: int, j: int, further: float, more: float) -> bool:
    """Keep a way from way c to i on to j unless another is as good; False if there is no room for it."""
    if k + 1 >= ways.kept.shape[0]:
        return False
    seen, to = ways.seen, k + 1
    bit, word = np.uint64(1) << np.uint64(j & 63), j >> 6
    a = (seen[k, i, c, 0] & near[j, 0]) | (bit if word == 0 else np.uint64(0))
    b = (seen[k, i, c, 1] & near[j, 1]) | (bit if word == 1 else np.uint64(0))
    d = (seen[k, i, c, 2] & near[j, 2]) | (bit if word == 2 else np.uint64(0))
    e = (seen[k, i, c, 3] & near[j, 3]) | (bit if word == 3 else np.uint64(0))
    count, x = ways.kept[to, j], 0
    while x < count:
        t, g = ways.travel[to, j, x], ways.gain[to, j, x]
        p, q, r, s = seen[to, j, x, 0], seen[to, j, x, 1], seen[to, j, x, 2], seen[to, j, x, 3]
        if t <= further and g >= more - 1e-9 and (not every or ((p & ~a) | (q & ~b) | (r & ~d) | (s & ~e)) == 0):
            return True
        if further <= t and more >= g and (not every or ((a & ~p) | (b & ~q) | (d & ~r) | (e & ~s)) == 0):
            count -= 1
            ways.travel[to, j, x], ways.gain[to, j, x] = ways.travel[to, j, count], ways.gain[to, j, count]
            ways.before[to, j, x] = ways.before[to, j, count]
            for w in range(4):
                seen[to, j, x, w] = seen[to, j, count, w]
        else:
            x += 1
    ways.kept[to, j] = count
    if count == room:
        return False
    ways.travel[to, j, count], ways.gain[to, j, count], ways.before[to, j, count] = further, more, i * LABELS + c
    seen[to, j, count, 0], seen[to, j, count, 1], seen[to, j, count, 2], seen[to, j, count, 3] = a, b, d, e
    ways.kept[to, j] = count + 1
    return True


@kernel
def find_routes(
    day: Day, gain: Floats, day_gain: float, near: Words, closest: Ints, every: bool, room: int, home: Home, ways: Ways
) -> tuple[int, float, bool]:
    """Routes that cost less than they gain: their number, the least reduced cost, and whether nothing was overlooked.

    Not `every` tries near accounts only and forgets ways that another beats in travel and gain: quick, and no proof. `room` is
    how many ways to one account are kept.
    """
    travel, n, one = day.travel, day.travel.shape[0] - 1, np.uint64(1)
    found, least, whole = 0, 0.0, True
    for k in range(ways.kept.shape[0]):
        for j in range(n):
            ways.kept[k, j] = 0
    for j in range(n):
        ways.travel[0, j, 0], ways.gain[0, j, 0], ways.before[0, j, 0], ways.kept[0, j] = travel[n, j], gain[j], -1, 1
        for w in range(4):
            ways.seen[0, j, 0, w] = np.uint64(0)
        ways.seen[0, j, 0, j >> 6] = one << np.uint64(j & 63)
    for k in range(ways.kept.shape[0]):
        held = (k + 1) * day.visit_s
        for i in range(n):
            cheapest, ending = -1e-6, -1
            for c in range(ways.kept[k, i]):
                so_far, gained = ways.travel[k, i, c], ways.gain[k, i, c]
                if so_far + travel[i, n] + held <= day.most:
                    price = max(so_far + travel[i, n], day.least - held) - gained - day_gain
                    if price < cheapest:
                        cheapest, ending = price, c
                for q in range(n if every else closest.shape[1]):
                    j = q if every else closest[i, q]
                    if j == i or (ways.seen[k, i, c, j >> 6] >> np.uint64(j & 63)) & one:
                        continue
                    further, more = so_far + travel[i, j], gained + gain[j]
                    left = day.most - further - held - day.visit_s
                    if left < travel[j, n]:
                        continue
                    minute = int(left // STEP_S)
                    rest = home.best[j, minute] if home.first[j, minute] != i else home.other[j, minute]
                    if more - further + rest + day_gain < 1e-3:
                        continue
                    whole = _keep(near, every, room, ways, k, i, c, j, further, more) and whole
            if ending >= 0:
                least = min(least, cheapest)
                slot = found if found < ways.price.shape[0] else int(np.argmax(ways.price))
                if found < ways.price.shape[0] or ways.price[slot] > cheapest:
                    found = min(found + 1, ways.price.shape[0])
                    ways.price[slot], ways.stops[slot] = cheapest, k + 1
                    at, c = i, ending
                    for back in range(k, -1, -1):
                        ways.routes[slot, back] = at
                        at, c = ways.before[back, at, c] // LABELS, ways.before[back, at, c] % LABELS
    return found, least, whole


class Programme:
    """Which routes on how many days: the linear programme over the routes known so far."""

    def __init__(self, day: Day, due: Ints, days: tuple[int, int]) -> None:
        from ortools.linear_solver import pywraplp

        self.day, self.solver = day, pywraplp.Solver.CreateSolver("GLOP")
        self.infinity = self.solver.infinity()
        self.visits = [self.solver.Constraint(float(count), self.infinity) for count in due]
        self.days = self.solver.Constraint(float(days[0]), float(days[1]))
        self.cost = self.solver.Objective()
        self.cost.SetMinimization()
        self.uses: dict[Route, object] = {}
        for row in (*self.visits, self.days):
            self._use(DEAR, {row: 1.0})

    def _use(self, cost: float, rows: dict[object, float]) -> object:
        use = self.solver.NumVar(0.0, self.infinity, "")
        self.cost.SetCoefficient(use, cost)
        for row, times in rows.items():
            row.SetCoefficient(use, times)  # type: ignore[attr-defined]
        return use

    def add(self, stops: Sequence[int]) -> bool:
        """Make a route known; False if it was or breaks the day."""
        route, home = tuple(stops), len(self.visits)
        held = self.day.visit_s * len(route)
        travel = sum(float(self.day.travel[a, b]) for a, b in pairwise((home, *route, home)))
        if route in self.uses or travel + held > self.day.most:
            return False
        rows: dict[object, float] = {self.visits[i]: float(route.count(i)) for i in dict.fromkeys(route)}
        self.uses[route] = self._use(max(travel, self.day.least - held), rows | {self.days: 1.0})
        return True

    def solve(self) -> tuple[float, Floats, float]:
        """Its value, what a visit to each account gains and what a day gains, seconds."""
        assert self.solver.Solve() == self.solver.OPTIMAL
        return self.cost.Value(), np.array([row.dual_value() for row in self.visits]), float(self.days.dual_value())

    def used(self) -> list[Route]:
        """The routes of the last solution."""
        return [route for route, use in self.uses.items() if use.solution_value() > 1e-7]  # type: ignore[attr-defined]

    def forbid(self, route: Route) -> None:
        self.uses[route].SetUb(0.0)  # type: ignore[attr-defined]


def least_travel(
    day: Day, due: Ints, days: tuple[int, int], known: Iterable[Sequence[int]], growths: int
) -> tuple[float, list[Route]]:
    """Seconds that no plan's travel is below, for at most 256 accounts, and the routes made on the way.

    `due` = visits of each account, `days` = the fewest and the most days, `known` = routes to begin with, `growths` = how often
    neighbourhoods may grow.
    """
    n, minutes, longest = len(due), int(day.most // STEP_S) + 1, int(day.most // day.visit_s)
    order = np.argsort(day.travel[:n, :n], axis=1, kind="stable").astype(np.int64)
    near = [{i, *order[i, :NEAREST].tolist()} for i in range(n)]
    closest = np.ascontiguousarray(order[:, 1 : CLOSE + 1])
    programme, bound = Programme(day, due, days), 0.0
    for route in known:
        programme.add(route)
    home = Home(np.zeros((n + 1, minutes)), np.zeros((n + 1, minutes), np.int64), np.zeros((n + 1, minutes)))
    shape = (longest, n, LABELS)
    ways = Ways(
        *(np.zeros(shape), np.zeros(shape), np.zeros((*shape, 4), np.uint64), np.zeros(shape, np.int64)),
        *(np.zeros(shape[:2], np.int64), np.zeros((ROUTES, longest), np.int64), np.zeros(ROUTES, np.int64), np.zeros(ROUTES)),
    )
    for growth in range(growths + 1):
        bound = max(bound, _priced_out(programme, due, days, _words(near), closest, home, ways))
        programme.solve()
        if growth == growths or not _grow(near, programme.used()):
            break
        for route in [route for route in programme.uses if _returns(near, route)]:
            programme.forbid(route)
    return bound, list(programme.uses)


def _priced_out(
    programme: Programme, due: Ints, days: tuple[int, int], near: Words, closest: Ints, home: Home, ways: Ways
) -> float:
    """Add routes until none is worth while; the bound that is proven by then.

    Prices are drawn towards the best ones so far, lest they leap about (Wentges, 1997).
    """
    bound, phase, centre = 0.0, 0, programme.solve()[1:]
    while True:
        value, gains, day_gains = programme.solve()
        new = 0
        for share in SMOOTH:
            gain, day_gain = share * centre[0] + (1.0 - share) * gains, share * centre[1] + (1.0 - share) * day_gains
            look_home(programme.day, gain, home)
            found, least, whole = find_routes(programme.day, gain, day_gain, near, closest, *PHASES[phase], home, ways)
            each = day_gain + least
            proven = float(due @ gain) + each * (days[1] if each < 0.0 else days[0]) if PHASES[phase][0] and whole else 0.0
            if proven > bound or phase < len(PHASES) - 1:
                bound, centre = max(bound, proven), (gain, day_gain)
            new = sum(programme.add(ways.routes[k, : ways.stops[k]].tolist()) for k in range(found))
            if new:
                break
        if value - bound < ENOUGH * value or (phase == len(PHASES) - 1 and not new):
            return bound
        if new < FEW and phase < len(PHASES) - 1:
            phase, centre = phase + 1, (gains, day_gains)


def _words(near: list[set[int]]) -> Words:
    """Neighbourhoods as bits, [accounts, 4]."""
    words = np.zeros((len(near), 4), dtype=np.uint64)
    for i, each in enumerate(near):
        for j in each:
            words[i, j >> 6] |= np.uint64(1 << (j & 63))
    return words


def _grow(near: list[set[int]], used: list[Route]) -> bool:
    """Let the stops between two calls of a route in use remember the account; were there any?"""
    grown = False
    for route in used:
        last: dict[int, int] = {}
        for at, account in enumerate(route):
            for between in route[last.get(account, at) + 1 : at]:
                if at - last[account] <= FAR and account not in near[between] and len(near[between]) < KNOWN:
                    near[between].add(account)
                    grown = True
            last[account] = at
    return grown


def _returns(near: list[set[int]], route: Route) -> bool:
    """Does a route come back to an account that it remembers?"""
    seen: set[int] = set()
    for account in route:
        if account in seen:
            return True
        seen = (seen & near[account]) | {account}
    return False
