"""Plain forms as changes: what a page without JavaScript posts, in the words of the JSON interface."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b

from fieldsim.service.asked import OUTCOMES, Change
from fieldsim.service.errors import Refusal

Fields = Mapping[str, str]


def change_of(fields: Fields) -> Change:
    """The change that a form stands for; Refusal where its fields say nothing that could be done."""
    from pydantic import ValidationError

    try:
        return Change.model_validate(_moved(fields) if "order" in fields else _plain(fields))
    except (ValidationError, ValueError, RecursionError) as error:
        raise Refusal(
            422, "bad_request", "this form cannot be read", hint="go back, load the page again and repeat it"
        ) from error


def key_of(fields: Fields, change: Change) -> str:
    """The form's key joined with what it says: a second tap is the same change, another button another one."""
    body = blake2b(change.model_dump_json().encode(), digest_size=8).hexdigest()
    return f"{fields.get('key', '')[:60]}.{body}"


def _plain(fields: Fields) -> dict[str, object]:
    kind = fields.get("kind", "")
    change: dict[str, object] = {"kind": kind}
    if fields.get("account"):
        change["account"] = fields["account"]
    if kind == "note":
        change |= {name: fields.get(name, "").strip() for name in ("note", "next_step")}
    if kind in OUTCOMES:
        change |= {name: fields[name].strip() for name in ("note", "next_step") if fields.get(name, "").strip()}
    if kind == "late":
        change["minutes"] = int(fields.get("minutes", ""))
    if kind == "pin":
        hours, minutes = fields.get("start", "").split(":")[:2]
        change["start_s"] = 3600 * int(hours) + 60 * int(minutes)
    if kind == "hours_wrong" and fields.get("opens", "").strip():
        change["opens"] = fields["opens"].strip()
    return change


def _moved(fields: Fields) -> dict[str, object]:
    """One stop a place earlier or later in the order that the page showed."""
    order = [str(name) for name in json.loads(fields["order"])]
    account = fields.get("up") or fields.get("down") or ""
    at = order.index(account)
    to = at - 1 if "up" in fields else at + 1
    if not 0 <= to < len(order):
        raise ValueError("nowhere to go")
    order[at], order[to] = order[to], order[at]
    return {"kind": "order", "order": order}
