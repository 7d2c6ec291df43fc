"""The answer of `fieldsim stress` on a terminal: spread, differences, costs, who gets what, and the verdict last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from fieldsim.report.sheets import Sheet, departures_line, heading_of, sheets_of

if TYPE_CHECKING:
    from fieldsim.experiment.stressed import Stress


def stress_tables(stress: Stress) -> list[RenderableType]:
    """Everything `stress` prints, the verdict last, where the eye rests."""
    parts: list[RenderableType] = [Text(heading_of(stress), style="bold"), Text(departures_line(stress))]
    for sheet in sheets_of(stress):
        parts.append(_table(sheet))
        parts += [Text(sheet.note)] if sheet.note else []
    parts += [Text(f"\n{stress.approximation}")] if stress.approximation else []
    return [*parts, Text(f"\n{stress.summary()}", style="bold")]


def _table(sheet: Sheet) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=Text(sheet.title, style="bold"), title_justify="left")
    for number, name in enumerate(sheet.head):
        left = number == 0 or number in sheet.left
        table.add_column(Text(name), justify="left" if left else "right")
    for row in sheet.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
