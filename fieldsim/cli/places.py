"""Where answers are to be written: said before hours are spent, if it cannot be there."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fieldsim.errors import UsageError


def check_places(out: Path | None, log: Path | None = None) -> None:
    """UsageError if a report or file cannot be written to `out`, or a log into the folder `log`."""
    if out and out.is_dir():
        raise UsageError(f"--out names a file, and '{out}' is a folder")
    if log and log.exists() and not log.is_dir():
        raise UsageError(f"--log names a folder, and '{log}' is a file")
    for folder in (out.parent if out else None, log):
        if folder is not None:
            check_writable(folder)


def check_writable(folder: Path) -> None:
    """UsageError if no file can be made in the folder, or, where it is not there, in the nearest one above; leaves nothing."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise UsageError(f"cannot write to '{folder}': {error.strerror}") from error
