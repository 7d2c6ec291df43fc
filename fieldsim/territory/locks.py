"""What no design may change, as two columns: the seat each account is bound to, and the seats that take nobody else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fieldsim.errors import DataError, InfeasibleError, did_you_mean
from fieldsim.model import Bools, Design, Ints, Lock, Scenario
from fieldsim.territory.seats import Seats


@dataclass(frozen=True, eq=False)
class Bonds:
    """The locks of a scenario on the seats of a design."""

    held: Ints
    """Seat each account is bound to, -1 where free."""
    closed: Bools
    """Whether a seat takes no account but those bound to it, shape [seats]."""


def shut_seats(held: Ints, closed: Bools) -> Bools:
    """Seats that are closed and have nothing, shape [seats]: they are no part of any balance."""
    shut: Bools = closed & (np.bincount(held[held >= 0], minlength=len(closed)) == 0)
    return shut


def bonds_of(scenario: Scenario, seats: Seats, present: Ints) -> Bonds:
    """Accounts locked by their column or by locks.csv; locks that contradict one another are an error naming the account.

    `present` is the seat each account is in, -1 where none of the seats has it: such an account is bound to its owner's seat, and
    is free where that is gone too.
    """
    held = np.where(scenario.accounts.locked, _at_home(scenario, seats, present), -1).astype(np.int64)
    closed = np.zeros(len(seats), dtype=np.bool_)
    for lock in (lock for lock in scenario.locks if lock.account is None):
        seat = _seat(scenario, seats, lock)
        held[present == seat] = seat
        closed[seat] = True
    at_home = _at_home(scenario, seats, present)
    for lock in scenario.locks:
        if lock.account is not None:
            seat = _seat(scenario, seats, lock) if lock.seat else int(at_home[lock.account])
            _agree(scenario, seats, held, closed, lock, seat, int(present[lock.account]))
            held[lock.account] = seat
    _close(scenario, seats, held, closed)
    return Bonds(held, closed)


def kept_locks(scenario: Scenario, design: Design) -> tuple[Lock, ...]:
    """The locks of locks.csv that a design keeps to; a territory as it is stays so from there on."""
    reps = [scenario.reps[rep].id if rep >= 0 else "" for rep in design.rep_of.tolist()]
    names = dict.fromkeys((*design.territories, *filter(None, reps)))
    lists = {lock.seat: {k.account for k in scenario.locks if k.seat == lock.seat} for lock in scenario.locks if lock.only}

    def keeps(lock: Lock) -> bool:
        if not lock.seat:
            return True
        if lock.seat not in names:
            return False
        seat = design.territories.index(lock.seat) if lock.seat in design.territories else reps.index(lock.seat)
        there = lock.account is None or int(design.territory_of[lock.account]) == seat
        return there and not (lock.seat in lists and set(design.book(seat).tolist()) - lists[lock.seat])

    return tuple(lock for lock in scenario.locks if keeps(lock))


def broken_locks(scenario: Scenario, design: Design, start: Design) -> tuple[str, ...]:
    """What a design does against locks, a line each: what locks.csv asks for, and accounts that are to stay where they are."""
    ids, lines = scenario.accounts.ids, []
    kept = set(kept_locks(scenario, design))
    for lock in (lock for lock in scenario.locks if lock not in kept):
        where = design.territories[int(design.territory_of[lock.account or 0])]
        said = f"account '{ids[lock.account]}' is in {where}" if lock.account is not None else f"there is no seat {lock.seat}"
        lines.append(f"not kept: the lock on {lock.seat} in locks.csv, {said}")
    still = scenario.accounts.locked.copy()
    still[[lock.account for lock in scenario.locks if lock.account is not None and not lock.seat]] = True
    here = np.array(design.territories)[design.territory_of]
    gone = still & (np.array(start.territories)[start.territory_of] != here) & (start.owner != design.owner)
    if gone.any():
        first, many = ids[int(np.argmax(gone))], int(gone.sum())
        lines.append(
            f"not kept: locked account {first} changes hands"
            if many == 1
            else f"not kept: {many} locked accounts change hands, {first} the first of them"
        )
    return tuple(lines)


def _at_home(scenario: Scenario, seats: Seats, present: Ints) -> Ints:
    """The seat each account is in, else its owner's by name, -1 where neither is there."""
    by_rep = {scenario.reps[rep].id: s for s, rep in enumerate(seats.rep.tolist()) if rep >= 0}
    owners = np.array([by_rep.get(owner, -1) for owner in scenario.accounts.owner], dtype=np.int64)
    return np.where(present >= 0, present, owners).astype(np.int64)


def _seat(scenario: Scenario, seats: Seats, lock: Lock) -> int:
    """The position of a lock's seat; a rep without a seat, or a word that names none, is an error."""
    reps = [scenario.reps[rep].id if rep >= 0 else "" for rep in seats.rep.tolist()]
    for names in (seats.names, reps):
        if lock.seat in names:
            return names.index(lock.seat)
    whose = "a territory" if lock.account is None else f"account '{scenario.accounts.ids[lock.account]}'"
    if any(rep.id == lock.seat for rep in scenario.reps):
        raise InfeasibleError(f"{whose} is locked to {lock.seat}, who has no seat in this design", hint="change locks.csv")
    hint = did_you_mean(lock.seat, (*seats.names, *filter(None, reps)))
    raise DataError(
        f"{whose} is locked to '{lock.seat}', which is no seat of this design", file="locks.csv", column="seat", hint=hint
    )


def _agree(scenario: Scenario, seats: Seats, held: Ints, closed: Bools, lock: Lock, seat: int, present: int) -> None:
    """A lock does not contradict the account's own column, nor a territory that stays as it is."""
    account, names = lock.account or 0, seats.names
    before, whose = int(held[account]), f"account '{scenario.accounts.ids[account]}' is locked to"
    if before >= 0 and before != seat and seat >= 0:
        why = "which stays as it is" if closed[before] else "where the column locked keeps it"
        raise InfeasibleError(f"{whose} {names[seat]}, but it is in {names[before]}, {why}")
    if seat >= 0 and closed[seat] and present != seat:
        raise InfeasibleError(f"{whose} {names[seat]}, but that territory stays as it is")


def _close(scenario: Scenario, seats: Seats, held: Ints, closed: Bools) -> None:
    """Closes the seats that take only the accounts of their list; one that another lock keeps there is an error."""
    listed: dict[int, set[int]] = {}
    for lock in scenario.locks:
        if lock.account is not None and lock.seat:
            listed.setdefault(_seat(scenario, seats, lock), set()).add(lock.account)
    for seat in sorted({_seat(scenario, seats, lock) for lock in scenario.locks if lock.only}):
        extra = [i for i in np.flatnonzero(held == seat).tolist() if i not in listed[seat]]
        if extra:
            name = scenario.accounts.ids[extra[0]]
            raise InfeasibleError(
                f"account '{name}' is locked in {seats.names[seat]}, which takes only the accounts listed for it"
            )
        closed[seat] = True
