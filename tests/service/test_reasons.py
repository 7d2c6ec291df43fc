"""Reasons are said as a rep would say them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from town import Town, left

from fieldsim.service.reasons import rhythm

MONDAY = date(2026, 10, 5)


@pytest.mark.parametrize(
    ("due", "gaps", "said"),
    [
        (1, [], "once this quarter"),
        (13, [7] * 12, "every week, always on Mondays, visit 1 of 13"),
        (6, [14, 14, 15, 14, 14], "every two weeks, visit 1 of 6"),
        (3, [28, 28], "every four weeks, always on Mondays, visit 1 of 3"),
        (9, [10, 11] * 4, "about every 10 days, visit 1 of 9"),
    ],
)
def test_how_often_is_said_in_weeks_where_it_is_weeks(due: int, gaps: list[int], said: str) -> None:
    dates = [MONDAY + timedelta(days=sum(gaps[:k])) for k in range(len(gaps) + 1)]
    assert rhythm(due, 64, dates, MONDAY) == said


def test_a_rep_reads_names_not_ids(town: Town) -> None:
    day = town.day()
    names = {stop["account"]: stop["name"] for stop in day["stops"]}
    for stop in day["stops"]:
        assert "median" not in stop["reason"]
        assert not any(account in stop["reason"] for account, name in names.items() if name != account)
    town.changed(kind="done", account=left(day)[0])
    assert town.day()["stops"][0]["reason"] == day["stops"][0]["reason"]
