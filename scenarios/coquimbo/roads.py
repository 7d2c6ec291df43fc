"""Derives the shipped road file `roads.npz` from the road database inside the package aequilibrae (see ROADS-LICENSE.txt).

    pip install aequilibrae --no-deps && python scenarios/coquimbo/roads.py
    python scenarios/coquimbo/roads.py --database project_database.sqlite

Kept: every drivable link with its direction, length and shape (corners within 4 m). Speed: the link's own posted speed, else
the mean of its class's posted speeds weighted by length. Traffic, signals and turns are not in the file: the travel room's
profile of speeds by class and hour adds them.
"""

from __future__ import annotations

import argparse
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path

import numpy as np

from fieldsim.travel import Streets, class_of, largest_part, network, write_roads

SOURCE = (
    "La Serena-Coquimbo, Chile. © OpenStreetMap contributors, available under the Open Database License (ODbL) 1.0, "
    "https://www.openstreetmap.org/copyright. Derived from the reference project 'coquimbo' of the package aequilibrae."
)
POSTED_KMH = range(5, 131)
"""Speeds outside of this are taken for typing errors."""


@contextmanager
def database(given: Path | None) -> Iterator[Path]:
    """The SQLite database: the one given, or the one inside the installed package."""
    if given:
        yield given
        return
    packed = files("aequilibrae") / "reference_files" / "coquimbo.zip"
    with tempfile.TemporaryDirectory() as scratch, packed.open("rb") as archive, zipfile.ZipFile(archive) as project:
        name = next(name for name in project.namelist() if name.endswith("project_database.sqlite"))
        yield Path(project.extract(name, scratch))


def line(blob: bytes) -> np.ndarray:
    """Longitude and latitude of the points of a SpatiaLite LINESTRING, plain or compressed, shape [points, 2].

    Layout (SpatiaLite, "BLOB-Geometry"): byte order at 1, type at 39, point count at 43, points from 47; in the compressed form
    all but the first and the last are float32 steps from their predecessor.
    """
    order = "<" if blob[1] else ">"
    kind, count = struct.unpack_from(f"{order}ii", blob, 39)
    if kind == 2:
        return np.frombuffer(blob, f"{order}f8", 2 * count, 47).reshape(count, 2)
    if kind != 1_000_002:
        raise ValueError(f"geometry of type {kind} is no line")
    first = np.frombuffer(blob, f"{order}f8", 2, 47)
    steps = np.frombuffer(blob, f"{order}f4", 2 * (count - 2), 63).reshape(count - 2, 2).astype(np.float64)
    last = np.frombuffer(blob, f"{order}f8", 2, 63 + 8 * (count - 2))
    return np.vstack([first, first + np.cumsum(steps, axis=0), last])


def read_ways(path: Path) -> Streets:
    """The drivable links of the database as streets between numbered ends."""
    query = (
        "select a_node, b_node, direction, distance, link_type, speed_ab, speed_ba, geometry from links "
        "where link_type != 'centroid_connector' and instr(modes, 'c') > 0 order by link_id"
    )
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute(query).fetchall()
    start, end, direction, metres, road_class, forth, back, blobs = (list(column) for column in zip(*rows, strict=True))
    lines = [line(blob) for blob in blobs]
    lon, lat = np.concatenate(lines).T
    return Streets(
        start=np.array(start, dtype=np.int64),
        end=np.array(end, dtype=np.int64),
        forth=np.array(direction) >= 0,
        back=np.array(direction) <= 0,
        forth_kmh=np.array([posted(speed) for speed in forth]),
        back_kmh=np.array([posted(speed) for speed in back]),
        metres=np.array(metres, dtype=np.float64),
        road_class=np.array([class_of(name) for name in road_class], dtype=np.uint8),
        point_start=np.concatenate([[0], np.cumsum([len(points) for points in lines])]),
        lat=lat,
        lon=lon,
    )


def posted(speed: float | None) -> float:
    """A posted speed in km/h, NaN where the link has none that can be true."""
    return float(speed) if speed is not None and POSTED_KMH.start <= speed < POSTED_KMH.stop else np.nan


def main() -> None:
    """Write the road file beside this script and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", type=Path, help="the SQLite file, where aequilibrae is not installed")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("roads.npz"))
    given = parser.parse_args()
    with database(given.database) as path:
        graph = largest_part(network(read_ways(path), SOURCE))
    write_roads(graph, given.out)
    size = given.out.stat().st_size / 1000
    print(f"{graph.nodes} junctions, {graph.arcs} arcs, {graph.dropped_share:.1%} of the junctions dropped, {size:.0f} kB")


if __name__ == "__main__":
    main()
