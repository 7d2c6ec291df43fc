"""The compact file that holds a road network."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fieldsim.errors import DataError, TravelDataError
from fieldsim.store import write_atomic
from fieldsim.travel.graph import ROAD_CLASSES, RoadGraph

_VERSION = 2
_DEGREE = 1e6
"""Corners and nodes are kept to a millionth of a degree, about 0.1 m."""
_BROKEN = (OSError, ValueError, EOFError, KeyError, IndexError, TypeError, zipfile.BadZipFile, zlib.error, struct.error)


def write_roads(graph: RoadGraph, path: Path) -> None:
    """Write the compact road file: rounded to 0.1 m, differences instead of values, compressed; same graph, same bytes."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **_packed(graph))  # type: ignore[arg-type]
    write_atomic(path, buffer.getvalue())


def _packed(graph: RoadGraph) -> dict[str, npt.NDArray[np.generic]]:
    about = {"version": _VERSION, "source": graph.source, "dropped_share": graph.dropped_share, "classes": ROAD_CLASSES}
    return {
        "about": np.frombuffer(json.dumps(about, sort_keys=True).encode(), dtype=np.uint8),
        "lat": _steps(graph.lat * _DEGREE),
        "lon": _steps(graph.lon * _DEGREE),
        "tail": _steps(graph.tail),
        "head": _steps(graph.head - graph.tail),
        "free_ms": graph.free_ms.astype(np.int32),
        "length_dm": graph.length_dm.astype(np.int32),
        "road_class": graph.road_class,
        "shape": _steps(graph.shape),
        "backward": np.packbits(graph.backward),
        "corners": _small(np.diff(graph.corner_start)),
        "corner_lat": _steps(graph.corner_lat * _DEGREE),
        "corner_lon": _steps(graph.corner_lon * _DEGREE),
        "cut_lat": _steps(graph.cut_lat * _DEGREE),
        "cut_lon": _steps(graph.cut_lon * _DEGREE),
    }


def _steps(values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Whole numbers as differences from their predecessor."""
    return _small(np.diff(np.rint(values).astype(np.int64), prepend=0))


def _small(values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    fits = len(values) == 0 or int(np.abs(values).max()) < 2**15
    return values.astype(np.int16 if fits else np.int32)


def read_roads(path: Path) -> RoadGraph:
    """Read a compact road file.

    Raises TravelDataError where there is no such file, DataError where it is no road file or damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as packed:
            return _unpacked({name: packed[name] for name in packed.files})
    except FileNotFoundError as error:
        raise TravelDataError(
            f"no road file '{path}'", file=path.name, hint="make one with 'fieldsim roads import' or 'roads fetch'"
        ) from error
    except _BROKEN as error:
        hint = "make it again with 'fieldsim roads import'"
        raise DataError("this is no road file of fieldsim, or it is damaged", file=str(path), hint=hint) from error


def _unpacked(packed: Mapping[str, npt.NDArray[np.generic]]) -> RoadGraph:
    about = json.loads(packed["about"].tobytes())
    if about["version"] != _VERSION or tuple(about["classes"]) != ROAD_CLASSES:
        raise ValueError("another version of the road file")
    steps = ("lat", "lon", "tail", "shape", "corner_lat", "corner_lon", "cut_lat", "cut_lon")
    whole = {name: np.cumsum(packed[name], dtype=np.int64) for name in steps}
    arcs = len(whole["tail"])
    return RoadGraph(
        lat=whole["lat"] / _DEGREE,
        lon=whole["lon"] / _DEGREE,
        tail=whole["tail"].astype(np.int32),
        head=(np.cumsum(packed["head"], dtype=np.int64) + whole["tail"]).astype(np.int32),
        free_ms=packed["free_ms"].astype(np.int64),
        length_dm=packed["length_dm"].astype(np.int64),
        road_class=packed["road_class"].astype(np.uint8),
        shape=whole["shape"].astype(np.int32),
        backward=np.unpackbits(packed["backward"].astype(np.uint8), count=arcs).astype(np.bool_),
        corner_start=np.concatenate([[0], np.cumsum(packed["corners"], dtype=np.int64)]).astype(np.int32),
        corner_lat=whole["corner_lat"] / _DEGREE,
        corner_lon=whole["corner_lon"] / _DEGREE,
        source=about["source"],
        dropped_share=about["dropped_share"],
        cut_lat=whole["cut_lat"] / _DEGREE,
        cut_lon=whole["cut_lon"] / _DEGREE,
    )
