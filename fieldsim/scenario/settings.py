"""scenario.toml as frozen models: every key, its default and its bounds. Errors come out as one-line DataErrors.
One file, since it is the list of the keys twice: as a user writes them, and as they are checked.

name = "Acme Chile"                  # default: the folder's name
country = "CL"                       # required: whose public holidays, and where postal codes lie; "US-IL" with its region
region = ""                          # whose regional holidays too: "IL", "BY"; the same as country = "US-IL"
timezone = "America/Santiago"        # required: all times of day are local to it
currency = "USD"
current = "today"                    # the design in force on the day before the quarter; may be left out
accounts = "accounts.csv"            # default: accounts.csv, .parquet or .xlsx, whichever exists
reps = "reps.csv"                    # likewise; "book.xlsx#People" is a sheet of a workbook

[quarter]
start = 2026-10-01                   # required
end = 2026-12-31                     # default: three months after start, less a day

[tiers.A]                            # default tiers: A, B and C as below; an account without a tier gets the last one
visits = 12                          # due a quarter: A 12, B 6, C 3
visit_minutes = 45                   # A 45, B 30, C 20
priority = 3                         # A 3, B 2, C 1, others 1
potential = 200000                   # a year, for accounts without their own: A 200000, B 80000, C 30000, others none
revenue_share = 0.5                  # of the potential, where revenue_last_year is missing

[day]
shift_start = "08:00"                # a rep's own columns go before
shift_end = "17:30"
lunch_earliest = "12:00"
lunch_latest = "14:00"
lunch_minutes = 45                   # 0: no break
admin_minutes = 60                   # office work at the end of the day, inside the shift
max_overtime_minutes = 60

[travel]
engine = "auto"                      # auto, ch, dijkstra, straight, table
roads = "roads.npz"                  # a file in the folder
table = "travel.parquet"             # for engine = "table"
speed_kmh = 40                       # straight engine, door to door
detour = 1.3                         # straight engine: road metres a metre of great circle
access_kmh = 30                      # between a place and its road
park_s = 120                         # added to every leg
allow_far = false                    # accept places more than 5 km from a road
profile = "traffic.toml"             # traffic by road class and hour, instead of fieldsim/travel/profile.toml
periods = ["00:00", "07:00", "10:00"]  # from when each travel matrix holds; default: one, of the working day's mean traffic

[rates]
margin = 0.35                        # of revenue
travel_cost_per_km = 0.3
cost_per_year = 60000                # of a rep, where the column is empty

[quota]
basis = "potential"                  # potential, equal or given
total = 1200000                      # a quarter's; default: the sum of the reps' column `quota`

[parameters]                         # values of the market model's parameters, by name
calls_elasticity = 0.34

[columns]                            # only where a file has other headers than ours; its other columns are then ignored
amounts = ["beds", "employees"]      # your own columns of numbers from 0 in the accounts file, for design --metric; 0 where empty
crm = "salesforce"                   # salesforce, salesforce_api, hubspot, dynamics, zoho: ready-made headers of accounts
[columns.accounts]
account = "Customer no."             # ours = theirs
postal_code = ["Ship ZIP", "Bill ZIP"]  # the first that is not empty
[columns.reps]
rep = "User ID"

[places]
postal = "FR.txt"                    # a GeoNames postal file, to place accounts without coordinates

[pipeline]
stages = ["Qualification", "Needs", "Proposal", "Closing"]  # your words in column pipeline_stage, in order; default: ours

[[rules]]                            # for design --method hybrid and for leads: the first rule that matches an account decides
name = "hospitals"
where = {industry = ["health"], size = ["large"]}  # text columns of the accounts; all must hold; left out: every account
potential_at_least = 100000          # a year
seats = ["R03", "R07"]               # rep ids or territory names; balanced geography shares the accounts out among them
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
    model_validator,
)

from fieldsim.scenario.calendars import calendar_of
from fieldsim.scenario.cells import MOST_MONEY, clock, seconds_of_day


def _time_of_day(value: object) -> int:
    seconds = seconds_of_day(str(value))
    if seconds is None:
        raise ValueError("not a time such as '08:30'")
    return seconds


TimeOfDay = Annotated[int, BeforeValidator(_time_of_day), PlainSerializer(clock, when_used="json")]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Amount = Annotated[float, Field(ge=0.0, le=MOST_MONEY)]
Positive = Annotated[float, Field(gt=0.0)]
Headers = dict[str, str | list[str]]


class Section(BaseModel):
    """A table of the file: unknown keys and infinite numbers are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class QuarterSection(Section):
    """`[quarter]`."""

    start: Annotated[date, Field(ge=date(1970, 1, 1), le=date(2099, 12, 31))]
    end: date | None = None

    @field_validator("start", "end", mode="before")
    @classmethod
    def _a_day(cls, value: object) -> object:
        if isinstance(value, int | float) or (isinstance(value, datetime) and value.time() != time()):
            raise ValueError("not a date such as 2026-10-01")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> QuarterSection:
        if self.end and not timedelta(0) <= self.end - self.start <= timedelta(days=100):
            raise ValueError(f"end {self.end} must lie 0 to 100 days after start {self.start}")
        return self


class TierSection(Section):
    """`[tiers.NAME]`; None is filled from the built-in tier of that name."""

    visits: Annotated[int, Field(ge=0, le=200)]
    visit_minutes: Annotated[float, Field(gt=0.0, le=600.0)]
    priority: Annotated[int, Field(ge=1, le=1000)] = 1
    potential: Amount | None = None
    revenue_share: Share = 0.5


class DaySection(Section):
    """`[day]`, times in seconds after midnight."""

    shift_start: TimeOfDay = 8 * 3600
    shift_end: TimeOfDay = 17 * 3600 + 1800
    lunch_earliest: TimeOfDay = 12 * 3600
    lunch_latest: TimeOfDay = 14 * 3600
    lunch_minutes: Annotated[float, Field(ge=0.0, le=240.0)] = 45.0
    admin_minutes: Annotated[float, Field(ge=0.0, le=480.0)] = 60.0
    max_overtime_minutes: Annotated[float, Field(ge=0.0, le=480.0)] = 60.0

    @model_validator(mode="after")
    def _in_order(self) -> DaySection:
        if self.shift_end <= self.shift_start:
            raise ValueError("shift_end must be later than shift_start")
        if self.admin_minutes * 60 >= self.shift_end - self.shift_start:
            raise ValueError(f"admin_minutes = {self.admin_minutes:g} fill the whole shift")
        if self.lunch_minutes:
            if self.lunch_latest < self.lunch_earliest:
                raise ValueError("lunch_latest must not be before lunch_earliest")
            if self.lunch_earliest < self.shift_start or self.lunch_latest + self.lunch_minutes * 60 > self.shift_end:
                raise ValueError("the lunch break must lie inside the shift, from lunch_earliest to lunch_latest + lunch_minutes")
        return self


class TravelSection(Section):
    """`[travel]`."""

    engine: Literal["auto", "ch", "dijkstra", "straight", "table"] = "auto"
    roads: str | None = None
    table: str | None = None
    speed_kmh: Positive = 40.0
    detour: Annotated[float, Field(ge=1.0, le=10.0)] = 1.3
    access_kmh: Positive = 30.0
    park_s: Annotated[int, Field(ge=0, le=3600)] = 120
    allow_far: bool = False
    profile: str | None = None
    periods: tuple[TimeOfDay, ...] = ()

    @field_validator("periods")
    @classmethod
    def _rising_from_midnight(cls, periods: tuple[int, ...]) -> tuple[int, ...]:
        if periods and (periods[0] != 0 or any(a >= b for a, b in pairwise(periods))):
            raise ValueError("times must rise, the first being 00:00")
        return periods

    @model_validator(mode="after")
    def _with_its_table(self) -> TravelSection:
        if self.engine == "table" and not self.table:
            raise ValueError('engine = "table" needs the key table')
        if self.engine in ("ch", "dijkstra") and not self.roads:
            raise ValueError(f'engine = "{self.engine}" needs the key roads')
        return self


class RatesSection(Section):
    """`[rates]`."""

    margin: Share = 0.35
    travel_cost_per_km: Amount = 0.3
    cost_per_year: Amount = 60_000.0


class QuotaSection(Section):
    """`[quota]`."""

    basis: Literal["potential", "equal", "given"] = "potential"
    total: Annotated[float, Field(gt=0.0, le=MOST_MONEY)] | None = None


class ColumnsSection(Section):
    """`[columns]`."""

    crm: Literal["salesforce", "salesforce_api", "hubspot", "dynamics", "zoho"] | None = None
    amounts: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    accounts: Headers = {}
    reps: Headers = {}


class PlacesSection(Section):
    """`[places]`."""

    postal: str | None = None


class PipelineSection(Section):
    """`[pipeline]`; None stands for the stages of the market model."""

    stages: Annotated[tuple[str, ...], Field(min_length=2)] | None = None

    @field_validator("stages")
    @classmethod
    def _once_each(cls, stages: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for name in stages or ():
            if not name.strip() or (stages or ()).count(name) > 1:
                raise ValueError(f"'{name}' is empty or there twice")
        return stages


def _as_list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]


class RuleSection(Section):
    """One of `[[rules]]`."""

    name: Annotated[str, Field(min_length=1)]
    where: dict[str, Words] = {}
    seats: Words
    potential_at_least: Amount = 0.0


_BUILT_IN_TIERS: dict[str, dict[str, float]] = {
    "A": {"visits": 12, "visit_minutes": 45.0, "priority": 3, "potential": 200_000.0},
    "B": {"visits": 6, "visit_minutes": 30.0, "priority": 2, "potential": 80_000.0},
    "C": {"visits": 3, "visit_minutes": 20.0, "priority": 1, "potential": 30_000.0},
}


class Settings(Section):
    """The whole file."""

    name: str = ""
    country: str
    region: str = ""
    timezone: str
    currency: Annotated[str, Field(min_length=1)] = "USD"
    current: str | None = None
    accounts: str | None = None
    reps: str | None = None
    quarter: QuarterSection
    tiers: dict[str, TierSection] = Field(default_factory=dict, validate_default=True)
    day: DaySection = DaySection()
    travel: TravelSection = TravelSection()
    rates: RatesSection = RatesSection()
    quota: QuotaSection = QuotaSection()
    parameters: dict[str, Annotated[float, Field(strict=True)]] = {}
    columns: ColumnsSection = ColumnsSection()
    places: PlacesSection = PlacesSection()
    pipeline: PipelineSection = PipelineSection()
    rules: tuple[RuleSection, ...] = ()

    @field_validator("tiers", mode="before")
    @classmethod
    def _with_built_in(cls, tiers: object) -> object:
        if not isinstance(tiers, dict):
            return tiers
        named = tiers or _BUILT_IN_TIERS
        return {
            name: {**_BUILT_IN_TIERS.get(name, {}), **keys} if isinstance(keys, dict) else keys for name, keys in named.items()
        }

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("not a time zone such as 'America/Santiago'") from error
        return timezone

    @field_validator("country")
    @classmethod
    def _known_country(cls, country: str) -> str:
        calendar_of(country)
        return country

    @field_validator("region")
    @classmethod
    def _known_region(cls, region: str, info: ValidationInfo) -> str:
        if "country" in info.data:
            calendar_of(info.data["country"], region)
        return region

    @property
    def calendar(self) -> tuple[str, str]:
        """Country and region of the public holidays."""
        return calendar_of(self.country, self.region)
