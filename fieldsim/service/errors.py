"""What a request can be refused for, with the HTTP status of its kind."""

from __future__ import annotations

from fieldsim.errors import FieldsimError


class Refusal(FieldsimError):
    """A request that is not done; `code` tells a program why, the message tells a person."""

    def __init__(self, status: int, code: str, message: str, *, hint: str | None = None, **more: object) -> None:
        super().__init__(message, hint=hint)
        self.status, self.code, self.more = status, code, more

    def as_json(self) -> dict[str, object]:
        """The error as JSON, with what else a program needs."""
        body = {"code": self.code, "message": self.message, "hint": self.hint, **self.more}
        return {"error": body}


def not_found(what: str = "there is no such thing here") -> Refusal:
    """404: it is not there, or not for this key; which of them is not told."""
    return Refusal(404, "not_found", what)


def conflict(message: str, *, hint: str | None = None, code: str = "conflict") -> Refusal:
    """409: the change makes no sense any more."""
    return Refusal(409, code, message, hint=hint)
