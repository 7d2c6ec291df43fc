"""The vocabulary: frozen nouns that travel between the floors. No behaviour beyond what a noun knows of itself.

Units: seconds after midnight for times of day, seconds for durations, metres, WGS84 degrees, money in the scenario's currency.
Inside, accounts and reps are *positions* in `scenario.accounts` and `scenario.reps` (both sorted by id); ids stay at the doors.
A *point* is a place of the scenario: 0..A-1 the accounts, A..A+R-1 the reps' homes.

One file, though a long one: the words define one another, and who looks for one finds it where all are. A section each for the
scenario, designs, travel, a day, a quarter's plan and a replication's log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Window = tuple[int, int]
"""A visit may start from the first to the second number, seconds after midnight, both included."""

# ── the scenario ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Tier:
    """What an account of this tier gets and is assumed to be worth unless its own columns say otherwise."""

    name: str
    visits: int
    """Visits due a quarter."""
    visit_minutes: float
    priority: int
    potential: float
    """Revenue a year if served perfectly, for an account without its own figure."""
    revenue_share: float
    """Share of the potential an account buys today when `revenue_last_year` is missing."""


PIPELINE_STAGES = ("qualified", "discovery", "proposal", "negotiation")
"""The stages an opportunity passes, in order; from half of them on an open pipeline is late."""


@dataclass(frozen=True, eq=False)
class Accounts:
    """The book as columns, one row an account, sorted by id (code points). Text is "" where the file says nothing."""

    ids: tuple[str, ...]
    name: tuple[str, ...]
    lat: Floats
    lon: Floats
    precision: tuple[str, ...]
    """exact, street, postal or city: how well the place is known."""
    tier: tuple[str, ...]
    segment: tuple[str, ...]
    industry: tuple[str, ...]
    size: tuple[str, ...]
    product: tuple[str, ...]
    parent: tuple[str, ...]
    owner: tuple[str, ...]
    address: tuple[str, ...]
    postal_code: tuple[str, ...]
    city: tuple[str, ...]
    country: tuple[str, ...]
    opens: tuple[str, ...]
    """OSM opening-hours text; "" means whenever a rep works."""
    potential: Floats
    revenue_last_year: Floats
    open_pipeline: Floats
    visits: Ints
    """Visits due a quarter."""
    visit_minutes: Floats
    priority: Ints
    remote: Floats
    """Share of the visits held remotely, 0 to 1."""
    locked: Bools
    """True: no design may move it."""
    assumed: frozenset[tuple[str, str]] = frozenset()
    """(account, column) pairs filled by a default of the tier table."""
    pipeline_stage: tuple[str, ...] = ()
    """One of PIPELINE_STAGES, the furthest that an open opportunity has come, "" where it is not known; () where nobody's is."""
    amounts: Mapping[str, Floats] = field(default_factory=dict)
    """The scenario's own columns of numbers, by name: what a design may balance besides."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Rep:
    """A person who sells. Quota is a quarter's; capacity 0.5 is half a working week."""

    id: str
    name: str
    lat: float
    lon: float
    quota: float | None
    start: date | None
    end: date | None
    skills: frozenset[str]
    capacity: float
    shift_start_s: int
    shift_end_s: int
    cost_per_year: float

    @property
    def day_end_s(self) -> int:
        """When a day's paid work ends: the shift's end, or as much earlier as the capacity is below 1."""
        return self.shift_start_s + int((self.shift_end_s - self.shift_start_s) * min(1.0, self.capacity))


@dataclass(frozen=True)
class Lunch:
    """A break that starts between `earliest_s` and `latest_s` and lasts `duration_s`."""

    earliest_s: int
    latest_s: int
    duration_s: int


@dataclass(frozen=True)
class DayRules:
    """How a rep's day is made: break, office work at its end, and how late a day may run."""

    lunch: Lunch | None
    admin_minutes: float
    """Office work at home at the end of each working day, inside the shift."""
    max_overtime_minutes: float


@dataclass(frozen=True)
class TravelSettings:
    """Where travel times come from. `engine`: auto, ch, dijkstra, straight or table."""

    engine: str
    roads: Path | None
    table: Path | None
    speed_kmh: float
    """Door-to-door speed of the straight engine."""
    detour: float
    """Road metres for each metre of great circle, straight engine."""
    access_kmh: float
    """Speed between a place and the road point it is snapped to."""
    park_s: int
    """Seconds added to every leg that goes from one place to another: walk, park, sign in."""
    allow_far: bool
    """Accept places more than 5 km from a road."""
    profile: Path | None = None
    """Traffic by road class and hour in place of the default one."""
    periods: tuple[int, ...] = ()
    """Times of day, the first 0, from which each travel matrix holds; none: one matrix of the working day's mean traffic."""


@dataclass(frozen=True)
class Rates:
    """Money rates of the contribution KPI: margin as a share of revenue, travel cost a kilometre."""

    margin: float
    travel_cost_per_km: float


@dataclass(frozen=True)
class QuotaRule:
    """How the team's quarterly quota is split over seats: by potential, equal, or as the reps' column gives it."""

    basis: Literal["potential", "equal", "given"]
    total: float | None


@dataclass(frozen=True)
class Rule:
    """Which seats may own which accounts: the first rule that matches an account decides."""

    name: str
    where: Mapping[str, tuple[str, ...]]
    """Text column of the accounts (industry, segment, size, product, tier, city, ...) -> values; empty matches every account."""
    seats: tuple[str, ...]
    """Rep ids or territory names."""
    potential_at_least: float = 0.0


@dataclass(frozen=True)
class Lock:
    """What no design may change: an account bound to a seat or to where it is, a seat's list, or a territory as it is."""

    account: int | None
    """Position; None: the seat's territory stays as it is, nobody in and nobody out."""
    seat: str = ""
    """Rep id or territory name; "": wherever the account is today."""
    only: bool = False
    """The seat takes the accounts bound to it and no others."""


@dataclass(frozen=True, eq=False)
class Scenario:
    """A company's field force and market as read from a folder; everything in it is fixed before the first question."""

    name: str
    folder: Path
    currency: str
    timezone: str
    country: str
    """ISO 3166 code that names the public holidays."""
    start: date
    end: date
    """First and last day of the quarter."""
    tiers: Mapping[str, Tier]
    accounts: Accounts
    reps: tuple[Rep, ...]
    current: str | None
    """The design in force on the day before `start`."""
    day: DayRules
    travel: TravelSettings
    rates: Rates
    quota: QuotaRule
    holidays: frozenset[date]
    """Public holidays of the quarter and the two years after it."""
    parameters: Mapping[str, float] = field(default_factory=dict)
    """The scenario's own values for parameters of the market model."""
    history: Mapping[str, Sequence[object]] | None = None
    """Columns of history.csv, or None."""
    content: str = ""
    """Key of everything read, independent of row order."""
    rules: tuple[Rule, ...] = ()
    """Rules of hybrid designs, in the order they are tried."""
    origins: tuple[tuple[str, int], ...] = field(default=(), compare=False)
    """File and row that each point comes from, for messages; empty where the scenario is of no file."""
    locks: tuple[Lock, ...] = ()
    """What no design may change, beside the accounts' own `locked`."""
    region: str = ""
    """Code of the region whose holidays are among the public ones, "" for none."""

    def quarter(self, number: int) -> tuple[date, date]:
        """First and last day of the quarter `number` after the scenario's own (0)."""
        start = add_months(self.start, 3 * number)
        return start, (self.end if number == 0 else add_months(self.start, 3 * number + 3) - timedelta(days=1))

    def working_days(self, number: int) -> tuple[date, ...]:
        """Mondays to Fridays of a quarter that are no public holiday."""
        start, end = self.quarter(number)
        every = (start + timedelta(days=k) for k in range((end - start).days + 1))
        return tuple(day for day in every if day.weekday() < 5 and day not in self.holidays)

    def home(self, rep: int) -> int:
        """The point of a rep's home."""
        return len(self.accounts) + rep


def add_months(day: date, months: int) -> date:
    """The same day of the month, or the month's last, so many months later."""
    years, month = divmod(day.month - 1 + months, 12)
    last = 31 if month in (0, 2, 4, 6, 7, 9, 11) else 30
    if month == 1:
        year = day.year + years
        last = 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return date(day.year + years, month + 1, min(day.day, last))


# ── designs ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Overlay:
    """A specialist's share in an account: of its revenue, of quota credit and of its visits."""

    account: int
    rep: int
    revenue_share: float
    quota_credit: float
    visit_share: float


@dataclass(frozen=True, eq=False)
class Design:
    """Every account in one territory, every territory with a seat: a rep or vacant."""

    name: str
    territories: tuple[str, ...]
    """Sorted names."""
    territory_of: Ints
    """Territory position of each account, shape [accounts]."""
    rep_of: Ints
    """Rep position of each territory, -1 where the seat is vacant, shape [territories]."""
    overlays: tuple[Overlay, ...] = ()

    @property
    def owner(self) -> Ints:
        """Rep position of each account, -1 where its seat is vacant."""
        owners: Ints = self.rep_of[self.territory_of]
        return owners

    def book(self, territory: int) -> Ints:
        """Positions of the accounts in a territory, ascending."""
        return np.flatnonzero(self.territory_of == territory).astype(np.int64)


# ── travel ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class TravelMatrix:
    """Directed travel between points: whole seconds (rounded up) and metres along the fastest way.

    `seconds` has shape [periods, n, n]; period p holds for departures from `from_s[p]` on, `from_s[0]` is 0.
    """

    seconds: Ints
    metres: Ints
    """Shape [n, n], of the first period's way."""
    from_s: tuple[int, ...] = (0,)


class Travel(Protocol):
    """Travel over the scenario's points (see the module's head)."""

    @property
    def key(self) -> str:
        """Content key of everything that decides the times."""

    def matrix(self, points: Sequence[int] | Ints) -> TravelMatrix:
        """Times and metres between the given points, in their order; an unreachable pair is an error that names it."""

    def path(self, origin: int, destination: int) -> list[tuple[float, float]]:
        """The way as (lat, lon) corners, both ends included."""


# ── one day ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class DayVisit:
    """A visit that a day may hold. `at` is a row of the day's matrix, None for a remote meeting."""

    id: str
    at: int | None
    service_s: int
    windows: tuple[Window, ...]
    """Times at which the visit may start; empty means never that day."""
    priority: int = 1
    required: bool = False
    agreed_start_s: int | None = None


@dataclass(frozen=True)
class Now:
    """Where a day in progress stands, for a re-plan."""

    at: int
    time_s: int
    done: tuple[str, ...] = ()
    lunch_done: bool = False


@dataclass(frozen=True, eq=False)
class DayProblem:
    """One rep's day: what could be visited, and the frame it must fit (design.md 3.5 states the rules)."""

    travel: TravelMatrix
    start: int
    end: int
    shift: Window
    visits: tuple[DayVisit, ...]
    lunch: Lunch | None = None
    now: Now | None = None


@dataclass(frozen=True)
class Stop:
    """One visit of a route: arrival, start after waiting, and leaving."""

    id: str
    at: int | None
    travel_s: int
    arrive_s: int
    start_s: int
    leave_s: int


@dataclass(frozen=True)
class ForcedCost:
    """What putting a skipped visit in would cost: visits dropped for it and extra travel."""

    drops: tuple[str, ...]
    travel_s: int
    cheapest: bool = True
    """False where a cheaper way in is not ruled out."""


@dataclass(frozen=True)
class Skipped:
    """A visit left out, with a reason a rep understands; `forced_cost` is None where nothing makes room."""

    id: str
    reason: str
    """never_open, too_far, shift, window, displaced or required_conflict."""
    detail: str
    forced_cost: ForcedCost | None = None


@dataclass(frozen=True)
class DayRoute:
    """The answer to a DayProblem. `status` is optimal only with a proof; `wait_s` counts waiting at doors."""

    status: Literal["optimal", "feasible"]
    proof: Literal["exact", "bound", "none"]
    priority_served: int
    served: int
    travel_s: int
    wait_s: int
    depart_s: int
    finish_s: int
    stops: tuple[Stop, ...]
    lunch: Window | None = None
    """Start and end of the break, None where none was needed."""
    skipped: tuple[Skipped, ...] = ()
    failed_required: tuple[str, ...] = ()
    """A set of required visits that cannot all be served, empty when all are."""


# ── the quarter's plan ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Unplaced:
    """Visits that are due but have no day."""

    account: int
    count: int
    reason: str
    needs_time: bool = True
    """False: more working time would not give them a day (never open, too far, too close together)."""


@dataclass(frozen=True, eq=False)
class TerritoryPlan:
    """One territory's quarter: a row a visit in order of day and route, and a row a day the rep works.

    Days are positions in `VisitPlan.days`. A territory whose seat is vacant has no rows and all its visits unplaced.
    """

    rep: int
    account: Ints
    day: Ints
    ordinal: Ints
    """Which of the account's visits of the quarter this is, from 0."""
    remote: Bools
    start_s: Ints
    travel_s: Ints
    """Planned travel to the visit."""
    work_day: Ints
    depart_s: Ints
    finish_s: Ints
    lunch_s: Ints
    """Start of the break, -1 where none."""
    proven: Bools
    """The day's route is proven optimal."""
    needed_s: float
    """Working time that all due visits need: visits, travel, breaks."""
    available_s: float
    unplaced: tuple[Unplaced, ...] = ()


@dataclass(frozen=True, eq=False)
class VisitPlan:
    """The visit plan of a design for one quarter, a TerritoryPlan for each territory in the design's order."""

    design: str
    quarter: int
    days: tuple[date, ...]
    due: Ints
    """Visits due in the quarter, shape [accounts], the same for every design."""
    territories: tuple[TerritoryPlan, ...]


# ── one replication ───────────────────────────────────────────────────────────────────────────────────────────────

OUTCOMES = ("held", "no_show", "cancelled", "dropped")
LEDGER_KINDS = ("order", "opened", "deal", "lost", "churn", "handover")
LOG_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "visits": (
        "rep",
        "account",
        "ordinal",
        "date",
        "planned_start_s",
        "arrive_s",
        "start_s",
        "leave_s",
        "travel_s",
        "distance_m",
        "remote",
        "outcome",
    ),
    "minutes": ("rep", "date", "travel", "wait", "visit", "lunch", "admin", "idle", "overtime", "distance_m"),
    "ledger": ("time", "account", "kind", "amount", "rep", "revenue_share", "quota_credit", "opportunity"),
    "quotas": ("rep", "territory", "quarter", "quota", "needed_s"),
    "seats": ("territory", "rep", "from_day", "to_day"),
    "due": ("account", "quarter", "due", "planned", "territory"),
}
"""Columns of a Quarter's tables in order; in files each is preceded by `design`, `replication` and `plan`."""


@dataclass(frozen=True, eq=False)
class Quarter:
    """One replication's log under one design: column arrays, framed only at the door. It may span several quarters.

    Dates are days after `scenario.start`; reps, accounts are positions (-1: no rep).
    visits   rep, account, ordinal, date, planned_start_s, arrive_s, start_s, leave_s, travel_s, distance_m, remote,
             outcome (position in OUTCOMES). A dropped or cancelled visit has arrive_s = start_s = leave_s = -1.
    minutes  rep, date, travel, wait, visit, lunch, admin, idle, overtime (all minutes), distance_m: a row a rep and working day;
             travel + wait + visit + lunch + admin + idle = shift + overtime.
    ledger   time (days after start), account, kind (position in LEDGER_KINDS), amount, rep, revenue_share, quota_credit,
             opportunity (its number, -1 for none). `opened` may lie before day 0.
    quotas   rep (-1 vacant), territory (-1: a specialist), quarter, quota, needed_s (working time all due visits need)
    seats    territory, rep, from_day, to_day
    due      account, quarter, due, planned, territory (on day one)
    """

    design: str
    replication: int
    days: int
    """Length of the horizon in calendar days."""
    visits: Mapping[str, npt.NDArray[np.generic]]
    minutes: Mapping[str, npt.NDArray[np.generic]]
    ledger: Mapping[str, npt.NDArray[np.generic]]
    quotas: Mapping[str, npt.NDArray[np.generic]]
    seats: Mapping[str, npt.NDArray[np.generic]]
    due: Mapping[str, npt.NDArray[np.generic]]
    plan: int = 1
    """Which of its design's plans it rests on, from 1."""
