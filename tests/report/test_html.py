"""The report as a file: complete, self-contained, safe, the same each time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from report.comparisons import make_comparison
from report.days import named
from report.pages import make_designs, make_page, make_plan, vacate
from small import make_scenario, make_travel

from fieldsim.report import write_report
from fieldsim.report.figures import gross_line
from fieldsim.report.routes import typical_day
from fieldsim.report.words import figure

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


class Page(HTMLParser):
    """Every tag with its attributes, the ids, and the text outside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.silent = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.silent = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.silent = False

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(make_page())


def test_verdicts_stand_on_top_the_shorter_horizon_first(page: Page) -> None:
    text = page.text
    assert text.index("One quarter") < text.index("Four quarters") < text.index("The designs on the map")


def test_gross_stands_under_the_verdict_whatever_the_order_of_designs() -> None:
    scenario = make_scenario(n=30)
    today, zones, balanced = make_designs(scenario)
    comparison = make_comparison(scenario, [zones, today, balanced])
    gross = {(each.a, each.b): each.mean for each in comparison.gross_differences}
    line = gross_line(comparison)
    assert f"zones {figure(-(gross['zones', 'today'] or 0.0), 'thousand', signed=True)}" in line
    assert line.startswith("Net of the hand-over. Without it, contribution, 1000 USD against today:")


def test_every_section_is_there_and_linked(page: Page) -> None:
    ids = {attrs["id"] for _, attrs in page.tags if attrs.get("id")}
    links = {str(attrs["href"]).removeprefix("#") for tag, attrs in page.tags if tag == "a"}
    assert links == {"maps", "figures-1", "figures-4", "attainment", "potential", "changes", "basis", "formulas"}
    assert links <= ids


def test_every_drawing_has_one_place(page: Page) -> None:
    ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    # chooser, three maps, three heat maps, and for both horizons a chart a design and the team's
    assert len([name for name in ids if str(name).startswith("drawing-")]) == 1 + 3 + 3 + 2 * (3 + 1)
    assert "<!--draw:" not in make_page()


def test_loads_nothing_from_anywhere(page: Page) -> None:
    for _, attrs in page.tags:
        assert not {"src", "srcset", "data", "poster", "action"} & set(attrs)
        assert str(attrs.get("href") or "#").startswith("#")
    policy = next(attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert str(policy).startswith("default-src 'none'")
    assert "http" not in str(policy)


def test_names_with_script_in_them_are_shown_as_text() -> None:
    scenario = named(make_scenario(n=30), EVIL, EVIL)
    scenario = replace(scenario, name=EVIL, reps=tuple(replace(rep, name=EVIL) for rep in scenario.reps))
    designs = [replace(design, name=f"{EVIL}{k}") for k, design in enumerate(make_designs(scenario))]
    text = make_page(scenario, designs)
    assert "<img src=x" not in text
    assert "<script>alert" not in text
    plain, evil = Page(make_page(make_scenario(n=30))), Page(text)
    assert EVIL in evil.text
    assert [tag for tag, _ in evil.tags].count("script") == [tag for tag, _ in plain.tags].count("script")


def test_same_input_gives_same_bytes_in_another_process(tmp_path: Path) -> None:
    code = "from report.pages import make_page; import hashlib; print(hashlib.sha256(make_page().encode()).hexdigest())"
    here = Path(__file__).parents[2]
    answers = []
    for seed in ("1", "2"):
        world = {**os.environ, "PYTHONPATH": f"{here / 'tests'}{os.pathsep}{here}", "PYTHONHASHSEED": seed}
        call = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=world, check=True, capture_output=True, text=True)
        answers.append(call.stdout)
    assert answers[0] == answers[1]


def test_account_ids_that_look_like_bokehs_own_survive() -> None:
    scenario = make_scenario(n=24)
    ids = tuple(f"0a1b2c3d-0000-4000-8000-{k:012d}" for k in range(24))
    text = make_page(replace(scenario, accounts=replace(scenario.accounts, ids=ids)))
    assert all(name in text for name in ids)


def test_works_with_one_design_without_plans_or_roads() -> None:
    scenario = make_scenario(n=12)
    page = Page(make_page(scenario, make_designs(scenario)[:1], plans=False))
    assert "What changes for whom" not in page.text.replace("Maps", "").split("Formulas", 1)[1]
    assert "OpenStreetMap" not in page.text


def test_says_where_a_seat_is_vacant() -> None:
    scenario = make_scenario(n=30)
    designs = make_designs(scenario)
    page = Page(make_page(scenario, [designs[0], vacate(designs[1], 0)]))
    assert "vacant" in page.text


def test_tells_of_accounts_outside_the_first_view() -> None:
    scenario = make_scenario(n=200)
    lat = scenario.accounts.lat.copy()
    lat[7] += 12.0
    far = replace(scenario, accounts=replace(scenario.accounts, lat=lat))
    assert re.search(r"\d+ accounts? far out lie", Page(make_page(far)).text)
    assert "far out" not in Page(make_page(scenario)).text


def test_file_is_whole_and_small(tmp_path: Path) -> None:
    scenario = make_scenario(n=900, reps=9)
    designs = make_designs(scenario)
    plans = [make_plan(scenario, design) for design in designs]
    path = tmp_path / "report.html"
    write_report(path, [make_comparison(scenario, designs)], scenario, designs, make_travel(scenario), plans=plans)
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert path.stat().st_size < 6_000_000


def test_typical_day_has_the_median_drive() -> None:
    scenario = make_scenario(n=60)
    part = make_plan(scenario, make_designs(scenario)[0], days=5).territories[0]
    drive = {day: sum(part.travel_s[(part.day == day) & ~part.remote].tolist()) for day in range(5)}
    assert drive[typical_day(part) or 0] == sorted(drive.values())[2]
    assert typical_day(replace(part, remote=np.ones(len(part.day), dtype=np.bool_))) is None


def test_a_large_team_starts_without_routes_and_with_a_folded_legend() -> None:
    scenario = make_scenario(n=90, reps=30)
    page = Page(make_page(scenario))
    assert "Colours and shapes of the 30 reps" in page.text
    assert '"value":"nobody"' in make_page(scenario)
