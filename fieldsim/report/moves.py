"""What changes for whom, design by design: a table of reps and the list of accounts that change hands."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fieldsim.errors import count
from fieldsim.model import Design
from fieldsim.report.book import Book
from fieldsim.report.changes import DesignChange, SeatChange, Share, design_change
from fieldsim.report.colours import symbol
from fieldsim.report.maps import who
from fieldsim.report.markup import details, esc, paragraph, section, table
from fieldsim.report.words import FIXED, clean, figure

THOUSANDS_FROM = 1e6
"""A book of at least so much is shown in thousands."""
LISTED = 1500
"""Accounts listed a design at most; a longer list is read from the written-back files."""


def section_of(book: Book) -> str:
    """A part for every design other than the one in force."""
    others = [design for design in book.designs if design is not book.base]
    if not others:
        return ""
    money = f"Money in {_unit(book)}: potential a year, revenue of last year, open pipeline of today."
    note = f"Measured against {book.base.name}. {money}"
    return section(
        "What changes for whom", paragraph(note, "note"), *(_design(book, design) for design in others), name="changes"
    )


def _design(book: Book, design: Design) -> str:
    change = design_change(book.scenario, book.base, design)
    if not len(change.moved):
        return f"<h3>{esc(design.name)}</h3>{paragraph('No account changes hands.')}"
    head = [
        "rep",
        "accounts",
        "potential",
        "gives away",
        "revenue",
        "pipeline",
        "to",
        "takes over",
        "revenue",
        "pipeline",
        "from",
    ]
    rows = [_seat(book, seat) for seat in change.seats]
    listed = details(f"The {count(len(change.moved), 'account')} that change hands", _accounts(book, design, change))
    return f"<h3>{esc(design.name)}</h3>{paragraph(_sentence(book, change))}{table(head, rows, 'moves')}{listed}"


def _sentence(book: Book, change: DesignChange) -> str:
    moved, whole, currency = change.sum, change.book, book.scenario.currency
    return (
        f"{moved.accounts} of {whole.accounts} accounts ({_part(moved.accounts, whole.accounts)}) change hands, with "
        f"{figure(moved.revenue, 'money')} {currency} of last year's revenue ({_part(moved.revenue, whole.revenue)}) and "
        f"{figure(moved.pipeline, 'money')} {currency} of open pipeline ({_part(moved.pipeline, whole.pipeline)})"
        f"{_late(book, change)}."
    )


def _late(book: Book, change: DesignChange) -> str:
    """How much of the moved pipeline is late, where the accounts say their stage."""
    from fieldsim.territory.disruption import late_of

    accounts = book.scenario.accounts
    if not accounts.pipeline_stage:
        return ""
    rows = change.moved[late_of(book.scenario)[change.moved]]
    amount = figure(float(accounts.open_pipeline[rows].sum()), "money")
    return f", {amount} {book.scenario.currency} of it late-stage ({count(len(rows), 'account')})"


def _seat(book: Book, seat: SeatChange) -> list[str]:
    return [
        f"{symbol(seat.rep)} {esc(who(book.scenario, seat.rep))}",
        _arrow(str(seat.before.accounts), str(seat.after.accounts)),
        _arrow(_money(book, seat.before.potential), _money(book, seat.after.potential)),
        *_share(book, seat.lost),
        _whom(book, seat.to),
        *_share(book, seat.gained),
        _whom(book, seat.from_),
    ]


def _arrow(before: str, after: str) -> str:
    return before if before == after else f"{before}{FIXED}→{FIXED}{after}"


def _share(book: Book, share: Share) -> tuple[str, str, str]:
    if not share.accounts:
        return "", "", ""
    return str(share.accounts), _money(book, share.revenue), _money(book, share.pipeline)


def _money(book: Book, amount: float) -> str:
    return figure(amount, "thousand" if _large(book) else "money")


def _unit(book: Book) -> str:
    return f"thousand {book.scenario.currency}" if _large(book) else book.scenario.currency


def _large(book: Book) -> bool:
    return float(book.scenario.accounts.potential.sum()) >= THOUSANDS_FROM


def _whom(book: Book, counts: Mapping[int, int]) -> str:
    return ", ".join(f"{esc(book.short(rep))}{FIXED}{number}" for rep, number in counts.items())


def _accounts(book: Book, design: Design, change: DesignChange) -> str:
    accounts = book.scenario.accounts
    old, new = book.base.owner, design.owner
    head = ["account", "name", "tier", "from", "to", "potential a year", "revenue last year", "open pipeline"]
    head += ["stage"] if accounts.pipeline_stage else []
    rows = [
        [
            esc(accounts.ids[k]),
            esc(clean(accounts.name[k])),
            esc(accounts.tier[k]),
            esc(book.short(int(old[k]))),
            esc(book.short(int(new[k]))),
            *(
                figure(float(values[k]), "money")
                for values in (accounts.potential, accounts.revenue_last_year, accounts.open_pipeline)
            ),
            *([accounts.pipeline_stage[k]] if accounts.pipeline_stage else []),
        ]
        for k in change.moved[:LISTED].tolist()
    ]
    left = len(change.moved) - len(rows)
    more = paragraph(f"and {count(left, 'more account')} with less revenue", "note") if left else ""
    return table(head, rows, "accounts") + more


def _part(part: float, whole: float) -> str:
    return f"{100.0 * part / whole:.0f} %" if np.isfinite(whole) and whole > 0 else "0 %"
