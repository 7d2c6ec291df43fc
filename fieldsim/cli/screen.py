"""What a command may write where: the answer on stdout, warnings and progress on stderr."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

    from fieldsim.api.listeners import Advance


def show(*renderables: RenderableType) -> None:
    """Print tables and text as the answer; a pipe gets plain text wide enough to keep rows whole."""
    from rich.console import Console

    # names of accounts may look like rich's own marks, such as [closed] or :phone:
    screen = sys.stdout.isatty()
    console = Console(
        width=None if screen else 110, no_color=None if screen else True, highlight=screen, markup=False, emoji=False
    )
    with console.capture() as printed:  # not straight to stdout, because rich answers a closed pipe with exit code 1
        for renderable in renderables:
            console.print(renderable, soft_wrap=isinstance(renderable, str))
    sys.stdout.write(printed.get())


def emit(answer: object) -> None:
    """Print an answer as JSON; what is not a number becomes null."""
    sys.stdout.write(json.dumps(_plain(answer), ensure_ascii=False, allow_nan=False) + "\n")


def _plain(value: Any) -> Any:
    """The value with only what JSON knows."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def warn(message: str) -> None:
    """One warning line on stderr."""
    sys.stderr.write(f"warning: {message}\n")


def tell(message: str) -> None:
    """One line for people on stderr: what was written, what to do next."""
    sys.stderr.write(message + "\n")


def _say_progress(what: str, done: int, total: int) -> None:
    """One line of progress for a program."""
    sys.stderr.write(json.dumps({"progress": {"what": what, "done": done, "total": total}}) + "\n")
    sys.stderr.flush()


@contextmanager
def progress() -> Iterator[Advance]:
    """A bar on stderr for whatever takes more than two seconds; nothing where stderr is no terminal.

    With FIELDSIM_PROGRESS=lines a JSON object a line instead, for a program that started this one.
    """
    if os.environ.get("FIELDSIM_PROGRESS") == "lines":
        yield _say_progress
        return
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Progress(*columns, console=Console(stderr=True), transient=True)
    tasks = {"": bars.add_task("getting ready", total=None)}
    patience = Timer(2.0, bars.start)
    patience.daemon = True

    def advance(what: str, done: int, total: int) -> None:
        if "" in tasks:
            bars.remove_task(tasks.pop(""))
        if what not in tasks:
            tasks[what] = bars.add_task(what, total=total)
        bars.update(tasks[what], completed=done, total=total)

    patience.start()
    try:
        yield advance
    finally:
        patience.cancel()
        bars.stop()
