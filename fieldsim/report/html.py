"""One self-contained page that opens without a network: verdict, maps, figures, and what changes for whom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldsim.model import Design, Scenario, Travel, VisitPlan
from fieldsim.report import pages
from fieldsim.report.book import Book
from fieldsim.report.ground import ground_of
from fieldsim.report.markup import esc
from fieldsim.store import write_atomic

if TYPE_CHECKING:
    from fieldsim.experiment.comparison import Comparison
    from fieldsim.territory import Curve


def write_report(
    path: Path,
    comparisons: Sequence[Comparison],
    scenario: Scenario,
    designs: Sequence[Design],
    travel: Travel,
    *,
    plans: Sequence[VisitPlan] | None = None,
    curves: Sequence[Curve] = (),
) -> None:
    """Write the report of comparisons of the same designs over one or more horizons, the shortest first.

    `plans` (one a design) give each rep an example day; without them the maps show none. `curves` tell what balance,
    continuity and the number of reps cost.
    """
    write_atomic(path, report_html(comparisons, scenario, designs, travel, plans=plans, curves=curves).encode())


def report_html(
    comparisons: Sequence[Comparison],
    scenario: Scenario,
    designs: Sequence[Design],
    travel: Travel,
    *,
    plans: Sequence[VisitPlan] | None = None,
    curves: Sequence[Curve] = (),
) -> str:
    """The page as text."""
    ground = ground_of(scenario)
    ordered = sorted(comparisons, key=lambda each: each.horizon)
    book = Book(ordered, scenario, tuple(designs), travel, {plan.design: plan for plan in plans or ()}, ground, curves)
    return page(f"{scenario.name}: territory designs compared", *pages.all_sections(book))


def page(title: str, sections: Sequence[str], drawings: dict[str, Any]) -> str:
    """A whole page of sections, with each drawing where its name stands in them; the title is text, the sections are HTML."""
    script, places = _drawn(drawings) if drawings else ("", {})
    body = "\n".join(_placed(section, places) for section in sections)
    return _PAGE.format(
        title=esc(title),
        policy=_POLICY,
        css=_css(),
        bokeh=_bokeh() if drawings else "",
        body=body,
        script=script,
    )


def _drawn(drawings: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """The script of all drawings and the place of each.

    bokeh names the document and each place at random; counted names instead make equal input give equal bytes.
    """
    from bokeh.document import Document
    from bokeh.embed import components

    document = Document()
    # one walk through all models at the end instead of one a drawing
    with document.models.freeze():
        for drawing in drawings.values():
            document.add_root(drawing)
    script, places = components(drawings)
    drawn = {key: str(place) for key, place in places.items()}
    random = [*_UUID.findall("".join(drawn.values())), *(found[1] for found in re.finditer(r'"docid":"([^"]+)"', script))]
    for number, name in enumerate(dict.fromkeys(random)):
        script = script.replace(name, f"drawing-{number}")
        drawn = {key: place.replace(name, f"drawing-{number}") for key, place in drawn.items()}
    return script, drawn


def _placed(section: str, places: dict[str, str]) -> str:
    """The section with its drawings where their names stand."""
    return re.sub(r"<!--draw:([a-z0-9-]+)-->", lambda found: places[found[1]], section)


def _bokeh() -> str:
    """The drawing library itself, so that nothing is loaded from anywhere."""
    from bokeh.resources import Resources

    scripts = Resources(mode="inline", components=["bokeh", "bokeh-widgets"]).js_raw
    return "\n".join(f"<script>\n{script}\n</script>" for script in scripts)


def _css() -> str:
    return files("fieldsim.report").joinpath("report.css").read_text(encoding="utf-8")


_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"
"""The browser itself refuses whatever is not in the file."""
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
{css}
</style>
{bokeh}
</head>
<body>
<main>
{body}
</main>
{script}
</body>
</html>
"""
