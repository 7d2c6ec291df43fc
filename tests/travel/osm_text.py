"""Writes small OSM files by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path


def write_osm(
    path: Path, nodes: Mapping[int, tuple[float, float]], ways: Sequence[tuple[Sequence[int], Mapping[str, str]]]
) -> Path:
    """An .osm file of nodes (lat, lon) and ways (points, tags)."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="by hand">']
    lines += [f'<node id="{ref}" version="1" visible="true" lat="{lat}" lon="{lon}"/>' for ref, (lat, lon) in nodes.items()]
    for k, (points, tags) in enumerate(ways):
        lines.append(f'<way id="{k + 1}" version="1" visible="true">')
        lines += [f'<nd ref="{ref}"/>' for ref in points]
        lines += [f'<tag k="{key}" v="{value}"/>' for key, value in tags.items()]
        lines.append("</way>")
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def row(count: int, lat: float = 47.0, lon: float = 9.5, first: int = 1) -> dict[int, tuple[float, float]]:
    """Points in a row to the east, 0.001 degrees apart."""
    return {first + k: (lat, round(lon + 0.001 * k, 6)) for k in range(count)}
