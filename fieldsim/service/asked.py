"""What may be asked of a day: one change, in the words of the rep."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from fieldsim.service.errors import Refusal

Kind = Literal[
    "done", "no_show", "cancelled", "late", "add", "skip", "pin", "unpin", "order", "order_clear", "keep_mine", "undo",
    "location_wrong", "hours_wrong", "note",
]  # fmt: skip
OUTCOMES = ("done", "no_show", "cancelled")
CORRECTIONS = ("location_wrong", "hours_wrong")
STILL = (*CORRECTIONS, "note")
"""Changes after which nothing is planned again."""
Time = Annotated[int, Field(ge=0, lt=86_400, description="seconds after midnight, local time of the scenario")]
Id = Annotated[str, Field(min_length=1, max_length=200)]


class Change(BaseModel):
    """One thing that happened or that the rep wants."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    account: Id | None = None
    at_s: Time | None = None
    note: Annotated[str, Field(max_length=500)] | None = None
    next_step: Annotated[str, Field(max_length=200)] | None = None
    minutes: Annotated[int, Field(ge=1, le=600)] | None = None
    start_s: Time | None = None
    order: Annotated[tuple[Id, ...], Field(max_length=200)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    opens: Annotated[str, Field(max_length=200)] | None = None

    @field_validator("account", "note", "next_step", "opens")
    @classmethod
    def _printable(cls, text: str | None) -> str | None:
        """Text as people write it: no control characters but line breaks."""
        return text and "".join(c for c in text if c.isprintable() or c in "\n\u00a0\u202f")

    def need(self, field: str) -> Any:
        """A field that this kind of change cannot do without."""
        value = getattr(self, field)
        if value is None:
            raise Refusal(422, "bad_request", f"a change of kind '{self.kind}' needs '{field}'", column=field)
        return value
