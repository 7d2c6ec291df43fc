"""Projection, roads and labels of the maps, checked by other means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import make_scenario

from fieldsim.model import Floats
from fieldsim.report.colours import PALETTE, SHAPES, colour, shape
from fieldsim.report.ground import Ground
from fieldsim.report.heat import squares
from fieldsim.report.labels import HEIGHT_PX, LETTER_PX, label_shifts
from fieldsim.travel import RoadGraph


def great_circle_m(lat: Floats, lon: Floats) -> float:
    a, b = np.radians(lat), np.radians(lon)
    inner = np.sin((a[1] - a[0]) / 2) ** 2 + np.cos(a[0]) * np.cos(a[1]) * np.sin((b[1] - b[0]) / 2) ** 2
    return float(2 * 6_371_008.8 * np.arcsin(np.sqrt(inner)))


def small_roads() -> RoadGraph:
    """A street with two corners in both directions, and a one-way main road."""
    return RoadGraph(
        lat=np.array([-30.0, -30.01, -30.02]),
        lon=np.array([-71.2, -71.21, -71.2]),
        tail=np.array([0, 1, 1], dtype=np.int32),
        head=np.array([1, 0, 2], dtype=np.int32),
        free_ms=np.array([1, 1, 1]),
        length_dm=np.array([1, 1, 1]),
        road_class=np.array([6, 6, 2], dtype=np.uint8),
        shape=np.array([0, 0, 1], dtype=np.int32),
        backward=np.array([False, True, False]),
        corner_start=np.array([0, 2, 2], dtype=np.int32),
        corner_lat=np.array([-30.003, -30.006]),
        corner_lon=np.array([-71.204, -71.207]),
    )


def test_metres_are_true_near_the_middle() -> None:
    ground = Ground(make_scenario(n=100), None)
    lat, lon = np.array([-30.01, -29.98]), np.array([-71.21, -71.15])
    x, y = ground.project(lat, lon)
    assert float(np.hypot(x[1] - x[0], y[1] - y[0])) == pytest.approx(great_circle_m(lat, lon), rel=2e-3)


def test_first_view_holds_every_account_of_a_compact_book() -> None:
    ground = Ground(make_scenario(n=300), None)
    x, y = ground.accounts
    view = ground.view
    assert view.outside == 0
    assert view.x0 < x.min() <= x.max() < view.x1
    assert view.y0 < y.min() <= y.max() < view.y1
    assert 1 / 1.35 - 1e-9 <= view.aspect <= 1 / 0.75 + 1e-9


def test_each_street_is_drawn_once_through_all_its_corners() -> None:
    roads = small_roads()
    ground = Ground(make_scenario(n=50), roads)
    for major, arc in ((False, 0), (True, 2)):
        x, y = ground.road_lines(major=major)
        corners = np.array(roads.corners(arc))
        want_x, want_y = ground.project(corners[:, 0], corners[:, 1])
        assert np.isnan(x[-1])
        assert np.allclose(x[:-1], want_x, atol=1.0)
        assert np.allclose(y[:-1], want_y, atol=1.0)


def test_squares_keep_the_sum() -> None:
    scenario = make_scenario(n=500)
    found = squares(Ground(scenario, None), scenario.accounts.potential)
    assert found.total.sum() == pytest.approx(scenario.accounts.potential.sum())
    assert found.accounts.sum() == 500
    assert found.bounds() == sorted(found.bounds())


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12, unique=True))
def test_labels_do_not_cover_one_another(at: list[tuple[int, int]]) -> None:
    x, y = (np.array([float(p[k]) * 55.0 for p in at]) for k in (0, 1))
    labels = [f"R{k:02d}" for k in range(len(at))]
    shifts = label_shifts(x, y, labels, 1.0)
    middles = [(px + dx, py + dy) for px, py, (dx, dy) in zip(x, y, shifts, strict=True)]
    width = LETTER_PX * 3 + 10
    for k, (ax, ay) in enumerate(middles):
        for bx, by in middles[k + 1 :]:
            assert abs(ax - bx) >= width - 1 or abs(ay - by) >= HEIGHT_PX - 1


# Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency", 2009, severity 1
SIGHT = {
    "full": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}


def lab(rgb: Floats) -> Floats:
    """Linear sRGB to CIE L*a*b* under D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    f = np.cbrt(np.maximum(to_xyz @ rgb, 1e-6) / np.array([0.9505, 1.0, 1.089]))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHT)
def test_colours_are_told_apart_with_any_colour_vision(sight: str) -> None:
    srgb = [np.array([int(name[k : k + 2], 16) / 255 for k in (1, 3, 5)]) for name in PALETTE]
    linear = [np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) for c in srgb]
    seen = [lab(np.clip(SIGHT[sight] @ c, 0, 1)) for c in linear]
    apart = [float(np.linalg.norm(a - b)) for k, a in enumerate(seen) for b in seen[k + 1 :]]
    assert min(apart) > 8, "a difference of 2 is just noticeable"


def test_63_reps_each_have_their_own_colour_and_shape() -> None:
    assert len({(colour(k), shape(k)) for k in range(63)}) == 63 == len(PALETTE) * len(SHAPES)
