"""locks.csv -> Lock: what no design may change, beside the accounts' own column `locked`."""

from __future__ import annotations

import numpy as np

from fieldsim.errors import did_you_mean
from fieldsim.model import Accounts, Lock
from fieldsim.scenario.cells import Sheet

COLUMNS = ("account", "seat", "only", "reason")


def read_locks(sheet: Sheet, accounts: Accounts) -> tuple[Lock, ...]:
    """Locks sorted by account and seat; what is wrong is noted in the sheet.

    A row with account and seat binds the account to the seat, without a seat it binds the account to where it is, without an
    account it keeps the seat's territory as it is. `only` keeps all accounts out of a seat but those bound to it.
    """
    ids, seats, only = sheet.text("account"), sheet.text("seat"), sheet.flags("only")
    place = {account: position for position, account in enumerate(accounts.ids)}
    first: dict[str, int] = {}
    locks = []
    for at, (account, seat) in enumerate(zip(ids, seats, strict=True)):
        if not account and not seat:
            sheet.note("neither account nor seat", at, "account")
        elif account and account not in place:
            sheet.note(f"unknown account '{account}'", at, "account", did_you_mean(account, place))
        elif account and first.setdefault(account, at) != at:
            there = seats[first[account]] or "where it is"
            sheet.note(f"'{account}' is locked to {there} already, in row {sheet.table.rows[first[account]]}", at, "account")
        elif only[at] and not (account and seat):
            sheet.note("only goes with an account and its seat", at, "only")
        else:
            locks.append(Lock(place[account] if account else None, seat, bool(only[at])))
    return tuple(sorted(set(locks), key=lambda lock: (-1 if lock.account is None else lock.account, lock.seat)))


def bound_accounts(accounts: Accounts, locks: tuple[Lock, ...]) -> int:
    """How many accounts a lock of their own or the column `locked` binds."""
    bound = accounts.locked.copy()
    bound[[lock.account for lock in locks if lock.account is not None]] = True
    return int(np.sum(bound))
