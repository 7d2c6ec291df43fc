from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from small import make_scenario
from travel.town import in_town, moved, settings, town

from fieldsim.errors import DataError, TravelDataError, UsageError
from fieldsim.model import Scenario
from fieldsim.store import Store
from fieldsim.travel import ENGINES, FieldTravel, open_travel, write_roads

EVERY = list(ENGINES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario folder with roads and a table of travel times."""
    folder = tmp_path_factory.mktemp("town")
    write_roads(town(20), folder / "roads.npz")
    return folder


def scenario_for(engine: str, folder: Path, n: int = 12) -> Scenario:
    scenario = in_town(folder, engine, n)
    if engine != "table":
        return scenario
    matrix = opened(in_town(folder, "dijkstra", n)).matrix(range(n + 3))
    names = [*scenario.accounts.ids, *(rep.id for rep in scenario.reps)]
    rows = [f"{a},{b},{matrix.seconds[0, i, j]},{matrix.metres[i, j]}" for i, a in enumerate(names) for j, b in enumerate(names)]
    (folder / "table.csv").write_text("\n".join(["from,to,travel_s,distance_m", *rows]))
    return dataclasses.replace(scenario, travel=dataclasses.replace(scenario.travel, table=folder / "table.csv"))


def opened(scenario: Scenario, **options: object) -> FieldTravel:
    return open_travel(scenario, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", EVERY)
def test_every_engine_keeps_the_contract(engine: str, folder: Path) -> None:
    travel = opened(scenario_for(engine, folder))
    matrix = travel.matrix(range(15))
    seconds = matrix.seconds[0]
    assert matrix.seconds.shape == (1, 15, 15)
    assert seconds.dtype == matrix.metres.dtype == np.int64
    assert (np.diagonal(seconds) == 0).all()
    assert (np.diagonal(matrix.metres) == 0).all()
    off = ~np.eye(15, dtype=bool)
    assert (seconds[off] > 120).all()
    assert (matrix.metres[off] > 0).all()
    assert (seconds[:, None, :] <= seconds[:, :, None] + seconds[None, :, :]).all()
    path = travel.path(0, 13)
    places = travel.ground.places
    assert path[0] == (places.lat[0], places.lon[0])
    assert path[-1] == (places.lat[13], places.lon[13])
    assert travel.key == opened(scenario_for(engine, folder)).key


def test_hierarchies_and_dijkstra_agree_at_the_door(folder: Path, tmp_path: Path) -> None:
    fast = opened(in_town(folder, "ch"), store=Store(tmp_path / "a")).matrix(range(15))
    slow = opened(in_town(folder, "dijkstra"), store=Store(tmp_path / "b")).matrix(range(15))
    assert np.array_equal(fast.seconds, slow.seconds)
    assert np.array_equal(fast.metres, slow.metres)


@examples(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 14), min_size=1, max_size=15))
def test_any_choice_of_points_is_the_same_part_of_the_whole(folder: Path, points: list[int]) -> None:
    travel = opened(in_town(folder))
    whole, part = travel.matrix(range(15)), travel.matrix(points)
    assert np.array_equal(part.seconds[0], whole.seconds[0][np.ix_(points, points)])
    assert np.array_equal(part.metres, whole.metres[np.ix_(points, points)])


def test_one_way_streets_make_the_two_directions_differ(folder: Path) -> None:
    seconds = opened(in_town(folder)).matrix(range(15)).seconds[0]
    assert (seconds != seconds.T).any()


def test_more_points_than_a_kept_table_holds_give_the_same_answer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = opened(in_town(folder)).matrix([3, 7, 12])
    monkeypatch.setattr("fieldsim.travel.field.MOST_NODES", 5)
    monkeypatch.setattr("fieldsim.travel.memory.MOST_NODES", 2)
    assert np.array_equal(opened(in_town(folder)).matrix([3, 7, 12]).seconds, whole.seconds)


def test_two_accounts_at_one_place_are_no_trip_apart(folder: Path) -> None:
    scenario = in_town(folder)
    same = moved(scenario, {1: float(scenario.accounts.lat[0])}, {1: float(scenario.accounts.lon[0])})
    matrix = opened(same).matrix(range(15))
    assert matrix.seconds[0, 0, 1] == matrix.seconds[0, 1, 0] == matrix.metres[0, 1] == 0
    assert np.array_equal(matrix.seconds[0, 0, 2:], matrix.seconds[0, 1, 2:])


def test_the_way_to_the_road_counts_at_both_ends(folder: Path) -> None:
    slow = opened(in_town(folder, access_kmh=5.0)).matrix(range(15)).seconds[0]
    fast = opened(in_town(folder, access_kmh=50.0)).matrix(range(15)).seconds[0]
    metres = opened(in_town(folder)).ground.snapped.metres  # type: ignore[union-attr]
    extra = (metres[:, None] + metres[None]) * (3.6 / 5.0 - 3.6 / 50.0)
    off = ~np.eye(15, dtype=bool)
    assert np.abs((slow - fast - extra)[off]).max() <= 1.01


def test_a_table_without_a_pair_names_it(folder: Path) -> None:
    scenario = scenario_for("table", folder)
    lines = (folder / "table.csv").read_text().splitlines()
    (folder / "short.csv").write_text("\n".join(line for line in lines if not line.startswith("A0003,A0007,")))
    travel = opened(dataclasses.replace(scenario, travel=dataclasses.replace(scenario.travel, table=folder / "short.csv")))
    with pytest.raises(DataError, match="from account 'A0003' to account 'A0007'"):
        travel.matrix(range(15))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("from,to,seconds\nA0000,A0001,5", "travel_s.* is missing"),
        ("from,to,travel_s\nA0000,A0001,5\nA0001,A0000,soon", "row 3.*'soon'"),
        ("from,to,travel_s\nA0000,A0001,-5", "row 2.*'-5'"),
        ("from,to,travel_s\nA0000,A0001,NaN", "row 2"),
        ("", "no CSV"),
    ],
)
def test_a_wrong_table_names_row_and_value(folder: Path, text: str, said: str) -> None:
    (folder / "wrong.csv").write_text(text)
    scenario = make_scenario(folder=folder, travel=settings("table", table=folder / "wrong.csv"))
    with pytest.raises(DataError, match=said):
        opened(scenario)


def test_auto_falls_back_to_straight_lines_without_roads() -> None:
    assert opened(make_scenario(travel=settings("auto"))).engine == "straight"
    assert opened(make_scenario(travel=settings("auto"))).matrix([0, 1]).seconds.max() > 0


def test_asking_for_roads_that_are_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs roads"):
        opened(make_scenario(travel=settings("dijkstra")))
    with pytest.raises(TravelDataError, match="no road file"):
        opened(make_scenario(folder=tmp_path, travel=settings("dijkstra", tmp_path / "none.npz")))
    with pytest.raises(UsageError, match="unknown travel engine 'dikstra'"):
        opened(make_scenario(travel=settings("dikstra")))


def test_travel_crosses_a_process_boundary(folder: Path) -> None:
    travel = opened(in_town(folder))
    copy = pickle.loads(pickle.dumps(travel))
    assert copy.key == travel.key
    assert np.array_equal(copy.matrix([1, 2]).seconds, travel.matrix([1, 2]).seconds)


def test_straight_lines_learn_speed_and_detour_from_roads(folder: Path) -> None:
    blind = opened(make_scenario(40, travel=settings("straight")))
    taught = opened(in_town(folder, "straight", 40)).ground
    truth = opened(in_town(folder, "dijkstra", 40)).matrix(range(43))
    assert blind.ground.settings.detour == 1.3
    assert taught.settings.detour > 1.0
    learned = opened(in_town(folder, "straight", 40)).matrix(range(43))
    assert learned.seconds.sum() == pytest.approx(truth.seconds.sum(), rel=0.15)
    assert learned.metres.sum() == pytest.approx(truth.metres.sum(), rel=0.15)


def test_a_second_run_searches_nothing(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    first = opened(in_town(folder), store=store).matrix(range(15))
    monkeypatch.setattr("fieldsim.travel.hierarchy.open_hierarchy", None)
    again = opened(in_town(folder), store=store).matrix(range(15))
    assert np.array_equal(first.seconds, again.seconds)
    assert np.array_equal(first.metres, again.metres)


def test_turning_all_rows_of_the_book_turns_the_matrix(folder: Path) -> None:
    travel = opened(in_town(folder))
    turned = np.random.default_rng(1).permutation(15)
    whole, other = travel.matrix(range(15)), travel.matrix(turned)
    assert np.array_equal(other.seconds[0], whole.seconds[0][np.ix_(turned, turned)])


def test_a_killed_writer_leaves_the_cache_sound(folder: Path, tmp_path: Path) -> None:
    store = Store(tmp_path)
    right = opened(in_town(folder), store=store).matrix(range(15)).seconds
    for file in list(tmp_path.rglob("*.npz")):
        (file.parent / f".{file.name}.abc.part").write_bytes(file.read_bytes()[:50])
        file.unlink()
    assert np.array_equal(opened(in_town(folder), store=store).matrix(range(15)).seconds, right)
