from __future__ import annotations

import dataclasses
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from travel.town import in_town, moved, settings, town

from fieldsim.errors import DataError
from fieldsim.model import Scenario
from fieldsim.travel import FieldTravel, largest_part, open_travel, write_roads
from fieldsim.travel.places import great_circle_m, off_road_m, snap


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario folder with roads."""
    folder = tmp_path_factory.mktemp("town")
    write_roads(town(20), folder / "roads.npz")
    write_roads(town(20, island=True), folder / "islands.npz")
    return folder


def opened(scenario: Scenario, **options: object) -> FieldTravel:
    return open_travel(scenario, **options)  # type: ignore[arg-type]


def test_warns_of_a_place_far_from_a_road(folder: Path) -> None:
    told: list[str] = []
    opened(moved(in_town(folder), {4: -29.87}), warn=told.append)
    assert any("account 'A0004'" in warning for warning in told)


def test_refuses_a_place_in_the_sea_unless_allowed(folder: Path) -> None:
    lost = moved(in_town(folder), {4: -29.7})
    with pytest.raises(DataError, match=r"account 'A0004'.* km from the nearest road") as error:
        opened(lost)
    assert error.value.file == "accounts"
    opened(dataclasses.replace(lost, travel=dataclasses.replace(lost.travel, allow_far=True))).matrix([0, 4])


def test_names_a_home_far_from_a_road(folder: Path) -> None:
    scenario = in_town(folder)
    away = (*scenario.reps[:2], dataclasses.replace(scenario.reps[2], lat=-29.0))
    with pytest.raises(DataError, match="home of rep 'R03'") as error:
        opened(dataclasses.replace(scenario, reps=away))
    assert error.value.file == "reps"


def test_says_that_latitude_and_longitude_are_swapped(folder: Path) -> None:
    scenario = in_town(folder)
    accounts = scenario.accounts
    swapped = dataclasses.replace(accounts, lat=accounts.lon, lon=accounts.lat)
    with pytest.raises(DataError, match="swapped"):
        opened(dataclasses.replace(scenario, accounts=swapped))


def test_says_that_one_account_has_its_coordinates_swapped(folder: Path) -> None:
    scenario = in_town(folder)
    lat, lon = float(scenario.accounts.lat[6]), float(scenario.accounts.lon[6])
    with pytest.raises(DataError, match=r"account 'A0006'.*swapped"):
        opened(moved(scenario, {6: lon}, {6: lat}))


@pytest.mark.parametrize("lat", [float("nan"), 95.0])
def test_names_an_account_without_true_coordinates(folder: Path, lat: float) -> None:
    with pytest.raises(DataError, match="account 'A0006' has no true coordinates"):
        opened(moved(in_town(folder), {6: lat}))


def test_says_that_the_roads_do_not_cover_the_accounts(folder: Path) -> None:
    scenario = in_town(folder)
    elsewhere = dataclasses.replace(scenario.accounts, lat=scenario.accounts.lat + 3.0)
    with pytest.raises(DataError, match=r"no road within 5 km of 12 of 15 places.*covers the accounts"):
        opened(dataclasses.replace(scenario, accounts=elsewhere))


def test_an_account_on_an_island_is_named_not_given_a_number(folder: Path) -> None:
    scenario = in_town(folder)
    scenario = dataclasses.replace(scenario, travel=settings("auto", folder / "islands.npz"))
    travel = opened(moved(scenario, {5: -29.7}, {5: -71.2}))
    with pytest.raises(DataError, match=r"account 'A0005'") as error:
        travel.matrix(range(15))
    assert "A0004" not in str(error.value)
    assert travel.matrix([0, 1, 2]).seconds.max() < 3600
    with pytest.raises(DataError, match="account 'A0005'"):
        travel.path(0, 5)
    many = opened(moved(scenario, dict.fromkeys((2, 5, 7), -29.7), dict.fromkeys((2, 5, 7), -71.2)))
    with pytest.raises(DataError, match="account 'A0002', account 'A0005', account 'A0007' and the other places"):
        many.matrix(range(15))


@pytest.mark.parametrize("lat", [-29.7, -29.88])
def test_an_account_at_a_road_that_was_left_out_is_on_an_island(folder: Path, tmp_path: Path, lat: float) -> None:
    write_roads(largest_part(town(20, island=True, island_lat=lat)), tmp_path / "roads.npz")
    scenario = moved(in_town(tmp_path), {5: lat}, {5: -71.2})
    with pytest.raises(
        DataError, match=r"account 'A0005' stands at roads of 'roads.npz' that do not connect.*an island"
    ) as error:
        opened(scenario)
    assert error.value.file == "accounts"
    far = dataclasses.replace(scenario, travel=dataclasses.replace(scenario.travel, allow_far=True))
    told: list[str] = []
    opened(far, warn=told.append).matrix(range(15))
    assert "account 'A0005'" in told[0]


def test_a_place_beside_a_long_road_is_not_far_from_it(folder: Path, tmp_path: Path) -> None:
    graph = town(20)
    longest = int(graph.length_dm.argmax())
    middle = np.mean(graph.corners(longest), axis=0)
    alone = dataclasses.replace(graph, lat=graph.lat.copy(), lon=graph.lon.copy())
    places = opened(moved(in_town(folder), {4: float(middle[0])}, {4: float(middle[1])})).ground.places
    snapped = snap(alone, places.lat, places.lon)
    away = off_road_m(alone, places.lat, places.lon, snapped)
    assert (away <= snapped.metres).all()
    assert np.array_equal(away[snapped.metres <= 500], snapped.metres[snapped.metres <= 500])


def test_the_distance_to_the_road_is_that_to_its_nearest_stretch() -> None:
    graph = town(6)
    rng = np.random.default_rng(5)
    lat, lon = -30.0 + rng.uniform(-0.06, 0.06, 40), -71.2 + rng.uniform(-0.06, 0.06, 40)
    snapped = snap(graph, lat, lon)
    away = off_road_m(graph, lat, lon, snapped)
    shares = np.linspace(0, 1, 200)[:, None]
    dense = np.concatenate(
        [np.array(a) + shares * (np.array(b) - a) for k in range(graph.arcs) for a, b in pairwise(graph.corners(k))]
    )
    for k in np.flatnonzero(snapped.metres > 500):
        right = great_circle_m(lat[k : k + 1], lon[k : k + 1], dense[:, 0], dense[:, 1]).min()
        assert away[k] == pytest.approx(right, rel=0.005, abs=3)


def test_snaps_to_the_junction_nearest_on_the_sphere() -> None:
    graph = town(8)
    rng = np.random.default_rng(3)
    lat, lon = -30.0 + rng.uniform(-0.06, 0.06, 300), -71.2 + rng.uniform(-0.06, 0.06, 300)
    metres = great_circle_m(lat[:, None], lon[:, None], graph.lat, graph.lon)
    snapped = snap(graph, lat, lon)
    assert np.array_equal(snapped.node, metres.argmin(axis=1))
    assert np.allclose(snapped.metres, metres.min(axis=1))


def test_snaps_across_the_date_line() -> None:
    graph = town(4)
    east = dataclasses.replace(graph, lon=np.where(graph.lon > -71.2, -179.999, 179.9))
    assert east.lon[snap(east, graph.lat[:1], np.array([179.9995])).node[0]] == -179.999
