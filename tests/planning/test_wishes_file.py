"""Wishes as a file: each section means what it says, and what is wrong is named by file and section."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.errors import DataError
from fieldsim.planning import Wishes, plan_quarter, read_wishes

SCENARIO = make_scenario(24, 2)

WHOLE = """
[holidays]
R02 = "DE-BY"

[[off]]
rep = "R01"
from = 2026-10-20
to = 2026-10-22

[[off]]
rep = "R01"
from = 2026-11-04
share = 0.5

[[pin]]
account = "A0001"
date = 2026-12-01

[[move]]
account = "A0002"
from = 2026-10-05
to = 2026-10-06

[[block]]
account = "A0003"
from = 2026-11-02
to = 2026-11-03

[weekday]
A0004 = "Thu"

[apart]
A0005 = 14
"""


def wishes(tmp_path: Path, text: str) -> Wishes:
    (tmp_path / "wishes.toml").write_text(text, encoding="utf-8")
    return read_wishes(SCENARIO, tmp_path / "wishes.toml")


def test_every_section_is_read(tmp_path: Path) -> None:
    read = wishes(tmp_path, WHOLE)
    assert read.off["R01"] == [date(2026, 10, 20), date(2026, 10, 21), date(2026, 10, 22)]
    assert read.share == {("R01", date(2026, 11, 4)): 0.5}
    assert read.pins == {"A0001": [date(2026, 12, 1)]}
    assert read.moves == {"A0002": {date(2026, 10, 5): date(2026, 10, 6)}}
    assert read.blocked == {"A0003": [date(2026, 11, 2), date(2026, 11, 3)]}
    assert read.weekday == {"A0004": 3}
    assert read.apart == {"A0005": 14}


def test_a_region_has_its_own_holidays(tmp_path: Path) -> None:
    bavaria = wishes(tmp_path, '[holidays]\nR02 = "DE-BY"\n').off["R02"]
    berlin = wishes(tmp_path, '[holidays]\nR02 = "DE-BE"\n').off["R02"]
    assert date(2027, 1, 6) in bavaria  # Epiphany
    assert date(2027, 1, 6) not in berlin
    assert date(2026, 12, 25) in berlin


def test_nobody_visits_on_a_regional_holiday(tmp_path: Path) -> None:
    read = wishes(tmp_path, '[holidays]\nR02 = "PL"\n')  # 11 November
    made = plan_quarter(SCENARIO, make_design(SCENARIO), make_travel(SCENARIO), wishes=read)
    at = made.days.index(date(2026, 11, 11))
    assert at in made.territories[0].work_day.tolist()
    assert at not in made.territories[1].work_day.tolist()


def test_later_wishes_are_added() -> None:
    one = Wishes(off={"R01": [date(2026, 10, 5)]}, weekday={"A0001": 1})
    both = one | Wishes(off={"R01": [date(2026, 10, 6)]}, weekday={"A0001": 2})
    assert both.off == {"R01": [date(2026, 10, 5), date(2026, 10, 6)]}
    assert both.weekday == {"A0001": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[offs]\n", "unknown section 'offs'"),
        ('[[off]]\nrep = "R09"\nfrom = 2026-10-20\n', r"\[off\] unknown rep 'R09'"),
        ('[[off]]\nrep = "R01"\n', r"\[off\] 'from' is missing"),
        ('[[off]]\nrep = "R01"\nfrom = "2026-10-20"\n', "is no date"),
        ('[[off]]\nrep = "R01"\nfrom = 2026-10-20\nto = 2026-10-19\n', "no span of days"),
        ('[[off]]\nrep = "R01"\nfrom = 2026-10-20\nshare = "half"\n', "is no number"),
        ('[[pin]]\naccount = "A0001"\nday = 2026-10-20\n', "unknown key 'day'"),
        ('[weekday]\nA0001 = "Sunday"\n', "is no weekday"),
        ("[apart]\nA0001 = 0\n", "is no number of days"),
        ('[holidays]\nR01 = "DE-XX"\n', r"R01 = 'DE-XX': no region of DE has that code; known: BB, BE"),
        ('[holidays]\nR01 = "Germany"\n', r"R01 = 'Germany': no holiday calendar is known for it; did you mean 'DE'\?"),
        ("pin = 1\n", "is a list of tables"),
        ("[[pin]\n", "not TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as error:
        wishes(tmp_path, text)
    assert "wishes.toml" in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_wishes(SCENARIO, tmp_path / "none.toml")
