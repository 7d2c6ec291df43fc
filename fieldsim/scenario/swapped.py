"""Finds coordinates whose latitude and longitude changed places: far from everything as they stand, near when turned round."""

from __future__ import annotations

import numpy as np

from fieldsim.model import Floats
from fieldsim.scenario.cells import Sheet

_FAR_KM = 500.0
_HINT = "did lat and lon change places?"


def kilometres(lat: Floats, lon: Floats, to_lat: float, to_lon: float) -> Floats:
    """Great-circle kilometres from many places to one (haversine)."""
    a, b = np.radians(lat), np.radians(to_lat)
    half = np.sin((a - b) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon - to_lon) / 2) ** 2
    distance: Floats = 2 * 6371.0 * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return distance


def note_swapped(accounts: Sheet, reps: Sheet) -> None:
    """Note rows that lie over 500 km from the middle of reps and accounts but within a tenth of that when turned round."""
    places = [(sheet, _degrees(sheet, "lat"), _degrees(sheet, "lon")) for sheet in (accounts, reps)]
    sound = [(lat[np.isfinite(lat + lon)], lon[np.isfinite(lat + lon)]) for _, lat, lon in places]
    # the reps' homes are the anchor: few, typed by hand, and required to have coordinates
    anchor = next(((lat, lon) for lat, lon in reversed(sound) if len(lat)), None)
    if anchor is None:
        return
    middle = float(np.median(anchor[0])), float(np.median(anchor[1]))
    for sheet, lat, lon in places:
        with np.errstate(invalid="ignore"):
            straight, turned = kilometres(lat, lon, *middle), kilometres(lon, lat, *middle)
            swapped = (straight > _FAR_KM) & (turned < straight / 10) & (np.abs(lon) <= 90)
        for at in np.flatnonzero(swapped).tolist():
            message = f"'{lat[at]:g},{lon[at]:g}' lies {straight[at]:,.0f} km from the middle of the reps' homes"
            sheet.note(message, at, "lat", _HINT)


def _degrees(sheet: Sheet, column: str) -> Floats:
    """The column as numbers, without noting anything twice."""
    return Sheet(sheet.table).numbers(column, -180.0, 180.0)
