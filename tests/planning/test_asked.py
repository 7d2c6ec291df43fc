"""A pin or a move that no plan can keep is told before anything is planned: the day, why, and where it was asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import make_design, make_scenario, make_travel

from fieldsim.errors import DataError
from fieldsim.model import Overlay, Scenario
from fieldsim.planning import Wishes, check_asked, plan_quarter, read_wishes, within

SCENARIO = make_scenario(12, 2)
FRIDAY = date(2026, 10, 16)


def refused(wishes: Wishes, scenario: Scenario = SCENARIO) -> DataError:
    with pytest.raises(DataError) as told:
        plan_quarter(scenario, make_design(scenario), make_travel(scenario), wishes=wishes)
    return told.value


@pytest.mark.parametrize(
    ("account", "day", "more", "why"),
    [
        ("A0001", date(2026, 12, 25), {}, "pinned to 2026-12-25, a public holiday (Christmas Day)"),
        ("A0001", date(2026, 10, 17), {}, "pinned to 2026-10-17, a Saturday"),
        ("A0001", date(2027, 10, 20), {}, "pinned to 2027-10-20, outside the quarter, 2026-10-01 to 2026-12-31"),
        ("A0002", FRIDAY, {}, "pinned to 2026-10-16, when it is closed (it opens Mo-Th 08:30-17:00)"),
        ("A0001", FRIDAY, {"off": {"R02": [FRIDAY]}}, "pinned to 2026-10-16, a day off of R02"),
        ("A0001", FRIDAY, {"share": {("R02", FRIDAY): 0.0}}, "pinned to 2026-10-16, a day off of R02"),
        ("A0001", FRIDAY, {"share": {("R02", FRIDAY): 0.1}}, "it does not open within R02's hours, 8:00 to 8:51"),
        ("A0000", FRIDAY, {"share": {("R01", FRIDAY): 0.08}}, "it is longer than R01's hours, 8:00 to 8:40"),
        ("A0000", FRIDAY, {"share": {("R01", FRIDAY): 0.1}}, "R01's hours, 8:00 to 8:51, do not hold the way there and back"),
        ("A0001", FRIDAY, {"blocked": {"A0001": [FRIDAY]}}, "pinned to 2026-10-16, a day that is to be kept free of it"),
    ],
)
def test_the_reason_is_named(account: str, day: date, more: dict[str, object], why: str) -> None:
    assert why in refused(Wishes(pins={account: [day]}, **more)).message  # type: ignore[arg-type]
    moved = refused(Wishes(moves={account: {date(2026, 10, 5): day}}, **more)).message  # type: ignore[arg-type]
    assert moved.startswith(f"the visit to '{account}' cannot move to {day}, ")


def test_a_day_that_can_be_is_offered() -> None:
    assert refused(Wishes(pins={"A0002": [FRIDAY]})).hint == "2026-10-15 can hold it"
    assert refused(Wishes(pins={"A0002": [date(2027, 10, 20)]})).hint is None


def test_a_rep_who_is_not_employed_yet_keeps_no_pin() -> None:
    late = replace(SCENARIO, reps=(SCENARIO.reps[0], replace(SCENARIO.reps[1], start=date(2026, 11, 1))))
    assert "2026-10-16, when R02 is not employed" in refused(Wishes(pins={"A0001": [FRIDAY]}), late).message


@pytest.mark.parametrize(
    ("wishes", "why"),
    [
        (
            Wishes(pins={"A0003": [date(2026, 10, 5), date(2026, 11, 5), date(2026, 12, 3), date(2026, 12, 30)]}),
            "4 days asked for",
        ),
        (
            Wishes(pins={"A0003": [date(2026, 10, 5), date(2026, 10, 8)]}),
            "3 days after 2026-10-05, but its visits are at least 15",
        ),
        (
            Wishes(pins={"A0003": [date(2026, 10, 5)]}, moves={"A0003": {date(2026, 10, 5): date(2026, 11, 5)}}),
            "2026-10-05, the day that its visit is to leave",
        ),
    ],
)
def test_what_contradicts_itself_is_named(wishes: Wishes, why: str) -> None:
    assert why in refused(wishes).message


def test_the_gap_that_was_asked_for_counts() -> None:
    days = [date(2026, 10, 5), date(2026, 10, 8)]
    wishes = Wishes(pins={"A0003": days}, apart={"A0003": 3})
    mine = plan_quarter(SCENARIO, make_design(SCENARIO), make_travel(SCENARIO), wishes=wishes)
    held = {mine.days[k] for k in mine.territories[1].day[mine.territories[1].account == 3].tolist()}
    assert set(days) <= held


def test_a_specialist_who_works_that_day_may_keep_it() -> None:
    wishes = Wishes(pins={"A0000": [FRIDAY]}, off={"R01": [FRIDAY]})
    design = replace(make_design(SCENARIO), overlays=(Overlay(0, 1, 0.3, 0.5, 0.5),))
    check_asked(SCENARIO, design, make_travel(SCENARIO), wishes)
    with pytest.raises(DataError, match="a day off of R01"):
        check_asked(SCENARIO, make_design(SCENARIO), make_travel(SCENARIO), wishes)


def test_all_of_a_vacant_seat_is_listed_not_refused() -> None:
    design = replace(make_design(SCENARIO), rep_of=np.array([0, -1]))
    made = plan_quarter(SCENARIO, design, make_travel(SCENARIO), wishes=Wishes(pins={"A0001": [FRIDAY]}))
    assert {row.reason for row in made.territories[1].unplaced} == {"seat is vacant"}


def test_what_only_other_visits_leave_no_room_for_is_listed() -> None:
    day = date(2026, 10, 15)
    busy = replace(SCENARIO, accounts=replace(SCENARIO.accounts, visit_minutes=np.full(12, 200.0), opens=("",) * 12))
    wishes = Wishes(pins={f"A{i:04d}": [day] for i in range(0, 12, 2)})
    made = plan_quarter(busy, make_design(busy), make_travel(busy), wishes=wishes)
    reasons = [row.reason for row in made.territories[0].unplaced]
    assert reasons
    assert set(reasons) == {"pinned to 2026-10-15, where it does not fit"}
    assert (made.territories[0].day == made.days.index(day)).sum() == 2


def test_the_line_of_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "w.toml"
    text = (
        '[holidays]\nR02 = "AT"\n\n[[pin]]\naccount = "A0000"\ndate = 2026-11-10\n\n[[pin]]\naccount = "A0001"\n# soon\ndate = '
    )
    file.write_text(f"{text}2026-12-25\n")
    told = refused(read_wishes(SCENARIO, file))
    assert (told.file, told.row) == (str(file), 11)
    file.write_text(f"{text}2026-10-26\n")
    assert "a day off of R02 (National Day, AT)" in refused(read_wishes(SCENARIO, file)).message
    file.write_text('pin = [\n  {account = "A0001", date = 2026-12-25},\n]\n')
    assert refused(read_wishes(SCENARIO, file)).row == 1
    file.write_text('[[move]]\naccount = "A0001"\nto = 2026-10-17\nfrom = 2026-10-05\n')
    assert refused(read_wishes(SCENARIO, file)).row == 3


def test_an_argument_is_named_as_it_was_written() -> None:
    told = refused(Wishes(pins={"A0001": [FRIDAY]}, blocked={"A0001": [FRIDAY]}, said={("A0001", FRIDAY): ("--pin A0001@x", 0)}))
    assert told.message.startswith("--pin A0001@x: 'A0001' is pinned to")
    assert told.file is told.row is None


def test_other_quarters_pins_can_be_left_out() -> None:
    wishes = Wishes(pins={"A0001": [FRIDAY, date(2027, 1, 12)]}, moves={"A0003": {date(2027, 2, 1): date(2027, 2, 2)}})
    mine = within(wishes, *SCENARIO.quarter(0))
    check_asked(SCENARIO, make_design(SCENARIO), make_travel(SCENARIO), mine)
    assert (mine.pins["A0001"], mine.moves["A0003"]) == ([FRIDAY], {})


@settings(deadline=None, max_examples=40)
@given(
    st.integers(-5, 100),
    st.sampled_from(["", "Mo-Th 08:30-17:00", "We 16:00-18:00", "Mo,Fr 10:00-11:00; PH off", "Mo-Fr 07:00-08:20"]),
    st.sampled_from([0.0, 0.05, 0.2, 0.5, 1.0]),
    st.sampled_from([10.0, 45.0, 200.0, 600.0]),
)
def test_just_what_no_plan_of_the_account_alone_holds_is_refused(after: int, opens: str, share: float, minutes: float) -> None:
    """The truth is a plan in which nothing else is due and every gap is allowed."""
    scenario = make_scenario(2, 1, seed=6)
    book = replace(
        scenario.accounts, opens=(opens, ""), visit_minutes=np.array([minutes, 30.0]), visits=np.array([5, 0]), remote=np.zeros(2)
    )
    scenario = replace(scenario, accounts=book, day=replace(scenario.day, lunch=None))
    day = scenario.start + timedelta(days=after)
    wishes = Wishes(share={("R01", day): share})
    made = plan_quarter(scenario, make_design(scenario), make_travel(scenario), wishes=wishes)
    asked = replace(wishes, pins={"A0000": [day]})
    try:
        kept = plan_quarter(scenario, make_design(scenario), make_travel(scenario), wishes=asked)
    except DataError:
        free = Wishes(apart={"A0000": 1}, blocked={"A0000": [other for other in made.days if other != day]}, share=wishes.share)
        alone = plan_quarter(scenario, make_design(scenario), make_travel(scenario), wishes=free)
        assert not len(alone.territories[0].account)
    else:
        assert day in [kept.days[k] for k in kept.territories[0].day.tolist()]
