"""Design -> designs/NAME.csv and its overlays, each file whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from fieldsim.errors import DataError, UsageError
from fieldsim.model import Design, Scenario
from fieldsim.scenario.designs import FOLDER
from fieldsim.scenario.overlays import SHARES
from fieldsim.scenario.tables import find_file
from fieldsim.store import write_atomic

_FORBIDDEN = set('/\\:*?"<>|')


def write_design(scenario: Scenario, design: Design, reasons: Mapping[int, str] | None = None) -> Path:
    """Write designs/NAME.csv, sorted by account, and its overlays; the path of the former.

    `reasons` maps account positions to a text each (a further column). A territory without accounts gets a row without one.
    """
    folder = scenario.folder / FOLDER
    _check_name(folder, design.name)
    owners = [scenario.reps[rep].id if rep >= 0 else "" for rep in design.rep_of.tolist()]
    seats = [[name, owner] for name, owner in zip(design.territories, owners, strict=True)]
    book = zip(scenario.accounts.ids, design.territory_of.tolist(), strict=True)
    rows = [[account, *seats[territory]] for account, territory in book]
    header = ["account", "territory", "rep"]
    if reasons:
        header, rows = [*header, "reason"], [[*row, reasons.get(at, "")] for at, row in enumerate(rows)]
    held = set(design.territory_of.tolist())
    blank = [""] if reasons else []
    rows += [["", *seat, *blank] for territory, seat in enumerate(seats) if territory not in held]
    path = folder / f"{design.name}.csv"
    write_atomic(path, _csv(header, rows))
    _write_overlays(scenario, design, folder)
    return path


def _check_name(folder: Path, name: str) -> None:
    if not name.strip() or name != name.strip() or name[0] in ".~" or name.endswith(".overlays") or set(name) & _FORBIDDEN:
        raise UsageError(f"'{name}' cannot be the name of a design file")
    other = find_file(folder, name)
    if other and other.suffix != ".csv":
        raise DataError(
            f"a design '{name}' is there in another format", file=f"{FOLDER}/{other.name}", hint="choose another name"
        )


def _write_overlays(scenario: Scenario, design: Design, folder: Path) -> None:
    path = folder / f"{design.name}.overlays.csv"
    if not design.overlays:
        path.unlink(missing_ok=True)
        return
    rows = [
        [scenario.accounts.ids[o.account], scenario.reps[o.rep].id, *(repr(float(getattr(o, share))) for share in SHARES)]
        for o in sorted(design.overlays, key=lambda overlay: (overlay.account, overlay.rep))
    ]
    write_atomic(path, _csv(["account", "rep", *SHARES], rows))


def _csv(header: list[str], rows: list[list[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode()
