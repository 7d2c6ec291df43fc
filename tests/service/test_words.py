"""Words of the pages."""

from __future__ import annotations

from typing import Any

from fieldsim.service.pages.words import legs, moment


def test_legs_are_named_by_the_numbers_on_the_page() -> None:
    def stop(name: str, state: str = "planned", *, remote: bool = False) -> dict[str, Any]:
        return {"account": name, "state": state, "remote": remote}

    stops = [stop("a", "done"), stop("b"), stop("c", remote=True), stop("d"), stop("e"), stop("f"), stop("g")]
    view = {"stops": stops, "navigate": {"legs": [{"label": "x", "url": str(k)} for k in range(3)]}}
    found = legs(view, {each["account"]: k for k, each in enumerate(stops, 1)})
    assert [(leg["label"], leg["url"]) for leg in found] == [("Stops 2 to 6", "0"), ("Stop 7", "1"), ("Home", "2")]
    assert legs({"stops": [], "navigate": {"legs": []}}, {}) == []


def test_moments_are_told_by_the_scenario_s_clocks() -> None:
    assert moment("2026-10-06T02:30:00Z", "America/Santiago") == "5 Oct 23:30"
    assert moment(None, "America/Santiago") == ""
