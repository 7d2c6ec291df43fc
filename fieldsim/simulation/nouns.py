"""What the kernels work on, as few arrays of records: a kernel's compile time grows with the number of arrays it is handed.

Times are days from the start of the scenario unless a name says otherwise; money a year for rates, as booked in the ledger.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fieldsim.model import Bools, Floats, Ints

Records = npt.NDArray[np.void]
Record = Any
"""One row of Records: in a kernel a pointer, cheap to hand on."""
Int32s = npt.NDArray[np.int32]


def record(floats: str = "", ints: str = "", keys: str = "") -> np.dtype[np.void]:
    """A record of 8-byte fields by name."""
    fields = [(name, np.float64) for name in floats.split()] + [(name, np.int64) for name in ints.split()]
    return np.dtype([*fields, *((name, np.uint64) for name in keys.split())])


BOOK = record(
    # potential and running orders a year; days between due visits and between those today's revenue rests on; goodwill just
    # after a visit at today's rate; response curve, its scale; opportunities and churn a day; the user's pipeline (NaN: none)
    "potential running gap gap_today goodwill floor half steepness scale rate hazard pipeline service_s",
    "priority hours trade0 trade1 trade2 owner_today owner taker territory local overlay_from",
    "key area",
)
"""Accounts, what never changes; one more row than accounts, so that `overlay_from` has an end.

`taker` is the rep who gets the account when its own leaves (-1: it waits for the next hire).
"""

STATE = record(
    # goodwill as of `touched`; orders booked until `billed`, those not yet booked; share of orders at risk and when it goes
    "running goodwill touched visited tenure billed unbilled rate account_size hazard_left hazard_at "
    "risk_at risk_share risk_since",
    # first open opportunity (-1: none); bits of ordinals that are due again
    "owner alive first transfers owed owed_from attempts",
)
"""Accounts, where one replication stands."""

CANDIDATE = record("time", "number")
"""The next candidate opportunity of an account and layer."""

POOL = record("left clock end size opened", "chained number stage")
"""Open opportunities; `chained` is the next of the same account, or of the free places."""

REPS = record("hired shift_start_s shift_end_s admin_s skill free_s", "absent left", "key area")
"""Reps: `absent` counts reasons to be away, `left` is 1 while the seat is vacant, `free_s` is what is left of today's shift."""

OVERLAY = record("share credit", "rep")
"""Specialists' shares, grouped by account."""

DAYS = record(ints="rep territory depart_s lunch_s stop_from")
"""Rep-days in order of date and territory; one more row for the end."""

STOPS = record(ints="account index start_s remote")
"""Planned visits in order of route; `index` = 1024 x quarter + ordinal keys a visit's luck."""

GROUND = record(ints="book_from leg_from leg_size")
"""Territories: where their accounts (their own, then those they may take over) and legs begin; one more row for the end."""

LEDGER = record("time amount revenue_share quota_credit", "account kind rep opportunity")
"""Money and what happened to opportunities and accounts."""

LUCK = record(
    keys="mix account_size phase candidate mark size stage survival recurring churn tenure risk risk_time goodwill_loss "
    "leg home_leg area_day meeting missed rebooked"
)
"""One stream of luck a purpose."""


class World(NamedTuple):
    """Accounts, reps, opportunities and the ledger of one replication."""

    book: Records
    state: Records
    due: Floats
    """No later than an account's next event; a column of its own, because every account's is looked at every day."""
    candidate: Records
    """[accounts, layers]"""
    pool: Records
    reps: Records
    knows: Bools
    """[reps, trades]"""
    overlay: Records
    edges: Floats
    """Ends of quarters, from that of the quarter before (0) on."""
    seasons: Floats
    """[k, 2] from which day on, which factor; the first holds for all days before."""
    ledger: Records
    used: Ints
    """Rows in use: visits, ledger, opportunities; the first free opportunity (-1: none); 1 after an overflow."""
    market: Record
    """The model's numbers, see market.py."""
    luck: Record


class Field(NamedTuple):
    """Routes, legs, doors, and the log of days."""

    day_from: Ints
    """[days + 1] the rep-days of a calendar day."""
    days: Records
    stops: Records
    ground: Records
    places: Ints
    """Accounts by territory."""
    legs: Int32s
    """[periods + 1, legs] seconds by period, metres in the last row."""
    period_from_s: Ints
    windows: Ints
    """[texts, days, k, 2] opening and closing second, -1 where closed."""
    visits: Ints
    minutes: Floats
    """[rep-days, 10]"""
    scratch: Ints
    """Room for the stops of one day."""


VISIT_ROWS, LEDGER_ROWS, POOL_ROWS, FREE, OVERFLOW = range(5)
HELD, NO_SHOW, CANCELLED, DROPPED = (np.int64(code) for code in range(4))  # numpy's: a plain int compiles a kernel per value
ORDER, OPENED, DEAL, LOST, CHURN, HANDOVER = (np.int64(code) for code in range(6))
NONE = np.int64(-1)
