"""Fixtures on the small scenario of `small.py`."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings
from small import PlainTravel, make_design, make_scenario, make_travel

from fieldsim.model import Design, Scenario

# every machine tries the same examples; HYPOTHESIS_PROFILE=search looks for new ones
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture
def small() -> Scenario:
    return make_scenario()


@pytest.fixture
def small_travel(small: Scenario) -> PlainTravel:
    return make_travel(small)


@pytest.fixture
def small_design(small: Scenario) -> Design:
    return make_design(small)


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or fills the user's cache."""
    monkeypatch.setenv("FIELDSIM_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
