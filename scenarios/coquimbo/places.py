"""Reads census zones and street segments from the project database that the package `aequilibrae` carries.

The geometry columns are SpatiaLite blobs: a header with the bounding box up to byte 38, a marker, the class, then counts and
little-endian doubles (longitude, latitude), as the SpatiaLite manual lays out. Nothing but SQLite itself is needed.
"""

from __future__ import annotations

import sqlite3
import struct
import tempfile
import zipfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

CLASSES = {"primary": 3.0, "secondary": 3.0, "tertiary": 2.0, "residential": 1.0, "living_street": 1.0, "unclassified": 0.5}
"""How often a business stands on a metre of such a street, relative to a residential one; no doors open onto motorways."""


@dataclass(frozen=True, eq=False)
class Zone:
    """A census zone: its number, people and outline (longitude, latitude) as closed rings."""

    number: int
    people: float
    rings: tuple[Floats, ...]
    lat: float
    lon: float
    square_km: float

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a place lies inside (even-odd rule over all rings)."""
        return sum(_crossings(ring, lon, lat) for ring in self.rings) % 2 == 1


@dataclass(frozen=True, eq=False)
class Streets:
    """Straight street pieces: both ends as (longitude, latitude), metres, weight of a metre, name."""

    ends: Floats
    metres: Floats
    weight: Floats
    name: tuple[str, ...]


def open_database(file: Path | None) -> sqlite3.Connection:
    """The project database: the given file, or the one zipped inside the installed package."""
    if file is None:
        found = find_spec("aequilibrae")
        if found is None or found.origin is None:
            raise SystemExit("install aequilibrae (pip install aequilibrae) or name its database with --database FILE")
        archive = Path(found.origin).parent / "reference_files" / "coquimbo.zip"
        with zipfile.ZipFile(archive) as packed:
            member = next(name for name in packed.namelist() if name.endswith("project_database.sqlite"))
            file = Path(packed.extract(member, tempfile.mkdtemp()))
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True)


def read_zones(database: sqlite3.Connection) -> list[Zone]:
    """The zones by number."""
    rows = database.execute("select zone_id, population, geometry from zones order by zone_id").fetchall()
    return [_zone(number, people, blob) for number, people, blob in rows]


def read_streets(database: sqlite3.Connection) -> Streets:
    """Every straight piece of the streets that doors open onto, by link and position."""
    wanted = ",".join(f"'{kind}'" for kind in CLASSES)
    rows = database.execute(f"select link_type, name, geometry from links where link_type in ({wanted}) order by link_id")
    ends, weight, name = [], [], []
    for kind, street, blob in rows.fetchall():
        line = _points(blob, 43)[0]
        pieces = np.hstack((line[:-1], line[1:]))
        ends.append(pieces)
        weight += [CLASSES[kind]] * len(pieces)
        name += [street or ""] * len(pieces)
    corners = np.vstack(ends)
    return Streets(corners, _metres(corners), np.array(weight), tuple(name))


def _zone(number: int, people: float, blob: bytes) -> Zone:
    polygons = struct.unpack_from("<I", blob, 43)[0]
    at, rings = 47, []
    for _ in range(polygons):
        count = struct.unpack_from("<I", blob, at + 5)[0]
        at += 9
        for _ in range(count):
            ring, at = _points(blob, at)
            rings.append(ring)
    largest = max(rings, key=_area)
    lon, lat = largest.mean(axis=0)
    km = 111.2 * 111.2 * np.cos(np.radians(lat))
    return Zone(number, people, tuple(rings), float(lat), float(lon), float(_area(largest) * km))


def _points(blob: bytes, at: int) -> tuple[Floats, int]:
    """A counted list of points at a byte, and the byte after it."""
    count = struct.unpack_from("<I", blob, at)[0]
    values = np.frombuffer(blob, "<f8", 2 * count, at + 4).reshape(count, 2)
    return values, at + 4 + 16 * count


def _area(ring: Floats) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2)


def _crossings(ring: Floats, lon: float, lat: float) -> int:
    x0, y0, x1, y1 = ring[:-1, 0], ring[:-1, 1], ring[1:, 0], ring[1:, 1]
    spans = (y0 > lat) != (y1 > lat)
    across = x0[spans] + (lat - y0[spans]) * (x1[spans] - x0[spans]) / (y1[spans] - y0[spans])
    return int(np.sum(across > lon))


def _metres(ends: Floats) -> Floats:
    east = (ends[:, 2] - ends[:, 0]) * 111_200.0 * np.cos(np.radians(ends[:, 1]))
    metres: Floats = np.hypot(east, (ends[:, 3] - ends[:, 1]) * 111_200.0)
    return metres
