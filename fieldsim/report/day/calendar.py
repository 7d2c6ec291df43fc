"""A day as a calendar file (RFC 5545) that phones subscribe to or import."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fieldsim.model import Skipped, Stop
from fieldsim.report.day.noun import RepDay
from fieldsim.report.day.table import REASONS
from fieldsim.report.words import clock, duration

if TYPE_CHECKING:
    from icalendar import Event


def day_ics(day: RepDay) -> str:
    """An event a visit, and one for the break; lines end in CRLF, as the format asks.

    The same account, date and ordinal keep their UID whoever visits and whenever, so that a re-plan with a higher `sequence`
    moves the entry instead of adding a second one.
    """
    return days_ics([day])


def days_ics(days: Sequence[RepDay]) -> str:
    """Several days of one rep, in time order, as one calendar; visits that were called off stay in it as cancelled."""
    from icalendar import Calendar

    first, last = days[0], days[-1]
    calendar = Calendar()
    calendar.add("prodid", "-//fieldsim//day//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"Visits of {first.who.name or first.who.id}")
    calendar.add("x-wr-timezone", first.scenario.timezone)
    for day in days:
        for stop in day.route.stops:
            calendar.add_component(_visit(day, stop))
        for stop in day.called_off:
            calendar.add_component(_visit(day, stop, "CANCELLED"))
        if day.route.lunch:
            calendar.add_component(_event(day, f"lunch\x1f{day.who.id}", *day.route.lunch, "Lunch"))
    calendar.add_missing_timezones(first_date=first.date - timedelta(days=365), last_date=last.date + timedelta(days=365))
    text: str = calendar.to_ical().decode()
    return text


def _visit(day: RepDay, stop: Stop, status: str = "CONFIRMED") -> Event:
    remote = " (remote)" if stop.at is None else ""
    what = f"visit\x1f{stop.id}\x1f{day.ordinal.get(stop.id, 0)}"
    event = _event(day, what, stop.start_s, stop.leave_s, day.name(stop.id) + remote, status)
    event.add("description", "\n".join(_description(day, stop)))
    if stop.at is not None:
        lat, lon = day.place(stop.at)
        event.add("location", day.address(stop.id) or f"{lat:.6f},{lon:.6f}")
        event.add("geo", (round(lat, 6), round(lon, 6)))
    return event


def _event(day: RepDay, what: str, start_s: int, end_s: int, summary: str, status: str = "CONFIRMED") -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", _uid(day, what))
    event.add("sequence", day.sequence)
    # no wall clock: the stamp is the day itself, later for each revision
    midnight = datetime(day.date.year, day.date.month, day.date.day, tzinfo=UTC)
    event.add("dtstamp", midnight + timedelta(seconds=day.sequence))
    # whole minutes, as the table shows them
    event.add("dtstart", day.moment(-(-start_s // 60) * 60))
    event.add("dtend", day.moment(-(-end_s // 60) * 60))
    event.add("summary", summary)
    event.add("status", status)
    return event


def _description(day: RepDay, stop: Stop) -> list[str]:
    lines = [f"Account {stop.id}"]
    account = day.account(stop.id)
    if account is not None:
        book = day.scenario.accounts
        facts = (book.tier[account] and f"tier {book.tier[account]}", book.industry[account], book.segment[account])
        lines += [", ".join(fact for fact in facts if fact)]
        lines += [f"Opens {book.opens[account]}"] if book.opens[account] else []
    if stop.at is not None:
        lines.append(f"Drive {duration(stop.travel_s)}, arrive {clock(stop.arrive_s)}")
    if stop in day.route.stops[-1:]:
        lines += [_left_out(day, skipped) for skipped in day.route.skipped]
    return [line for line in lines if line]


def _left_out(day: RepDay, skipped: Skipped) -> str:
    return f"Left out today: {day.name(skipped.id)}: {skipped.detail or REASONS.get(skipped.reason, skipped.reason)}"


def _uid(day: RepDay, what: str) -> str:
    key = f"{day.scenario.name}\x1f{day.date.isoformat()}\x1f{what}"
    return f"{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}@fieldsim"
