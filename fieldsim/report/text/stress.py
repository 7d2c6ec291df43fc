"""The answer of `fieldsim stress` on a terminal: spread, differences, costs, who gets what, and the verdict last."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from fieldsim.report.sheets import Sheet, departures_line, heading_of, sheets_of

if TYPE_CHECKING:
    from fieldsim.experiment.stressed import Stress


WIDE = 78
"""Characters that every terminal has room for."""


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
    for number, name in enumerate(_heads(sheet)):
        left = number == 0 or number in sheet.left
        table.add_column(Text(name), justify="left" if left else "right")
    for row in sheet.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _heads(sheet: Sheet) -> list[str]:
    """The column heads, in a wide table on several lines: else figures and words would be cut to make room for them."""
    cells = [max((len(row[k]) for row in sheet.rows), default=0) for k in range(len(sheet.head))]
    if sum(max(len(name), cell) + 2 for name, cell in zip(sheet.head, cells, strict=True)) <= WIDE:
        return list(sheet.head)
    widths = [max([cell, *map(len, name.split())]) for name, cell in zip(sheet.head, cells, strict=True)]
    return ["\n".join(wrap(name, max(1, width))) for name, width in zip(sheet.head, widths, strict=True)]
