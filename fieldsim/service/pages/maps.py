"""Designs on maps that move together: a page of its own for a frame, sealed off from everything around it."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Sequence
from hashlib import blake2b, sha256
from typing import Any

from fieldsim.model import Design, Scenario
from fieldsim.report.colours import symbol
from fieldsim.report.maps import TEAM, atlas_of, design_map, who
from fieldsim.service.pages.paper import render

MOST = 4
"""Designs on one page."""
_kept: dict[str, tuple[str, str]] = {}
_turn = threading.Lock()


def maps_page(scenario: Scenario, designs: Sequence[Design]) -> tuple[str, str]:
    """The page and the content security policy it must be sent with; remembered as long as the designs stay as they are."""
    digest = blake2b(scenario.content.encode())
    for design in designs:
        digest.update(repr((design.name, design.territories)).encode() + design.territory_of.tobytes() + design.rep_of.tobytes())
    key = digest.hexdigest()
    with _turn:
        if key not in _kept:
            if len(_kept) >= 8:
                _kept.pop(next(iter(_kept)))
            _kept[key] = _drawn(scenario, designs[:MOST])
        return _kept[key]


def _drawn(scenario: Scenario, designs: Sequence[Design]) -> tuple[str, str]:
    from bokeh.embed import components
    from bokeh.resources import Resources

    plots = _plots(scenario, designs)
    script, places = components(plots, wrap_script=False)
    library = Resources(mode="inline", components=["bokeh"]).js_raw
    scripts = [*library, script]
    seats = sorted({rep for design in designs for rep in design.rep_of.tolist()} - {-1})
    legend = [(symbol(rep), who(scenario, rep)) for rep in seats] if len(seats) <= TEAM else []
    page = render(
        "maps.html", current=scenario.current, maps=list(zip(designs, places, strict=True)), scripts=scripts, legend=legend
    )
    return page, _policy(scripts)


def _plots(scenario: Scenario, designs: Sequence[Design]) -> list[Any]:
    from fieldsim.report.canvas import canvas_of
    from fieldsim.report.ground import ground_of

    atlas = atlas_of(canvas_of(ground_of(scenario)), designs)
    return [design_map(atlas, number, (), None) for number in range(len(designs))]


def _policy(scripts: Sequence[str]) -> str:
    """Only these scripts run, nothing is fetched, and the page belongs to no origin: it cannot act for who looks at it."""
    hashes = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    return (
        f"sandbox allow-scripts; default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; font-src data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
    )
