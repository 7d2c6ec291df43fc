"""Whose public holidays: a country or one of its regions, by the codes of ISO 3166."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from fieldsim.errors import did_you_mean
from fieldsim.model import add_months


@lru_cache(maxsize=64)
def calendar_of(country: str, region: str = "") -> tuple[str, str]:
    """Country and region ("": none) of `DE`, of `DE-BY`, or of `DE` with the region `BY`; ValueError that names what is near."""
    import holidays

    known = holidays.list_supported_countries(include_aliases=False)
    land, _, part = country.partition("-")
    if land not in known:
        raise ValueError(f"no holiday calendar is known for it; {_near_country(country, known)}")
    region = region.removeprefix(f"{land}-")
    if part and region and part != region:
        raise ValueError(f"country = '{country}' names another region")
    part = part or region
    if part and part not in known[land]:
        raise ValueError(f"no region of {land} has that code; {_near_region(land, part, known[land])}")
    return land, part


def public_holidays(country: str, region: str, start: date, end: date) -> frozenset[date]:
    """Public holidays of the country and of the region from the quarter's first day to two years after its last."""
    import holidays

    found = holidays.country_holidays(country, subdiv=region or None, years=range(start.year, end.year + 3))
    return frozenset(day for day in found if start <= day <= add_months(end, 24))


def holiday_name(country: str, region: str, day: date) -> str:
    """What the country or the region calls a public holiday, in English where the library knows the word; "" for another day."""
    import holidays

    found = holidays.country_holidays(country, subdiv=region or None, years=day.year, language="en_US")
    return found.get(day) or ""


def _near_country(text: str, known: dict[str, list[str]]) -> str:
    from fieldsim.scenario.places import country_code

    code = country_code(text, "")
    close = f"did you mean '{code}'?" if code in known else did_you_mean(text, known)
    return close or "write a two-letter code such as 'CL', or one with a region such as 'US-IL'"


def _near_region(country: str, text: str, known: list[str]) -> str:
    """By its code or by its name."""
    import holidays

    named: dict[str, str] = getattr(holidays.country_holidays(country), "subdivisions_aliases", {})
    by_name = {name.casefold(): code for name, code in named.items()}
    if text.casefold() in by_name:
        return f"did you mean '{by_name[text.casefold()]}'?"
    return did_you_mean(text, known) or (f"known: {', '.join(known)}" if known else "it has none")
