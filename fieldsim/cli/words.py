"""Arguments and options that several commands share, so that each is spelled and explained once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ScenarioFolder = Annotated[Path, typer.Argument(help="The scenario's folder.", metavar="SCENARIO", show_default=False)]
DesignName = Annotated[str, typer.Argument(help="A design of the scenario, a file in designs/.", metavar="DESIGN")]
DesignNames = Annotated[
    list[str] | None,
    typer.Argument(help="Designs to compare; all of the scenario's if none is named.", metavar="DESIGN", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Seed = Annotated[int, typer.Option(help="Seed of all luck; the same seed gives the same answer.", min=0)]
Workers = Annotated[
    int | None, typer.Option(help="Processes to use; all cores by default. The answer does not depend on it.", min=1)
]
Effort = Annotated[str, typer.Option(help="How hard to plan: quick, normal or thorough.")]
Out = Annotated[Path | None, typer.Option(help="Write the result to this file.", show_default=False)]
RepId = Annotated[str | None, typer.Option("--rep", help="One rep only.", show_default=False)]
WishesFile = Annotated[
    Path | None,
    typer.Option("--wishes", help="A TOML file: leave, half-days, pins, weekdays, gaps, regional holidays.", show_default=False),
]
