"""The report in a real browser: draws without a network, moves its maps together, runs nobody else's script."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chromium import CHROMIUM, DRIVER
from report.browser import Browser
from report.days import named
from report.pages import make_designs, make_page
from small import make_scenario

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Debian's chromium and chromium-driver are not installed")
EVIL = "</script><img src=x onerror=hacked=1><script>hacked=1</script>"
RANGE = "const r = Bokeh.documents[0].roots().filter(m => m.x_range)[arguments[0]].x_range; return [r.start, r.end]"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    made = Browser(tmp_path_factory.mktemp("chromium"))
    yield made
    made.driver.quit()


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(make_page(), encoding="utf-8")
    browser.open(path)
    return browser


def colours(png: bytes) -> int:
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGB")
    return len(image.getcolors(maxcolors=image.width * image.height) or [])


def test_asks_nobody_for_anything_and_has_nothing_to_complain_about(page: Browser) -> None:
    assert [url for url in page.requests() if not url.startswith(("file:", "data:", "blob:"))] == []
    assert page.complaints() == []


def test_every_map_and_chart_is_drawn(page: Browser) -> None:
    figures = page.driver.find_elements("css selector", "figure")
    assert len(figures) == 3 + 3 + 2 * (3 + 1)
    for figure in figures:
        page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", figure)
        assert figure.size["height"] > 150
        assert colours(page.picture(figure)) > 40, "an empty frame has only a few colours"


def test_maps_keep_true_proportions(page: Browser) -> None:
    script = """const m = Bokeh.documents[0].roots().filter(m => m.x_range)[0], f = Bokeh.index.get_by_id(m.id).frame.bbox
    return [(m.x_range.end - m.x_range.start) / f.width, (m.y_range.end - m.y_range.start) / f.height]"""
    across, up = page.driver.execute_script(script)
    assert across == pytest.approx(up, rel=0.01)


def test_maps_move_together(page: Browser) -> None:
    from selenium.webdriver import ActionChains

    first, second = page.maps()[:2]
    page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", first)
    before, other = page.driver.execute_script(RANGE, 1), page.picture(second)
    ActionChains(page.driver).move_to_element(first).click_and_hold().move_by_offset(60, 25).release().perform()  # type: ignore[arg-type]
    page.wait(lambda: page.driver.execute_script(RANGE, 1) != before)
    page.wait(lambda: page.picture(second) != other)


def test_choosing_a_rep_shows_that_rep_on_every_map(page: Browser) -> None:
    pictures = [page.picture(each) for each in page.maps()]
    script = "const c = Bokeh.documents[0].roots().find(m => m.type === 'Select'); c.value = arguments[0]"
    page.driver.execute_script(script, "R02")
    page.wait(lambda: all(page.picture(each) != old for each, old in zip(page.maps(), pictures, strict=True)))
    chosen = [page.picture(each) for each in page.maps()]
    page.driver.execute_script(script, "nobody")
    page.wait(lambda: all(page.picture(each) != old for each, old in zip(page.maps(), chosen, strict=True)))


@pytest.mark.parametrize("width", [1400, 900])
def test_fits_the_window(page: Browser, width: int) -> None:
    page.driver.set_window_size(width, 1000)
    page.wait(lambda: page.driver.execute_script("return document.documentElement.scrollWidth <= window.innerWidth"))


def test_runs_no_script_that_stands_in_a_name(browser: Browser, tmp_path: Path) -> None:
    from selenium.webdriver import ActionChains

    scenario = named(make_scenario(n=400, reps=3), EVIL, EVIL)
    scenario = replace(scenario, reps=tuple(replace(rep, name=EVIL) for rep in scenario.reps))
    path = tmp_path / "report.html"
    path.write_text(make_page(scenario, [replace(design, name=EVIL + design.name) for design in make_designs(scenario)]), "utf-8")
    browser.open(path)
    area = browser.maps()[0]
    browser.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", area)
    # wander until a tooltip with an account's name opens
    shown = "return !![...document.querySelectorAll('*')].find(e => e.shadowRoot && e.shadowRoot.innerHTML.includes('onerror'))"
    for step in range(60):
        ActionChains(browser.driver).move_to_element_with_offset(area, (step * 37) % 240 - 120, (step * 53) % 240 - 120).perform()  # type: ignore[arg-type]
        if browser.driver.execute_script(shown):
            break
    else:
        pytest.fail("no tooltip opened")
    assert browser.driver.execute_script("return typeof hacked") == "undefined"
    assert browser.complaints() == []
