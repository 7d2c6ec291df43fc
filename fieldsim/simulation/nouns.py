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
Keys = npt.NDArray[np.uint64]


LINE = 64
"""Bytes that a processor fetches at once."""


def record(floats: str = "", ints: str = "", keys: str = "", first: str = "") -> np.dtype[np.void]:
    """A record of 8-byte fields by name; with `first`, those lead and the record fills whole lines of memory."""
    kinds = {name: kind for names, kind in ((floats, "f8"), (ints, "i8"), (keys, "u8")) for name in names.split()}
    order = [*first.split(), *(name for name in kinds if name not in first.split())]
    size = 8 * len(order)
    return np.dtype(
        {
            "names": order,
            "formats": [kinds[name] for name in order],
            "offsets": [8 * k for k in range(len(order))],
            "itemsize": -(-size // LINE) * LINE if first else size,
        }
    )


def lines(n: int, kind: np.dtype[np.void]) -> Records:
    """Zeroed records that begin where a line of memory does."""
    raw = np.zeros(n * kind.itemsize + LINE, dtype=np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + n * kind.itemsize].view(kind)


BOOK = record(
    # potential and running orders a year; days between due visits and between those today's revenue rests on; goodwill just
    # after a visit at today's rate; response curve, its scale; opportunities a day, and the most times that rate the account can
    # ever ask for; churn a day, days of it that are safe for each unit of hazard left; the user's pipeline (NaN: none); from the
    # user's history, NaN where it says nothing: last visit, goodwill after it, owner since; share of the visits that a manager
    # holds while the account waits for the next hire
    "potential running gap gap_today goodwill floor half steepness scale rate most hazard safe pipeline service_s "
    "visited goodwill_then tenure pooled",
    # `trades` holds three codes of 16 bits; `stage` is that of the user's pipeline, -1 where it is drawn
    "hours trades owner_today owner taker territory taken_by local local_taken area overlay_from stops_from spots_from spots_to "
    "stage",
    "key",
    # a line for each question: where it is and when it can be seen, how it answers to a visit, what it may ask for
    first="key service_s area hours local territory taken_by local_taken gap steepness half floor scale hazard safe trades "
    "rate most gap_today potential overlay_from owner taker pooled",
)
"""Accounts, what never changes; one more row than accounts, so that `overlay_from` and `stops_from` have an end.

`taker` is the rep who gets the account when its own leaves (-1: it waits for the next hire), `taken_by` the territory; `local` is
the account's place in its own territory, `local_taken` in that one; its `spots` are its places in other territories it may go to.
"""

SPOTS = record(ints="territory place rep")
"""Where an account may go when somebody else's rep leaves: the territory, its rep, and the place there; grouped by account."""

SHIFTS = record(ints="account territory taker")
"""Accounts of reps who stay that change hands when a rep leaves, and where to; grouped by the rep who leaves."""

STATE = record(
    # orders a year; goodwill at `touched`; last visit; owner since; orders not booked yet; opportunities a day at most; its
    # deals' size against others'; hazard left before it is lost; when the next candidate may come; what a change of owner puts
    # at risk and when it goes, since when; the next attack by a competitor and its luck, until when the last one weighs; when the
    # account was lost (infinite: never); no later than its next event; since orders were last charged: days, and by how much the
    # response fell between visits, as a product
    "running goodwill touched visited tenure unbilled rate account_size hazard_left candidate_at "
    "risk_at risk_share risk_since attack_at bite pressed_until died due ratio days",
    # first open opportunity (-1: none); bits of ordinals that are due again, the place among the rep's that have some; whether
    # a specialist came along last time
    "owner alive first transfers owed owed_from owed_at attempts layer attacks joint",
    # a line for each question: whether to go there, what a visit changes, what else happens meanwhile
    first="owner due died first visited alive attack_at joint touched goodwill hazard_left running ratio days candidate_at "
    "risk_at unbilled layer rate pressed_until tenure account_size attacks bite owed owed_from owed_at",
)
"""Accounts, where one replication stands."""

CANDIDATE = record("time mark", "number")
"""The next candidate opportunity of an account and layer that can be real."""

POOL = record("left clock end size opened survival", "chained code")
"""Open opportunities; `chained` is the next of the same account, or of the free places, `code` is STAGES x number + stage."""

REPS = record(
    "hired shift_start_s shift_end_s admin_s skill free_s covered", "absent left owed owing area shifts_from shifts_to", "key"
)
"""Reps: `absent` counts reasons to be away, `left` is 1 while the seat is vacant, `free_s` is what is left of today's shift,
`covered` the part of the visits asked of managers that they have time for, the same for every seat.

Their accounts with a visit due again are the `owed` ones from `owing` on in the world's list.
"""

OWED = record(ints="account territory place from_day")
"""An account with a visit due again, its owner's territory and the place there, and from when on it may be made up."""

OVERLAY = record("share credit", "rep")
"""Specialists' shares, grouped by account."""

DAYS = record(ints="rep territory depart_s lunch_s stop_from after joint")
"""Rep-days in order of date and territory; one more row for the end.

`after` is the territory's next rep-day (-1: none), `joint` whether a specialist comes along to some stop.
"""

STOPS = record("service_s", "account index start_s remote row day place before hours area priority joint guest")
"""Planned visits in order of route; `index` = 1024 x quarter + ordinal keys a visit's luck.

`before` is the place the planned way to it starts from, `joint` the specialist who comes along (-1: none), `guest` 1 for a visit
that a specialist makes in their own days, in the owner's place.
"""

GROUND = record(ints="book_from leg_from leg_size")
"""Territories: where their accounts (their own, then those they may take over) and legs begin; one more row for the end."""

WALK = record(
    # seconds: now; the leg under way, its metres, when it began, the length of the meeting, its earliest start, the end of the
    # last one with a specialist; the visit ahead: its planned length, the factors of luck on the way and on the length, and
    # whether it is rebooked if the customer stays away
    "t leg metres left length not_before end service delay stretch again",
    # whether lunch is still to come; remaining stops; the visit ahead, whether the customer stays away; 1 while waiting for a
    # specialist, whether one came; cancellations whose time is still free; whether the day's slack is known
    "row here hungry head count account index area hours planned remote missed waiting joint came freed foreseen",
)
"""Where each rep's day stands."""

MINUTES = record("rep date travel wait visit lunch admin idle overtime metres")
"""A rep-day in the log; seconds while it runs, minutes after."""

LEDGER = record("time amount revenue_share quota_credit", "account kind rep opportunity")
"""Money and what happened to opportunities and accounts."""

LUCK = record(
    keys="account phase churn candidate size stage risk goodwill_loss attack leg home_leg area_day missed manager",
)
"""One stream of luck a purpose."""

MARKET = record(
    # goodwill, stages and their clock
    "tau overdue_speed overdue_after push_days push_speed push_win push_size stage_days stage_sigma base_odds "
    # people
    "ramp_effect fit_effect tenure_effect ramp_midpoint ramp_slope ramp_full fit_lift lift remote_lift "
    # money and hand-over
    "deal_share deal_sigma recurring_share churn_neglect "
    "handover_loss handover_risk handover_risk_sd handover_days handover_rescue mix_sigma size_sigma "
    # the day, seconds
    "visit_sigma travel_sigma area_sigma rush calm missed called_off no_show_s rebooked rebook_days max_wait_s "
    "manager_trip_visits lunch_from_s lunch_until_s lunch_s overtime_s "
    # competitors and specialists
    "attack_rate attack_half_days pressure pressure_days joint_lift joint_effect",
    "layers warm warm_layers pull_days",
)
"""The numbers kernels need; days, shares and log odds unless named otherwise."""


class World(NamedTuple):
    """Accounts, reps, opportunities and the ledger of one replication."""

    book: Records
    state: Records
    chances: Floats
    """[9 + 2 layers, accounts] drawn at the start: mix and size of opportunities, days since the last visit and since the owner
    came as shares of the longest, hazard before it is lost, stage of a given pipeline, wait for the first attack and its bite,
    wait and mark of each first candidate; the last row is room to work in."""
    candidate: Records
    """[accounts, layers]"""
    pool: Records
    reps: Records
    owing: Records
    """Accounts with a visit due again, by rep."""
    spots: Records
    shifts: Records
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
    market: Records
    """The model's numbers, see market.py, shape [1]."""
    luck: Records
    """Shape [1]."""


class Field(NamedTuple):
    """Routes, legs, doors, and the log of days."""

    day_from: Ints
    """[days + 1] the rep-days of a calendar day."""
    days: Records
    stops: Records
    chain: Ints
    """First stop of each rep-day, next of each stop (-1: the end), rep-day of each stop; a replication's own: stops may move."""
    stops_of: Ints
    """Stops by account, in order of date."""
    row_of: Int32s
    """[territories, days] rep-day of a territory on a day, -1 where none."""
    ground: Records
    places: Ints
    """Accounts by territory."""
    legs: Int32s
    """[legs, periods + 1] seconds by period, then metres."""
    ways: Int32s
    """The same for the planned way to each stop."""
    homeward: Int32s
    """The same for the way home from each of `places`."""
    fates: Floats
    """[4, stops] drawn for each planned visit: whether the customer stays away, whether it is rebooked then, delay and length."""
    entities: Keys
    """Keys of the accounts."""
    visitors: Keys
    """Keys of the account of each stop."""
    indices: Ints
    """`index` of each stop."""
    period_from_s: Ints
    windows: Ints
    """[texts, days, k, 2] opening and closing second, -1 where closed."""
    areas: Keys
    weather: Floats
    """Today's factor on all legs of an area."""
    visits: Ints
    """[12, rows]"""
    minutes: Records
    walks: Records
    scratch: Ints
    """[reps, stops] each rep's remaining stops, doubled, odd where the customer will stay away."""
    slack: Floats
    """[reps, stops, 3] see slack.py"""


VISIT_ROWS, LEDGER_ROWS, POOL_ROWS, FREE, OVERFLOW = range(5)
HELD, NO_SHOW, CANCELLED, DROPPED = (np.int64(code) for code in range(4))  # numpy's: a plain int compiles a kernel per value
ORDER, OPENED, DEAL, LOST, CHURN, HANDOVER = (np.int64(code) for code in range(6))
NONE = np.int64(-1)
ONLY: Any = np.int64(0)
"""Second index of draws that need but one."""
