"""Opens scenario.toml; every broken rule becomes a one-line DataError with the line of the file, the key and its value."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fieldsim.errors import DataError, did_you_mean
from fieldsim.scenario.settings import RuleSection, Settings, TierSection

FILE = "scenario.toml"
_INNER = ("function-", "str", "list[", "json")
_LISTED = {"tiers": TierSection, "rules": RuleSection}
"""Sections of which there are many."""
_LIST, _TABLE = "should be a list in brackets", "should be a table of keys and values"
_SAID = {
    "tuple_type": _LIST,
    "list_type": _LIST,
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "string_type": "should be text in quotes",
    "string_too_short": "should not be empty",
    "too_short": "should have more entries, at least {min_length}",
}
"""What is wrong with a value, by the kind of the broken rule, where the models speak of Python's types."""


def read_settings(folder: Path) -> Settings:
    """scenario.toml of the folder; the first thing wrong with it is raised."""
    settings, errors = load_settings(folder)
    if settings is None:
        raise errors[0]
    return settings


def load_settings(folder: Path) -> tuple[Settings | None, list[DataError]]:
    """The settings, or None and everything that is wrong with them."""
    if not folder.is_dir():
        return None, [DataError("no such scenario folder", file=str(folder))]
    path = folder / FILE
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return Settings.model_validate(tomllib.loads(text)), []
    except FileNotFoundError:
        return None, [DataError("no such file", file=FILE, hint=f"every scenario folder has one; looked in {folder}")]
    except OSError as error:
        return None, [DataError(f"cannot be opened: {error.strerror}", file=FILE)]
    except UnicodeDecodeError as error:
        row = path.read_bytes()[: error.start].count(b"\n") + 1
        return None, [DataError("not UTF-8 text", file=FILE, row=row, hint="save it as UTF-8")]
    except tomllib.TOMLDecodeError as error:
        return None, [_syntax_error(error)]
    except ValidationError as error:
        # a misspelt key comes before the required one that is missing because of it
        ordered = sorted(error.errors(include_url=False), key=lambda broken: broken["type"] != "extra_forbidden")
        return None, [_broken_rule(broken, text) for broken in ordered]


def key_error(folder: Path, key: str, message: str, hint: str | None = None) -> DataError:
    """An error about the value of a dotted key, with its line."""
    row = line_of(key.split("."), (folder / FILE).read_text(encoding="utf-8-sig"))
    return DataError(message, file=FILE, row=row, hint=hint)


def _syntax_error(error: tomllib.TOMLDecodeError) -> DataError:
    message, _, place = str(error).partition(" (at line ")
    row = place.split(",")[0]
    return DataError(f"not readable as TOML: {message}", file=FILE, row=int(row) if row.isdigit() else None)


def _broken_rule(broken: ErrorDetails, text: str) -> DataError:
    """One rule of the models that the file breaks."""
    keys = [str(part) for part in broken["loc"] if not str(part).startswith(_INNER)]
    # the number of an entry, as in rules.0.name, tells the line and is not shown
    key = ".".join(str(part) for part in broken["loc"] if isinstance(part, str) and part in keys)
    row, value = line_of(keys, text), broken["input"]
    if broken["type"] == "extra_forbidden":
        known = _keys_of(keys[:-1])
        hint = did_you_mean(keys[-1], known) or f"known here: {', '.join(known)}"
        return DataError(f"unknown key '{key}'", file=FILE, row=row, hint=hint)
    if broken["type"] == "missing":
        return DataError(f"the key '{key}' is missing", file=FILE, row=row)
    message = _said(broken)
    shown = f"[{key}]" if isinstance(value, dict) else f"{key} = {_shown(value)}"
    example = _as_list(keys[-1], value) if message == _LIST else None
    return DataError(f"{shown}: {message}" if key else message, file=FILE, row=row, hint=example)


def _said(broken: ErrorDetails) -> str:
    """What a value should be, in the words of the file."""
    if broken["type"] in _SAID:
        return _SAID[broken["type"]].format(**broken.get("ctx", {}))
    return broken["msg"].removeprefix("Value error, ").replace("Input should", "should")


def _as_list(key: str, value: object) -> str | None:
    """How to write a list of the one text that stands in its place; [[key]] for a section of which there are many."""
    if isinstance(value, dict):
        return f"write [[{key}]]"
    return f'write {key} = ["{value}"]' if isinstance(value, str) else None


def _shown(value: object) -> str:
    """A value as the file has it, dates as dates."""
    return value.isoformat() if isinstance(value, date) else repr(value)


def _keys_of(sections: list[str]) -> list[str]:
    """Keys known in a section."""
    model: Any = Settings
    for name in sections:
        field = model.model_fields.get(name) if isinstance(model, type) and issubclass(model, BaseModel) else None
        model = _LISTED.get(sections[0], TierSection) if sections[0] in _LISTED or field is None else field.annotation
    return list(model.model_fields) if hasattr(model, "model_fields") else []


def line_of(keys: list[str], text: str) -> int | None:
    """Line of a key, else of the innermost section or table it belongs to, None where the file has none of them."""
    found, longest, section = None, 0, ""
    entries: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        plain = line.strip()
        if plain.startswith("["):
            section = plain.split("]")[0].strip("[ ").replace('"', "")
            if plain.startswith("[["):
                entries[section] = entries.get(section, -1) + 1
            head = section.split(".")[0]
            section = ".".join(filter(None, (head, str(entries[head]), *section.split(".")[1:]))) if head in entries else section
            here = section.split(".")
        elif "=" in plain and not plain.startswith("#"):
            here = [*filter(None, section.split(".")), plain.split("=")[0].strip().strip('"')]
        else:
            continue
        if here == keys and not plain.startswith("["):
            return number
        if len(here) > longest and here == keys[: len(here)]:
            found, longest = number, len(here)
    return found
