"""Templates into pages: one environment with autoescape."""

from __future__ import annotations

from functools import cache
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fieldsim.report.words import clean
from fieldsim.service.files import version
from fieldsim.service.pages import words
from fieldsim.service.pages.sketch import sketch

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, /, **facts: Any) -> str:
    """A template as HTML; every text in `facts` is escaped."""
    return environment().get_template(template).render(**facts)


@cache
def environment() -> Environment:
    """The templates with the words they use."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=PackageLoader("fieldsim.service", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "clean": lambda text: clean(str(text)),
        "clock": words.clock,
        "duration": words.duration,
        "kilometres": words.kilometres,
        "long_day": words.long_day,
        "moment": words.moment,
        "sentence": words.sentence,
        "short_day": words.short_day,
        "spans": words.spans,
        "query": lambda fields: urlencode(fields, doseq=True),
        "time_field": words.time_field,
    }
    made.globals |= {
        "STATES": words.STATES,
        "PLACES": words.PLACES,
        "count": words.count,
        "sketch": sketch,
        "fresh_key": fresh_key,
    }
    made.globals |= {"late_minutes": words.late_minutes, "version": version()}
    return made


def fresh_key() -> str:
    """A new idempotency key for a form."""
    return token_urlsafe(12)
