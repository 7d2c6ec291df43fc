"""Why a design is not as even or as whole as it was asked to be, in plain words."""

from __future__ import annotations

import numpy as np

from fieldsim.errors import count
from fieldsim.model import Floats, Ints
from fieldsim.territory.balanced import Task
from fieldsim.territory.estimate import beyond_reach
from fieldsim.territory.figures import books_of, in_use
from fieldsim.territory.hybrid import pools_of, unnamed
from fieldsim.territory.prices import find_prices
from fieldsim.territory.reach import unreached
from fieldsim.territory.reasons import Books
from fieldsim.territory.too_far import too_far
from fieldsim.territory.units import Wishes
from fieldsim.territory.whole import apart

LISTED = 6
"""Shares out of tolerance that are told one by one, the worst."""
SPENT = 0.98
"""Part of a budget of revenue from which hardly an account fits in any more."""


def notes_of(task: Task, books: Books, wishes: Wishes, present: Ints, *, by_hand: bool = False) -> tuple[str, ...]:
    """Families too large for one territory, accounts apart, seats that no rule names, and for those beyond the tolerance by how
    much and why.

    `present` is the seat of each account in the design that stands, -1 where it is gone. `by_hand` says that nobody looked for
    balance: then what came and went is why.
    """
    notes = [f"family '{name}' is more than a territory: its accounts go their own ways" for name in task.market.large]
    if wishes.strict:
        accounts, pools = task.scenario.accounts, pools_of(task.scenario, task.seats, books.seat)
        if stray := apart(accounts, task.market.unit, books.seat, pools):
            today = f" ({apart(accounts, task.market.unit, present, pools)} today)" if (present >= 0).all() else ""
            why = "locks, rules, a budget or distant seats leave no other way"
            said = "1 account lies apart from its" if stray == 1 else f"{stray} accounts lie apart from their"
            notes.append(f"{said} territory{today}: {why}")
    notes += _unnamed(task, books)
    spent, uneven = _spent(task, books.seat, present, wishes), _uneven(task, books, wishes, present if by_hand else None)
    return (*notes, *too_far(task, books.seat, present), *(spent if uneven else ()), *uneven)


def _unnamed(task: Task, books: Books) -> list[str]:
    """The seats that stay empty because no rule gives them anything."""
    names = [task.seats.names[t] for t in unnamed(task.scenario, task.seats, books.seat).tolist()]
    if not names:
        return []
    has, it = ("has", "it") if len(names) == 1 else ("have", "them")
    return [f"{', '.join(names)} {has} no accounts, and no rule in scenario.toml names {it}: add {it} to the seats of a rule"]


def _spent(task: Task, owner: Ints, present: Ints, wishes: Wishes) -> list[str]:
    """The budget of moves that is used up, which then is why a design is not as even as it was asked to be."""
    last = task.scenario.accounts.revenue_last_year
    moved = (present >= 0) & (present != owner)
    part = float(last[moved].sum()) / max(float(last.sum()), 1e-9)
    if wishes.budget is not None and moved.sum() >= wishes.budget:
        return [
            f"the budget is used up: {int(moved.sum())} of {wishes.budget} accounts moved (what more would buy: --curve moves)"
        ]
    if wishes.revenue_budget is not None and part >= SPENT * wishes.revenue_budget:
        return [f"the budget is used up: {part:.2%} of last year's revenue moved, {wishes.revenue_budget:.2%} may"]
    return []


def _uneven(task: Task, books: Books, wishes: Wishes, changed: Ints | None) -> list[str]:
    """The seats furthest from their share, and what stands in the way there; of many only how many more there are.

    After a change by hand, `changed` from these seats of the accounts, only the seats that it concerns are told one by one.
    """
    tolerance = wishes.tolerance
    notes, off = _lumps(task, books, tolerance)
    off[unnamed(task.scenario, task.seats, books.seat)] = 0.0
    out = [(t, m) for t, m in np.argwhere(off > tolerance + 0.002).tolist()]
    if not out:
        return notes
    change = ["" if changed is None else _change(task, changed, books.seat, t) for t in range(len(task.seats))]
    told = [at for at in out if changed is None or change[at[0]]]
    worst = sorted(sorted(told, key=lambda at: -off[at])[:LISTED])
    prices, guess = find_prices(task.problem), books_of(task, books.seat).share
    notes += [_seat_note(task, books, tolerance, t, m, abs(float(prices[t, m])), float(guess[t, m]), change[t]) for t, m in worst]
    if left := len(out) - len(worst):
        more = "more " if worst else ""
        notes.append(f"{left} {more}{'shares are' if left > 1 else 'share is'} further off than {tolerance:.1%}: see the seats")
    return notes


def _change(task: Task, before: Ints, after: Ints, t: int) -> str:
    """What came to a seat and what went from it, "" where it has what it had."""
    came, went = (after == t) & (before != t), (before == t) & (after != t)
    said = []
    if came.any():
        said.append(f" with the {count(int(came.sum()), 'account')} that came from {_seats(task, before[came])}")
    if went.any():
        said.append(f" without the {count(int(went.sum()), 'account')} that went to {_seats(task, after[went])}")
    return " and".join(said)


def _seats(task: Task, where: Ints) -> str:
    """The seats by name, of more than three how many; -1 is gone."""
    seats = np.unique(where).tolist()
    names = [task.seats.names[t] if t >= 0 else "a seat that is given up" for t in seats]
    return " and ".join(names) if len(names) <= 3 else f"{len(names)} seats"


def _lumps(task: Task, books: Books, tolerance: float) -> tuple[list[str], Floats]:
    """Accounts and families that alone are more than a territory, and how far each seat is off, shape [seats, metrics].

    Seats with a lump are not off for that, and the others are as far off as from one another.
    """
    used, market, notes = in_use(task, books), task.market, []
    off = np.where(used[:, None], np.abs(books.share - 1.0), 0.0)
    carried = market.carried(books.seat)
    for m, name in enumerate(market.metrics):
        rest, mean = used & ~market.closed, 1.0
        told: list[tuple[int, int, float]] = []
        size = np.bincount(market.unit, carried[:, m]) / max(float(carried[:, m].sum()), 1e-9)
        for unit in np.argsort(-size, kind="stable")[: int(rest.sum())].tolist():
            seat = int(books.seat[market.unit == unit][0])
            share = float(size[unit] / task.seats.share[seat] * task.seats.share[used].sum())
            if not rest[seat] or rest.sum() < 2 or share <= (1.0 + tolerance) * mean:
                break
            rest[seat], told = False, [*told, (unit, seat, share)]
            mean = float(np.average(books.share[rest, m], weights=task.seats.share[rest]))
        if told:
            off[:, m] = np.where(rest, np.abs(books.share[:, m] / max(mean, 1e-9) - 1.0), 0.0)
            others = f"the {int(rest.sum())} others have {mean:.0%} each, to within {off[:, m].max():.1%}"
            each = [f"{_named(task, unit)} alone is {share:.0%} of {task.seats.names[seat]}'s" for unit, seat, share in told]
            notes.append(f"{name} cannot be even: {' and '.join(each)} share of it; {others}")
    return notes, off


def _named(task: Task, unit: int) -> str:
    """An account, or the family that a unit is."""
    members = np.flatnonzero(task.market.unit == unit).tolist()
    accounts = task.scenario.accounts
    return f"account {accounts.ids[members[0]]}" if len(members) == 1 else f"family '{accounts.parent[members[0]]}'"


def _seat_note(task: Task, books: Books, tolerance: float, t: int, m: int, price: float, guess: float, change: str) -> str:
    """How far one seat is from its share of a metric, and why: a change by hand, locks, ways too long, a plan that takes other
    hours than the estimate, a lump without which it would lack, or what a further per cent costs."""
    name, share = task.market.metrics[m], float(books.share[t, m])
    amount = task.market.amount[:, t, m]
    whole = sum(float(task.market.amount[books.seat == s, s, m].sum()) for s in range(len(task.seats)))
    target = task.seats.share[t] / task.seats.share[in_use(task, books)].sum() * whole
    unit = np.bincount(task.market.unit, amount)
    held = float(amount[task.market.held == t].sum() / target)
    mine = task.market.unit[books.seat == t]
    most = int(mine[unit[mine].argmax()]) if len(mine) else 0
    largest = float(unit[most] / target) if len(mine) else 0.0
    lie_off = unreached(task.scenario, task.seats, task.ways, books.seat) & (books.seat == t)
    beyond = float(amount[lie_off].sum() / target)
    on_site = task.scenario.accounts.remote < 1.0
    near = float(amount[~(on_site & beyond_reach(task.scenario.accounts, task.seats, task.ways, np.s_[:, t]))].sum() / target)
    far = (
        f", what lies beyond the rep's day, {int(lie_off.sum())} of its accounts, alone is {beyond:.0%}"
        if beyond > 2 * tolerance
        else ""
    )
    few = f", all accounts within its day together are {near:.0%}" if share < 1.0 and near < 1.0 - tolerance else ""
    lump = f", {_named(task, most)} alone is {largest:.0%}" if largest > max(2 * tolerance, abs(share - 1.0)) else ""
    locked = f", its locked accounts alone are {held:.0%}" if held > 0.3 else ""
    dear = f", and each 1 % costs {price / 100.0:.1f} h a quarter" if price > 10.0 else ""
    places = 0 if tolerance >= 0.02 else 1
    planned = f" when planned, {guess:.{places}%} by the estimate" if abs(guess - 1.0) <= tolerance else ""
    why = change or locked or few or far or planned or lump or dear
    return f"{task.seats.names[t]} has {share:.{places}%} of its share of {name}{why}"
