"""Design -> designs/NAME.csv and its overlays, each file whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from fieldsim.errors import DataError, UsageError
from fieldsim.model import Design, Rep, Scenario
from fieldsim.scenario.cells import clock
from fieldsim.scenario.designs import BESIDE, FOLDER
from fieldsim.scenario.overlays import SHARES
from fieldsim.scenario.tables import find_file
from fieldsim.store import write_atomic

_FORBIDDEN = set('/\\:*?"<>|')


def write_design(scenario: Scenario, design: Design, reasons: Mapping[int, str] | None = None) -> Path:
    """Write designs/NAME.csv, sorted by account, and its overlays; the path of the former.

    `reasons` maps account positions to a text each (a further column). A territory without accounts gets a row without one.
    """
    folder = scenario.folder / FOLDER
    check_design_name(scenario, design.name)
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
    _write_overlays(scenario, design, folder)  # first: a design that is there is whole, whenever writing is stopped
    write_atomic(path, _csv(header, rows))
    return path


def write_moves(scenario: Scenario, name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    """Write designs/NAME.moves.csv, who loses which account to whom; without rows an old one is taken away."""
    folder = scenario.folder / FOLDER
    check_design_name(scenario, name)
    path = folder / f"{name}.moves.csv"
    if rows:
        write_atomic(path, _csv(list(header), [list(row) for row in rows]))
    else:
        path.unlink(missing_ok=True)
    return path


def write_hires(scenario: Scenario, hires: Sequence[Rep]) -> Path:
    """Add reps to hires.csv, who have a seat only in designs that give them one; those who are in it stay as they are."""
    path = find_file(scenario.folder, "hires") or scenario.folder / "hires.csv"
    if path.suffix != ".csv":
        raise DataError("cannot be added to", file=path.name, hint="save it as hires.csv")
    old = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))) if path.exists() else [list(_HIRE)]
    header, rows = old[0], old[1:]
    known = {row[header.index("rep")] for row in rows}
    for rep in (rep for rep in hires if rep.id not in known):
        cells = _hire(rep)
        rows.append([cells.get(column, "") for column in header])
    write_atomic(path, _csv(header, rows))
    return path


_HIRE = ("rep", "name", "lat", "lon", "start", "quota", "shift_start", "shift_end", "cost_per_year")


def _hire(rep: Rep) -> dict[str, str]:
    shift = {"shift_start": clock(rep.shift_start_s), "shift_end": clock(rep.shift_end_s)}
    start = rep.start.isoformat() if rep.start else ""
    figures = {
        "lat": repr(rep.lat),
        "lon": repr(rep.lon),
        "quota": f"{rep.quota or 0:g}",
        "cost_per_year": f"{rep.cost_per_year:g}",
    }
    return {"rep": rep.id, "name": rep.name, "start": start, **figures, **shift}


def check_design_name(scenario: Scenario, name: str) -> None:
    """A name under which no design can be written is an error."""
    if not name.strip() or name != name.strip() or name[0] in ".~" or name.endswith(BESIDE) or set(name) & _FORBIDDEN:
        raise UsageError(f"'{name}' cannot be the name of a design file")
    other = find_file(scenario.folder / FOLDER, name)
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
