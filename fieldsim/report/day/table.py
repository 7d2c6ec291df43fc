"""A day as a table for the terminal: stops in order, the break, and what is left out with its reason."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fieldsim.errors import count
from fieldsim.model import ForcedCost, Skipped, Stop
from fieldsim.report.day.noun import RepDay
from fieldsim.report.words import clock, duration, long_date, plain

REASONS = {
    "never_open": "closed all day",
    "too_far": "too far to go and come back within the shift",
    "shift": "does not fit the shift",
    "window": "open only when the rep cannot be there",
    "displaced": "gave way to more important visits",
    "required_conflict": "cannot be combined with the other required visits",
}
PROOFS = {
    "exact": "proven the best possible",
    "bound": "proven the best possible by a bound",
    "none": "good, but not proven the best possible",
}


def day_text(day: RepDay) -> str:
    """The table as plain text, 80 columns wide."""
    return plain(day_table(day))


def day_table(day: RepDay) -> RenderableType:
    """Heading, stops, a line of totals, and the visits left out with their reasons."""
    parts: list[RenderableType] = [Text(_heading(day), style="bold"), _stops(day), Text(_totals(day))]
    if day.route.failed_required:
        names = ", ".join(day.name(visit) for visit in day.route.failed_required)
        parts.append(Text(f"These required visits cannot all be served: {names}", style="bold"))
    if day.route.skipped:
        parts.append(_left_out(day))
    return Group(*parts)


def _heading(day: RepDay) -> str:
    name = f"{day.who.id} {day.who.name}".strip()
    return f"{name}, {long_date(day.date)}, design {day.design}: {count(day.route.served, 'visit')}"


def _stops(day: RepDay) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title, justify in (("", "right"), ("start", "left"), ("end", "left"), ("drive", "right")):
        table.add_column(title, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("account", no_wrap=True)
    table.add_column("who and where")
    table.add_row("", clock(day.route.depart_s), "", "", "", "leave" + (" home" if day.problem.now is None else ""))
    lunch = day.route.lunch
    for number, stop in enumerate(day.route.stops, 1):
        if lunch and lunch[0] < stop.start_s:
            table.add_row("", clock(lunch[0]), clock(lunch[1]), "", "", "lunch")
            lunch = None
        table.add_row(str(number), *_stop(day, stop))
    if lunch:
        table.add_row("", clock(lunch[0]), clock(lunch[1]), "", "", "lunch")
    table.add_row("", clock(day.route.finish_s), "", _last_drive(day), "", "home")
    return table


def _stop(day: RepDay, stop: Stop) -> tuple[str | Text, ...]:
    account = day.account(stop.id)
    tier = day.scenario.accounts.tier[account] if account is not None else ""
    wait = _waiting_s(day, stop)
    notes = [f"tier {tier}" if tier else "", "remote" if stop.at is None else day.address(stop.id)]
    # waiting of a minute or two is rounding, not news
    notes.append(f"wait {duration(wait)}" if stop.at is not None and wait >= 180 else "")
    who = ", ".join(part for part in (day.name(stop.id), *notes) if part)
    drive = "" if stop.at is None else duration(stop.travel_s)
    return clock(stop.start_s), clock(stop.leave_s), drive, Text(stop.id), Text(who)


def _waiting_s(day: RepDay, stop: Stop) -> int:
    """Time between arriving and starting that is not the break."""
    lunch = day.route.lunch or (0, 0)
    eaten = min(stop.start_s, lunch[1]) - max(stop.arrive_s, lunch[0])
    return stop.start_s - stop.arrive_s - max(0, eaten)


def _last_drive(day: RepDay) -> str:
    rest = day.route.travel_s - sum(stop.travel_s for stop in day.route.stops)
    return duration(rest) if rest > 0 else ""


def _totals(day: RepDay) -> str:
    route = day.route
    selling = sum(stop.leave_s - stop.start_s for stop in route.stops)
    parts = [f"{duration(selling)} with customers", f"{duration(route.travel_s)} driving", f"{duration(route.wait_s)} waiting"]
    return f"{', '.join(parts)}. The route is {PROOFS[route.proof]}."


def _left_out(day: RepDay) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="Left out today", title_justify="left", title_style="bold")
    table.add_column("account", no_wrap=True)
    table.add_column("who")
    table.add_column("why")
    table.add_column("to put it in")
    for skipped in day.route.skipped:
        row = (skipped.id, day.name(skipped.id), why(skipped), _price(day, skipped.forced_cost))
        table.add_row(*(Text(cell) for cell in row))
    return table


def why(skipped: Skipped) -> str:
    """The reason in words, with the solver's detail where it gives one."""
    return skipped.detail or REASONS.get(skipped.reason, skipped.reason)


def _price(day: RepDay, cost: ForcedCost | None) -> str:
    if cost is None:
        return "nothing makes room"
    drops = " and ".join(day.name(visit) for visit in cost.drops)
    more = f"{duration(abs(cost.travel_s))} {'more' if cost.travel_s >= 0 else 'less'} driving"
    return f"drop {drops}, {more}" if drops else more
