"""Which files of a design are still as fieldsim wrote them: those can be made again, any other is somebody's own work."""

from __future__ import annotations

from pathlib import Path

from fieldsim.errors import UsageError
from fieldsim.model import Scenario
from fieldsim.scenario.designs import BESIDE, FOLDER
from fieldsim.store import Store, content_key

KIND = "written"
"""Kind of the notes in the store: what fieldsim wrote, by content and by place."""
REASON = b"account,territory,rep,reason"
"""How a design begins that moves accounts: where no note is left (a cleared cache, another machine), it counts as fieldsim's."""


def note_written(scenario: Scenario, name: str, how: str, store: Store) -> None:
    """Remember the content and the place of the design's files as fieldsim's own, and how they were made."""
    for path in _files(scenario, name):
        store.keep(KIND, content_key(path.read_bytes()), how)
        store.keep(KIND, content_key(str(path.resolve())), how)


def check_replaceable(scenario: Scenario, name: str, store: Store) -> str | None:
    """How the design of this name was made, None where there is none; UsageError where a file of it is somebody's own."""
    files = _files(scenario, name)
    made = [store.get(KIND, content_key(path.read_bytes())) for path in files]
    noted = any(store.get(KIND, content_key(str(path.resolve()))) is not None for path in files)
    if not noted and files and files[0].read_bytes().startswith(REASON):
        made = [how or "fieldsim design" for how in made]
    for path, how in zip(files, made, strict=True):
        if not isinstance(how, str):
            message = f"{FOLDER}/{path.name} is there already, and not as fieldsim design wrote it here"
            raise UsageError(message, hint="write under another name, or add --overwrite")
    return str(made[0]) if made else None


def _files(scenario: Scenario, name: str) -> list[Path]:
    every = [scenario.folder / FOLDER / f"{name}{ending}.csv" for ending in ("", *BESIDE)]
    return [path for path in every if path.is_file()]
