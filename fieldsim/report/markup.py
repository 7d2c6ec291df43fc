"""Pieces of HTML, every text of the user's escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from fieldsim.report.words import FIXED, clean


def esc(text: object) -> str:
    """A text as HTML shows it, whatever characters it holds."""
    return escape(clean(str(text)).replace(" %", f"{FIXED}%"))


def prose(text: object) -> str:
    """A text as HTML that does not break inside a date or a number."""
    return _DATE.sub(r'<span class="date">\g<0></span>', _THOUSANDS.sub(FIXED, esc(text)))


def section(title: str, *parts: str, name: str = "") -> str:
    """A part of the page under its heading; `parts` are HTML, the title is text."""
    mark = f' id="{name}"' if name else ""
    return f"<section{mark}>\n<h2>{esc(title)}</h2>\n" + "\n".join(parts) + "\n</section>"


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text."""
    return f"<p{_class(kind)}>{prose(text)}</p>"


def bullets(lines: Iterable[str]) -> str:
    """A list of plain texts."""
    return "<ul>" + "".join(f"<li>{prose(line)}</li>" for line in lines) + "</ul>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """A table of HTML cells that scrolls inside itself where the window is narrow."""
    top = "".join(f"<th>{cell}</th>" for cell in head)
    body = "\n".join(f"<tr><th>{row[0]}</th>{''.join(f'<td>{cell}</td>' for cell in row[1:])}</tr>" for row in rows)
    return f'<div class="wide"><table{_class(kind)}><thead><tr>{top}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def details(summary: str, inner: str) -> str:
    """Something that opens with a click; `summary` is text, `inner` HTML."""
    return f"<details><summary>{esc(summary)}</summary>\n{inner}\n</details>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}\b)")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
