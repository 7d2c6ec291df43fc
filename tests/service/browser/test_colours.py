"""Every text of the pages stands out from what is behind it, by day and by night (WCAG 2: 4.5 to 1)."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

CSS = files("fieldsim.service").joinpath("static", "app.css").read_text(encoding="utf-8")
PAIRS = [
    *((ink, ground) for ink in ("ink", "soft", "accent", "amber", "red") for ground in ("paper", "card")),
    ("ink", "tint"), ("accent", "tint"), ("soft", "tint"), ("on-accent", "accent"), ("amber", "amber-tint"), ("red", "red-tint"),
    ("green", "paper"), ("ink", "land"), ("soft", "land"),
]  # fmt: skip


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


DAY = colours(CSS[: CSS.index("@media")])
NIGHT = DAY | colours(CSS[CSS.index("@media (prefers-color-scheme: dark)") :].split("}", 1)[0])


def brightness(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [DAY, NIGHT], ids=["day", "night"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_stands_out(scheme: dict[str, str], ink: str, ground: str) -> None:
    light, dark = sorted((brightness(scheme[ink]), brightness(scheme[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
