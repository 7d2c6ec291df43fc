"""The curves of a report: a picture, a sentence and a table each, and no section without curves."""

from __future__ import annotations

import re

from report.comparisons import make_comparison
from small import make_design, make_scenario, make_travel

from fieldsim.report import report_html
from fieldsim.territory import Curve, CurvePoint


def points(*settings: float) -> tuple[CurvePoint, ...]:
    return tuple(
        CurvePoint(s, 500.0 + 10 * k, 40 - k, 0.2, 1.0 - 0.1 * k, 1.1, 1e5, 0.0, 600.0 + 10 * k, 4e5 + 1e4 * k)
        for k, s in enumerate(settings)
    )


def page(*curves: Curve) -> str:
    scenario = make_scenario()
    designs = [make_design(scenario), make_design(scenario, "other", 1)]
    return report_html([make_comparison(scenario, designs)], scenario, designs, make_travel(scenario), curves=curves)


def test_each_curve_has_a_picture_a_sentence_and_a_table() -> None:
    html = page(
        Curve("balance", "today", points(0.5, 0.1, 0.025)),
        Curve("continuity", "today", points(0.0, 0.3, 2.4)),
        Curve("sizing", "today", points(2, 3, 4)),
    )
    part = re.search(r'<section id="costs">.*?</section>', html, flags=re.S)
    assert part is not None
    text = part[0].replace("\u00a0", " ")
    assert text.count("data-root-id") == 3
    assert text.count("<details>") == 3
    assert "From within 50 % to within 2.5 % of every share: +20 h (+3 %)" in text
    assert "From 40 accounts moved to 38: +20 h of travel a quarter (+4 %)" in text
    assert "3 seats fill at most 90 % of their time" in text
    assert all(head in text for head in (">within<", ">price, h<", ">seats<", ">10 %<"))
    assert "<td>10 000</td>" in text


def test_without_curves_there_is_no_such_section() -> None:
    assert 'id="costs"' not in page()
    assert 'href="#costs"' not in page()
