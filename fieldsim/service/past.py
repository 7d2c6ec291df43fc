"""What is known of accounts from other days, last visits and next steps, and what is kept of this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date as Date

from sqlalchemy import Connection, select

from fieldsim.service import tables as t
from fieldsim.service.database import Database
from fieldsim.service.dayview import Past
from fieldsim.service.ground import Ground
from fieldsim.service.state import State

OUTCOMES = {"done": "held", "no_show": "no_show", "cancelled": "cancelled", "skipped": "dropped"}
"""States of a day as history.csv calls them."""


def known(ground: Ground, database: Database, day: Date, accounts: Sequence[str]) -> Mapping[str, Past]:
    """Last visit held before the day and the next step noted then, by account."""
    found = {name: Past(ground.history[name]) for name in accounts if name in ground.history}
    wanted = (
        select(t.visits.c.account, t.visits.c.date, t.visits.c.next_step)
        .where(t.visits.c.account.in_(accounts), t.visits.c.date < day.isoformat(), t.visits.c.outcome == "held")
        .order_by(t.visits.c.date)
    )
    with database.read() as connection:
        for account, date, step in connection.execute(wanted):
            found[account] = Past(date, step or found.get(account, Past()).next_step)
    return found


def keep_visits(connection: Connection, rep: str, day: Date, state: State) -> None:
    """Write the day's visits as they happened in place of what was written before."""
    date = day.isoformat()
    connection.execute(t.visits.delete().where(t.visits.c.rep == rep, t.visits.c.date == date))
    rows = [
        {
            "rep": rep,
            "date": date,
            "account": row.account,
            "outcome": OUTCOMES[row.state],
            "planned_start_s": row.planned_start_s,
            "arrive_s": row.arrive_s,
            "leave_s": row.leave_s,
            "note": row.note,
            "next_step": row.next_step,
        }
        for row in state.settled
        if row.state in OUTCOMES
    ]
    if rows:
        connection.execute(t.visits.insert(), rows)
