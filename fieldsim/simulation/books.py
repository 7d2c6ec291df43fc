"""The accounts as the kernels see them: response curves, rates, owners on both sides of day one, overlays."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from fieldsim.luck import keys_of
from fieldsim.model import PIPELINE_STAGES, Bools, Design, Floats, Ints, Scenario
from fieldsim.simulation.calendar import MONTHS
from fieldsim.simulation.history import opening_of, pipeline_of
from fieldsim.simulation.nouns import BOOK, OVERLAY, Records, lines
from fieldsim.simulation.response import QUARTER_DAYS, Response, fit, goodwill_after, mean_goodwill, mean_response


def book_of(
    scenario: Scenario, design: Design, current: Design, p: Mapping[str, float], takers: Ints, visits: Ints
) -> tuple[Records, Records]:
    """The accounts under a design, `current` naming the owners on the day before the start; `visits` are those planned in all."""
    accounts, places = scenario.accounts, {name: code for code, name in enumerate(area_names(scenario))}
    due, remote = accounts.visits.astype(np.float64), accounts.remote
    with np.errstate(divide="ignore", over="ignore"):
        gap = np.where(due > 0, QUARTER_DAYS / due, np.inf)
    today = gap / p["incumbent_coverage"]
    lift = p["goodwill_lift"] * (1.0 - remote * (1.0 - p["remote_lift"]))
    floor, half, steepness, scale, goodwill, mean = _curves(scenario, today, lift, p)
    pipeline = np.where(accounts.open_pipeline > 0.0, accounts.open_pipeline, 0.0)
    pipeline = pipeline if pipeline.any() else pipeline_of(scenario)
    hazard = p["annual_churn"] / 365.0 / (1.0 + p["churn_neglect"] * (1.0 - mean))
    with np.errstate(divide="ignore", over="ignore"):
        safe = 1.0 / (hazard * (1.0 + p["churn_neglect"]))
    book = lines(len(accounts) + 1, BOOK)
    rows = book[:-1]
    columns = {
        "key": keys_of(accounts.ids),
        "area": [places[area_of(lat, lon)] for lat, lon in zip(accounts.lat, accounts.lon, strict=True)],
        "potential": accounts.potential,
        "running": _running(scenario),
        "gap": gap,
        "gap_today": today,
        "goodwill": goodwill,
        "floor": floor,
        "half": half,
        "steepness": steepness,
        "scale": scale,
        "rate": p["opportunities_per_quarter"] / QUARTER_DAYS,
        "hazard": hazard,
        "safe": safe,
        "pipeline": pipeline if pipeline.any() else np.nan,
        "service_s": 60.0 * accounts.visit_minutes,
        "hours": _hours(scenario),
        "owner_today": current.owner,
        "owner": design.owner,
        "taker": np.where(takers < 0, -1, design.rep_of[takers]),
        "territory": design.territory_of,
        "taken_by": takers,
        "local": _local(design.territory_of, len(design.territories)),
        "local_taken": _taken_places(design, takers),
        **opening_of(scenario, current, gap, goodwill, lift, p),
        "trades": _trades(scenario),
        "stage": _stages(scenario),
    }
    for name, column in columns.items():
        rows[name] = column
    rows["most"] = _most(rows, visits, p)
    book["overlay_from"], overlay = _overlays(design, len(accounts))
    return book, overlay


def _most(book: Records, visits: Ints, p: Mapping[str, float]) -> Floats:
    """The most times its usual rate that an account can ask for: in the best season, with every visit held as well as can be.

    Between visits goodwill only falls; no planned visit is held twice.
    """
    lift = min(1.0, p["goodwill_lift"] * max(1.0, p["remote_lift"]) * max(1.0, p["joint_lift"]) * max(1.0, p["fit_lift"]))
    start = np.fmax(book["goodwill"], book["goodwill_then"])
    raised = (1.0 - (1.0 - start) * (1.0 - lift) ** visits) ** book["steepness"]
    response = book["scale"] * (book["floor"] + (1.0 - book["floor"]) * raised / (book["half"] + raised))
    most: Floats = max(p[f"season_{month}"] for month in MONTHS) * np.maximum(1.0, response * (1.0 + 1e-9))
    return most


def area_names(scenario: Scenario) -> list[str]:
    """The squares that accounts and reps' homes lie in, sorted."""
    accounts = scenario.accounts
    found = {area_of(lat, lon) for lat, lon in zip(accounts.lat, accounts.lon, strict=True)}
    return sorted(found | {area_of(rep.lat, rep.lon) for rep in scenario.reps})


def area_keys(scenario: Scenario) -> npt.NDArray[np.uint64]:
    """Keys of the areas, in order of name."""
    return keys_of(area_names(scenario))


def area_of(lat: float, lon: float) -> str:
    """The square of a tenth of a degree that a place lies in."""
    return f"area {math.floor(lat * 10.0)} {math.floor(lon * 10.0)}"


def trade_names(scenario: Scenario) -> list[str]:
    """Industries, segments and products that occur, sorted, "" among them."""
    accounts = scenario.accounts
    return sorted({"", *accounts.industry, *accounts.segment, *accounts.product})


def knowledge(scenario: Scenario) -> Bools:
    """Which trades each rep knows, shape [reps, trades]; a rep without listed skills knows them all."""
    names = trade_names(scenario)
    return np.array([[not rep.skills or name in rep.skills for name in names] for rep in scenario.reps], dtype=np.bool_)


def _trades(scenario: Scenario) -> Ints:
    """Each account's industry, segment and product as codes of 16 bits in one number."""
    place = {name: code for code, name in enumerate(trade_names(scenario))}
    accounts = scenario.accounts
    columns = (accounts.industry, accounts.segment, accounts.product)
    codes = [np.array([place[name] for name in column], dtype=np.int64) for column in columns]
    return codes[0] | codes[1] << 16 | codes[2] << 32


def _stages(scenario: Scenario) -> Ints:
    """Position of each account's stage in PIPELINE_STAGES, -1 where the file says none."""
    place = {"": -1, **{name: code for code, name in enumerate(PIPELINE_STAGES)}}
    named = scenario.accounts.pipeline_stage or ("",) * len(scenario.accounts)
    return np.array([place[name] for name in named], dtype=np.int64)


def _hours(scenario: Scenario) -> Ints:
    place = {text: row for row, text in enumerate(sorted(set(scenario.accounts.opens)))}
    return np.array([place[text] for text in scenario.accounts.opens], dtype=np.int64)


def _running(scenario: Scenario) -> Floats:
    """Orders a year on day one: last year's revenue, else the tier's share of potential; never above the potential."""
    accounts = scenario.accounts
    share = np.array([scenario.tiers[tier].revenue_share for tier in accounts.tier])
    running = np.where(np.isnan(accounts.revenue_last_year), share * accounts.potential, accounts.revenue_last_year)
    orders: Floats = np.maximum(running, 0.0)
    return orders


def _curves(scenario: Scenario, today: Floats, lift: Floats, p: Mapping[str, float]) -> tuple[Floats, ...]:
    """floor, half, steepness, scale, goodwill after a visit, mean goodwill: columns over accounts, computed once a kind."""
    tiers = tier_curves(scenario, p)
    kinds: dict[tuple[str, float, float], tuple[float, ...]] = {}
    rows = []
    for kind in zip(scenario.accounts.tier, today.tolist(), lift.tolist(), strict=True):
        if kind not in kinds:
            kinds[kind] = _row(tiers[kind[0]], kind[1], kind[2], p["goodwill_half_life_days"])
        rows.append(kinds[kind])
    return tuple(np.ascontiguousarray(column) for column in np.array(rows, dtype=np.float64).reshape(-1, 6).T)


def tier_curves(scenario: Scenario, p: Mapping[str, float]) -> dict[str, Response]:
    """How orders of each tier that is in the book answer to calls; DataError where its elasticity is out of reach."""
    return {name: _tier_curve(name, scenario.tiers[name].visits, p) for name in sorted(set(scenario.accounts.tier))}


def _tier_curve(name: str, visits: int, p: Mapping[str, float]) -> Response:
    gap = QUARTER_DAYS / visits / p["incumbent_coverage"] if visits > 0 else math.inf
    half_life = p["goodwill_half_life_days"]
    return fit(name, gap, p["goodwill_lift"], half_life, p["response_steepness"], p["calls_elasticity"])


def _row(curve: Response, gap: float, lift: float, half_life: float) -> tuple[float, ...]:
    after = 0.0 if math.isinf(gap) else goodwill_after(gap, lift, half_life)
    scale = 1.0 / mean_response(curve, gap, lift, half_life)
    return curve.floor, curve.half, curve.steepness, scale, after, mean_goodwill(gap, lift, half_life)


def _local(territory_of: Ints, territories: int) -> Ints:
    """Each account's place among those of its territory, in order of position; accounts of no territory (-1) get 0."""
    local = np.zeros(len(territory_of), dtype=np.int64)
    for territory in range(territories):
        book = np.flatnonzero(territory_of == territory)
        local[book] = np.arange(len(book))
    return local


def _taken_places(design: Design, takers: Ints) -> Ints:
    """Each account's place in the territory that may take it over: after that one's own."""
    own = np.bincount(design.territory_of, minlength=len(design.territories))
    return np.where(takers < 0, 0, _local(takers, len(design.territories)) + own[np.maximum(takers, 0)])


def _overlays(design: Design, accounts: int) -> tuple[Ints, Records]:
    """Where each account's overlays begin, shape [accounts + 1], and the overlays in order of account and rep."""
    rows = sorted(design.overlays, key=lambda overlay: (overlay.account, overlay.rep))
    counts = np.bincount(np.array([row.account for row in rows], dtype=np.int64), minlength=accounts)
    overlay = np.zeros(len(rows), dtype=OVERLAY)
    for k, row in enumerate(rows):
        overlay[k] = (row.revenue_share, row.quota_credit, row.rep)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), overlay
