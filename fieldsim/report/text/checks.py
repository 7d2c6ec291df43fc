"""What `check`, `doctor` and `travel` print, from the same mappings their `--json` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from fieldsim.errors import count
from fieldsim.report.words import FIXED, clean

Facts = Mapping[str, Any]


def check_tables(found: Facts) -> list[RenderableType]:
    """Counts, then errors, warnings and assumptions, then one line that says whether the data are sound."""
    parts: list[RenderableType] = []
    if found.get("counts"):
        parts.append(_facts(str(found.get("scenario", "")), found["counts"]))
    if found.get("rules"):
        parts.append(_rules(found["rules"]))
    for title in ("errors", "warnings", "assumptions"):
        notes = found.get(title) or ()
        if notes:
            parts += [Text(f"\n{title.capitalize()}", style="bold"), *(Text(f"- {_note(note)}") for note in notes)]
    if found.get("market_assumptions"):
        parts += [
            Text("\nThe market model rests on figures nobody measured here", style="bold"),
            _assumed(found["market_assumptions"]),
        ]
    return [*parts, Text(f"\n{_sound(found)}", style="bold")]


def doctor_tables(health: Facts) -> list[RenderableType]:
    """Every group of facts as a table, then the smoke test step by step."""
    parts: list[RenderableType] = []
    for title, facts in health.items():
        if title != "smoke_test" and isinstance(facts, Mapping):
            parts.append(_facts(title.replace("_", " "), facts))
        elif title != "smoke_test":
            parts.append(Text(f"{title.replace('_', ' ')}: {_words(facts)}"))
    tests = health.get("smoke_test", ())
    if tests:
        parts.append(_smoke(tests))
    failed = sum(not test["passed"] for test in tests)
    return [*parts, Text("All is well." if not failed else f"{failed} of {len(tests)} steps failed.", style="bold")]


def travel_table(times: Facts) -> RenderableType:
    """Minutes from the places at the left to those on top, kilometres in brackets where they are known."""
    when = f"leaving at {times['at']}" if times.get("at") else "in the working day's mean traffic"
    title = Text(f"minutes (km), {when}", style="bold")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    table.add_column("from", no_wrap=True)
    for name in times["to"]:
        table.add_column(Text(str(name)), justify="right")
    metres = times.get("distance_m") or [[None] * len(times["to"])] * len(times["from"])
    for name, seconds, lengths in zip(times["from"], times["travel_s"], metres, strict=True):
        table.add_row(Text(str(name)), *(_leg(s, m) for s, m in zip(seconds, lengths, strict=True)))
    return table


def _rules(rules: Sequence[Facts]) -> Table:
    """The rules of scenario.toml in the order in which they are tried."""
    title = Text("rules, the first that matches decides", style="bold")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    for name, justify in (("rule", "left"), ("accounts", "right"), ("potential", "right"), ("seats", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for rule in rules:
        potential = f"{rule['potential']:,.0f}".replace(",", FIXED)
        table.add_row(Text(clean(rule["rule"])), _words(rule["accounts"]), potential, Text(_words(rule["seats"])))
    return table


def _assumed(parameters: Sequence[Facts]) -> Table:
    """Name, value and the range it could have, to be replaced under [parameters] in scenario.toml."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, justify in (("parameter", "left"), ("value", "right"), ("range", "right"), ("unit", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for parameter in parameters:
        low, high = parameter["range"]
        table.add_row(Text(parameter["name"]), f"{parameter['value']:g}", f"{low:g} to {high:g}", Text(parameter["unit"]))
    return table


def _leg(seconds: int, metres: int | None) -> str:
    minutes = f"{seconds / 60:.1f}"
    return minutes if metres is None else f"{minutes} ({metres / 1000:.1f})"


def _facts(title: str, facts: Facts) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=False, title=Text(title, style="bold"), title_justify="left")
    table.add_column("what")
    table.add_column("value")
    for name, value in facts.items():
        table.add_row(Text(str(name).replace("_", " ")), Text(_words(value)))
    return table


def _smoke(tests: Sequence[Facts]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=Text("smoke test", style="bold"), title_justify="left")
    for name in ("step", "", "seconds", "note"):
        table.add_column(name, justify="right" if name == "seconds" else "left")
    for test in tests:
        step = str(test.get("name") or test.get("test") or test.get("step") or "")
        seconds = test.get("seconds")
        took = f"{seconds:.2f}" if isinstance(seconds, int | float) else ""
        note = str(test.get("detail") or test.get("error") or "")
        table.add_row(Text(step), "ok" if test["passed"] else "FAILED", took, Text(note))
    return table


def _note(note: object) -> str:
    """A finding as one line; an error's place stands before its message."""
    if not isinstance(note, Mapping):
        return clean(str(note))
    row, column = note.get("row"), note.get("column")
    place = [note.get("file"), row and f"row {row}", column and f"column {column}"]
    where = ", ".join(str(part) for part in place if part)
    hint = f" ({note['hint']})" if note.get("hint") else ""
    return clean(f"{where}: {note.get('message', '')}{hint}" if where else f"{note.get('message', '')}{hint}")


def _words(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_words(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_words(item) for item in value)
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, int):
        return f"{value:,}".replace(",", FIXED)
    return f"{value:,.2f}".replace(",", FIXED) if isinstance(value, float) else clean(str(value))


def _sound(found: Facts) -> str:
    errors, warnings = len(found.get("errors") or ()), len(found.get("warnings") or ())
    if errors:
        return f"Not sound: {count(errors, 'error')}."
    return f"Sound, with {count(warnings, 'warning')}." if warnings else "Sound."
