"""One server and one phone for all of these tests; each test has a day of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium import CHROMIUM, DRIVER
from service.browser.house import House, Phone, make_house


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIELDSIM_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        made = make_house(tmp_path_factory.mktemp("house") / "full")
        yield made
        made.stop()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    if not (CHROMIUM and DRIVER):
        pytest.skip("Debian's chromium and chromium-driver are not installed")
    made = Phone(tmp_path_factory.mktemp("chromium"))
    yield made
    made.driver.quit()


@pytest.fixture
def phone(chromium: Phone, house: House) -> Iterator[Phone]:
    """A phone that was never here; at the end nothing on its pages broke a rule."""
    chromium.forget(house.site)
    yield chromium
    assert chromium.complaints() == []
