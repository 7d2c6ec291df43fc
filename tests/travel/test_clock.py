from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from travel.town import in_town, town

from fieldsim.errors import DataError, TravelDataError, UsageError
from fieldsim.model import TravelMatrix
from fieldsim.travel import open_travel, read_profile, travel_s, write_roads
from fieldsim.travel.field import HOURLY
from fieldsim.travel.profile import period_weights, weights


def one_pair(from_s: list[int], seconds: list[int]) -> TravelMatrix:
    table = np.zeros((len(seconds), 2, 2), dtype=np.int64)
    table[:, 0, 1] = seconds
    return TravelMatrix(table, np.zeros((2, 2), dtype=np.int64), tuple(from_s))


def exact(from_s: list[int], seconds: list[int], depart_s: int) -> Fraction:
    """The trip in exact fractions: share after share of the way."""
    now, left = Fraction(depart_s), Fraction(1)
    for k, pace in enumerate(seconds):
        until = from_s[k + 1] if k + 1 < len(from_s) else None
        if until is not None and now >= until:
            continue
        need = left * pace
        if until is None or now + need <= until:
            return now + need - depart_s
        left -= Fraction(until - now) / pace
        now = Fraction(until)
    raise AssertionError


PERIODS = st.lists(st.tuples(st.integers(1, 4000), st.integers(1, 9000)), min_size=1, max_size=5)


@settings(max_examples=200)
@given(PERIODS, st.integers(0, 20_000))
def test_a_trip_across_periods_covers_its_way_exactly(periods: list[tuple[int, int]], depart_s: int) -> None:
    from_s = np.concatenate([[0], np.cumsum([length for length, _ in periods])[:-1]]).tolist()
    seconds = [s for _, s in periods]
    taken = int(travel_s(one_pair(from_s, seconds), 0, 1, depart_s))
    right = exact(from_s, seconds, depart_s)
    assert right - Fraction(1, 1000) <= taken < right + 1 + Fraction(1, 1000)


@settings(max_examples=200)
@given(PERIODS, st.integers(0, 20_000), st.integers(1, 3000))
def test_leaving_later_never_means_arriving_earlier(periods: list[tuple[int, int]], depart_s: int, later: int) -> None:
    from_s = np.concatenate([[0], np.cumsum([length for length, _ in periods])[:-1]]).tolist()
    matrix = one_pair(from_s, [s for _, s in periods])
    leave = np.arange(depart_s, depart_s + later)
    assert (np.diff(leave + travel_s(matrix, 0, 1, leave)) >= 0).all()


@given(st.integers(0, 2_000_000))
def test_a_trip_inside_one_period_takes_the_seconds_of_the_matrix(seconds: int) -> None:
    assert int(travel_s(one_pair([0], [seconds]), 0, 1, 30_000)) == seconds


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    write_roads(town(20), folder / "roads.npz")
    return folder


@pytest.mark.parametrize("engine", ["auto", "dijkstra"])
def test_each_period_has_its_own_matrix(folder: Path, engine: str) -> None:
    travel = open_travel(in_town(folder, engine))
    matrix = travel.matrix(range(15), periods=HOURLY)
    assert matrix.seconds.shape == (24, 15, 15)
    assert matrix.from_s == HOURLY
    off = ~np.eye(15, dtype=bool)
    rush, night, noon = (matrix.seconds[h][off] for h in (8, 3, 11))
    assert (rush > noon).all()
    assert (noon > night).all()
    for seconds in matrix.seconds:
        assert (seconds[:, None, :] <= seconds[:, :, None] + seconds[None, :, :]).all()


def test_the_scenario_chooses_its_periods(folder: Path) -> None:
    periods = (0, 7 * 3600, 9 * 3600 + 1800)
    travel = open_travel(in_town(folder, periods=periods))
    matrix = travel.matrix([0, 4, 13])
    assert matrix.from_s == periods
    assert np.array_equal(matrix.seconds, open_travel(in_town(folder)).matrix([0, 4, 13], periods).seconds)
    assert travel.key != open_travel(in_town(folder)).key


def test_leaving_later_on_the_roads_never_means_arriving_earlier(folder: Path) -> None:
    matrix = open_travel(in_town(folder)).matrix(range(15), HOURLY)
    leave = np.arange(0, 86_400, 97)
    arrive = leave[:, None, None] + travel_s(matrix, np.arange(15)[:, None], np.arange(15), leave[:, None, None])
    assert (np.diff(arrive, axis=0) >= 0).all()


def test_times_at_an_hour_are_those_of_the_hourly_matrices(folder: Path) -> None:
    travel = open_travel(in_town(folder))
    seconds, metres = travel.times([0, 13], [4, 5, 6], at_s=3 * 3600)
    whole = travel.matrix([0, 13, 4, 5, 6], HOURLY)
    assert np.array_equal(seconds, whole.seconds[3, :2, 2:])
    assert np.array_equal(metres, whole.metres[:2, 2:])
    assert np.array_equal(travel.times([0], [4])[0], travel.matrix([0, 4]).seconds[0, :1, 1:])


def test_straight_lines_know_no_hour(folder: Path) -> None:
    matrix = open_travel(in_town(folder, "straight")).matrix([0, 1], HOURLY)
    assert matrix.from_s == (0,)
    assert len(matrix.seconds) == 1


@pytest.mark.parametrize("periods", [(3600,), (0, 7200, 3600), (0, 0), (0, 90_000)])
def test_periods_begin_with_midnight_and_rise(folder: Path, periods: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="begin with 0 and rise"):
        open_travel(in_town(folder)).matrix([0, 1], periods)


def test_traffic_never_quickens_a_working_hour() -> None:
    graph, profile = town(), read_profile()
    rush, noon = (weights(graph, profile, h * 3600, (h + 1) * 3600) for h in (8, 11))
    assert (weights(graph, profile) >= graph.free_ms).all()
    assert (rush >= noon).all()


def test_the_working_day_is_the_mean_of_its_hours() -> None:
    graph, profile = town(), read_profile()
    hours = np.mean([weights(graph, profile, h * 3600, (h + 1) * 3600) for h in range(8, 18)], axis=0)
    assert np.abs(hours - weights(graph, profile)).max() <= 1.0
    (half,) = period_weights(graph, profile, ())
    assert np.array_equal(half, weights(graph, profile))


def test_a_profile_of_ones_gives_the_free_times(tmp_path: Path) -> None:
    file = tmp_path / "free.toml"
    rows = "\n".join(f"{name} = {[1.0] * 24}" for name in ("motorway", "primary", "tertiary", "residential"))
    file.write_text(f"[share]\n{rows}\n")
    assert np.array_equal(weights(town(), read_profile(file)), town().free_ms)


def test_a_scenario_may_bring_its_own_profile(folder: Path) -> None:
    file = folder / "slow.toml"
    file.write_text(
        "[share]\n" + "\n".join(f"{name} = {[0.1] * 24}" for name in ("motorway", "primary", "tertiary", "residential"))
    )
    slow, usual = (open_travel(in_town(folder, profile=chosen)) for chosen in (file, None))
    assert slow.matrix([0, 5]).seconds[0, 0, 1] > 2 * usual.matrix([0, 5]).seconds[0, 0, 1]
    assert slow.key != usual.key


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[share]\nmotorwy = [1.0]", "motorwy.*did you mean 'motorway'"),
        ("[share]\nprimary = [1.0, 0.5]", "24 shares"),
        (f"[share]\nprimary = {[0.0] * 24}", "24 shares"),
        ("share = 3", "needs a table"),
        ("motorway = ", "needs a table"),
    ],
)
def test_a_wrong_profile_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(DataError, match=said):
        read_profile(tmp_path / "mine.toml")
    with pytest.raises(TravelDataError, match="no traffic profile"):
        read_profile(tmp_path / "none.toml")
