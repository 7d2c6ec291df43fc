"""The synthetic market of the scenario: who the accounts are, where they stand and what they are worth.

Every figure here was chosen for plausibility before any design was compared, and none was changed afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from places import Floats, Ints, Streets, Zone

from fieldsim.luck import keys_of, normals, stream, uniforms

ACCOUNTS = 900
TIER_SHARE = {"A": 0.16, "B": 0.32, "C": 0.52}
"""Shares of the book, largest potential first."""


@dataclass(frozen=True)
class Trade:
    """An industry: how common it is in town and in the country, median potential (USD a year), hours and names."""

    town: float
    country: float
    potential: float
    segment: str
    opens: tuple[tuple[float, str], ...]
    words: tuple[str, ...]


TRADES = {
    "retail": Trade(
        0.27,
        0.15,
        4_000,
        "consumer",
        ((0.55, "Mo-Sa 10:00-20:00"), (1.0, "Mo-Fr 10:00-13:30,15:30-19:30; Sa 10:00-14:00")),
        ("Comercial", "Almacén", "Bazar"),
    ),
    "restaurant": Trade(
        0.20,
        0.10,
        3_000,
        "consumer",
        ((0.75, "Mo-Sa 10:00-12:30,15:30-19:00"), (1.0, "Tu-Sa 10:00-12:30,15:30-19:00")),
        ("Restaurante", "Cafetería", "Fuente"),
    ),
    "pharmacy": Trade(0.10, 0.05, 5_000, "consumer", ((1.0, "Mo-Sa 09:00-21:00"),), ("Farmacia",)),
    "construction": Trade(
        0.15,
        0.20,
        7_000,
        "business",
        ((0.7, "Mo-Fr 08:00-13:00,14:30-18:00"), (1.0, "Mo-Fr 08:00-13:00")),
        ("Ferretería", "Constructora", "Maestranza"),
    ),
    "health": Trade(
        0.13,
        0.05,
        7_000,
        "institution",
        ((0.4, "Mo-Fr 08:30-12:30"), (1.0, "Mo-Th 08:30-13:00,14:30-17:00; Fr 08:30-13:00")),
        ("Clínica", "Laboratorio", "Centro médico"),
    ),
    "agriculture": Trade(
        0.05,
        0.35,
        6_000,
        "business",
        ((0.6, "Mo-Fr 07:30-12:30"), (1.0, "Mo-Fr 08:00-17:00")),
        ("Agrícola", "Viveros", "Packing"),
    ),
    "mining supplier": Trade(
        0.10, 0.10, 12_000, "business", ((0.8, "Mo-Fr 08:30-17:30"), (1.0, "")), ("Servicios", "Insumos", "Equipos")
    ),
}
PRODUCTS = ("cleaning", "packaging", "safety")
SYLLABLES = (
    ("Al", "Bre", "Cau", "Da", "Ful", "Gue", "Lin", "Mo", "Nal", "Pe", "Quel", "Ta"),
    ("da", "me", "ri", "lo", "tu", "va"),
)
ENDINGS = ("mar", "quén", "dal", "rel", "nco", "vira", "sol", "lén")


@dataclass(frozen=True, eq=False)
class Places:
    """Doors beside a street: coordinates, zone position, address text."""

    lat: Floats
    lon: Floats
    zone: Ints
    address: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Market:
    """The columns of accounts.csv that no design decides."""

    ids: tuple[str, ...]
    columns: dict[str, list[object]]
    potential: Floats
    tier: tuple[str, ...]
    places: Places


def place(seed: int, purpose: str, ids: tuple[str, ...], zones: list[Zone], streets: Streets) -> Places:
    """A door for each id: a zone by its people, a street piece in it by metres and class, 10 to 30 m off the middle.

    Zones without a street in the road data hold nobody.
    """
    luck = uniforms(stream(seed, 0, purpose), keys_of(ids), 2 + 4 * 8)
    pieces = _pieces_by_zone(zones, streets)
    people = np.cumsum([zone.people if len(inside) else 0.0 for zone, inside in zip(zones, pieces, strict=True)])
    chosen = np.searchsorted(people, luck[:, 0] * people[-1])
    doors = [_door(luck[i], zones[z], pieces[z], streets) for i, z in enumerate(chosen.tolist())]
    number = (luck[:, 1] * 1900).astype(int) + 50
    address = tuple(f"{streets.name[d[2]]} {number[i]}" if streets.name[d[2]] else "" for i, d in enumerate(doors))
    return Places(np.array([d[1] for d in doors]), np.array([d[0] for d in doors]), chosen.astype(np.int64), address)


def _pieces_by_zone(zones: list[Zone], streets: Streets) -> list[Ints]:
    """Positions of the street pieces whose middle lies in each zone."""
    lon, lat = (streets.ends[:, 0] + streets.ends[:, 2]) / 2, (streets.ends[:, 1] + streets.ends[:, 3]) / 2
    found = []
    for zone in zones:
        corners = np.vstack(zone.rings)
        (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
        near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        found.append(np.array([p for p in near.tolist() if zone.holds(float(lon[p]), float(lat[p]))], dtype=np.int64))
    return found


def _door(luck: Floats, zone: Zone, pieces: Ints, streets: Streets) -> tuple[float, float, int]:
    """Longitude, latitude and street piece; up to eight tries to stay inside the zone, then the last."""
    weight = np.cumsum(streets.metres[pieces] * streets.weight[pieces])
    for attempt in range(8):
        u = luck[2 + 4 * attempt : 6 + 4 * attempt]
        piece = int(pieces[np.searchsorted(weight, u[0] * weight[-1])])
        x0, y0, x1, y1 = streets.ends[piece]
        squeeze = np.cos(np.radians(y0))
        length = max(np.hypot((x1 - x0) * squeeze, y1 - y0), 1e-9)
        off = (10 + 20 * u[2]) / 111_200.0 * (1 if u[3] < 0.5 else -1)
        lon = x0 + u[1] * (x1 - x0) - off * (y1 - y0) / length / squeeze
        lat = y0 + u[1] * (y1 - y0) + off * (x1 - x0) * squeeze / length
        if zone.holds(lon, lat):
            break
    return round(float(lon), 6), round(float(lat), 6), piece


def make_market(seed: int, zones: list[Zone], streets: Streets) -> Market:
    """The accounts as people would find them, before anybody owns them."""
    ids = tuple(f"A{i + 1:04d}" for i in range(ACCOUNTS))
    keys = keys_of(ids)
    places = place(seed, "account place", ids, zones, streets)
    u = uniforms(stream(seed, 0, "account traits"), keys, 12)
    z = normals(stream(seed, 0, "account figures"), keys, 4)
    trade = _trades(u[:, 0], zones, places)
    parent, name = _families(u, trade)
    median = np.array([TRADES[t].potential for t in trade]) * np.where(np.array(parent) != "", 1.4, 1.0)
    potential = np.maximum(np.round(median * np.exp(1.0 * z[:, 0]), -1), 300.0)
    tier = _tiers(potential)
    share = np.where(u[:, 6] < 0.12, 0.0, 1 / (1 + np.exp(-(0.15 + 0.8 * z[:, 1]))))
    pipeline = np.where(u[:, 7] < 0.2, potential * (1 - share) * 0.4 * np.exp(0.5 * z[:, 2] - 0.125), 0.0)
    remote = np.where((u[:, 8] < 0.12) & (np.array(tier) != "A"), 0.33, 0.0)
    columns: dict[str, list[object]] = {
        "account": list(ids),
        "name": list(name),
        "parent": list(parent),
        "lat": places.lat.tolist(),
        "lon": places.lon.tolist(),
        "address": list(places.address),
        "postal_code": [f"Z{zones[k].number:03d}" for k in places.zone.tolist()],
        "city": ["La Serena" if lat > -29.945 else "Coquimbo" for lat in places.lat.tolist()],
        "country": ["CL"] * ACCOUNTS,
        "tier": list(tier),
        "segment": ["chain" if p else TRADES[t].segment for p, t in zip(parent, trade, strict=True)],
        "industry": list(trade),
        "size": _sizes(potential * np.exp(0.5 * z[:, 3])),
        "product": [PRODUCTS[int(3 * x)] for x in u[:, 9]],
        "potential": [int(p) for p in potential],
        "revenue_last_year": [int(round(r, -1)) for r in potential * share],
        "open_pipeline": [int(round(p, -1)) for p in pipeline],
        "opens": [next(text for edge, text in TRADES[t].opens if x < edge) for t, x in zip(trade, u[:, 10], strict=True)],
        "remote": [float(r) for r in remote],
    }
    return Market(ids, columns, potential, tier, places)


def _trades(u: Floats, zones: list[Zone], places: Places) -> tuple[str, ...]:
    """An industry each; below 1,000 people a square kilometre the country's mix holds."""
    names = tuple(TRADES)
    town, country = np.cumsum([TRADES[t].town for t in names]), np.cumsum([TRADES[t].country for t in names])
    dense = [zone.people / zone.square_km >= 1_000 for zone in zones]
    return tuple(
        names[int(np.searchsorted(town if dense[z] else country, x))] for x, z in zip(u, places.zone.tolist(), strict=True)
    )


def _families(u: Floats, trade: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Parents and names: about one shop in seven of the trades that have chains belongs to one."""
    chains = {"retail": 8, "pharmacy": 6, "construction": 4, "health": 3}
    parents, names = [], []
    for i, t in enumerate(trade):
        chained = t in chains and u[i, 1] < 0.22
        member = int(u[i, 2] * chains[t]) if chained else -1
        luck = _invented(
            *((np.array([member + 1, list(TRADES).index(t) + 2, 3 * member + 5]) * 0.6180339887) % 1) if chained else u[i, 3:6]
        )
        words = TRADES[t].words
        full = f"{words[member % len(words)] if chained else words[int(u[i, 11] * len(words))]} {luck}"
        parents.append(f"{full} (group)" if chained else "")
        names.append(f"{full} {i + 1}" if chained else full)
    return tuple(parents), tuple(names)


def _invented(a: float, b: float, c: float) -> str:
    """A word that is no company's name: syllables put together by luck."""
    first, middle = SYLLABLES
    return first[int(a * len(first))] + middle[int(b * len(middle))] + ENDINGS[int(c * len(ENDINGS))]


def _tiers(potential: Floats) -> tuple[str, ...]:
    """Tiers by rank of potential; the earlier account first where potentials are equal."""
    rank = np.empty(len(potential), dtype=np.int64)
    rank[np.argsort(-potential, kind="stable")] = np.arange(len(potential))
    edges = np.cumsum(list(TIER_SHARE.values())) * len(potential)
    return tuple(tuple(TIER_SHARE)[int(np.searchsorted(edges, r, side="right"))] for r in rank)


def _sizes(scale: Floats) -> list[object]:
    return [("small", "medium", "large", "enterprise")[int(np.searchsorted((4_000, 12_000, 40_000), s))] for s in scale]
