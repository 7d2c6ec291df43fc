"""What inserting a leaver's visits into colleagues' plans loses against planning everybody afresh."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from fieldsim import api
from fieldsim.experiment import handing, market
from fieldsim.experiment.checkpoint import NOBODY, Leaving
from fieldsim.experiment.compare import last_day_of
from fieldsim.experiment.samples import Measured
from fieldsim.experiment.statistics import estimate
from fieldsim.planning import plan_quarter
from fieldsim.store import Store
from fieldsim.turnover import hand_over

SCENARIO = Path(__file__).parents[1] / "scenarios" / "coquimbo"
KPIS = {"coverage": (100.0, "pts"), "travel_hours": (1.0, "h"), "revenue": (1e-3, "k"), "contribution": (1e-3, "k")}


def afresh(reps: tuple[str, ...] = ("R02", "R05"), policy: str = "balanced", replications: int = 20) -> None:
    """One rep leaves before the first day and nobody comes: the same hand-over inserted, and planned from scratch; same luck."""
    scenario = api.read_scenario(SCENARIO)
    design = api.read_design(scenario, "today")
    print(f"{scenario.name}: a rep leaves on day one, accounts go by {policy}; insertion into the plans against planning afresh")
    with tempfile.TemporaryDirectory() as folder:
        travel = api.open_travel(scenario, store=Store(Path(folder)))
        plan = plan_quarter(scenario, design, travel, workers=None)
        named = handing.named_policies([policy])
        (given,) = handing.handings_of(scenario, design, travel, named, leaving=[], seed=0)
        inserted = market.set_stage(scenario, design, [plan], travel, handover=False, current=design, handing=given)
        for rep in reps:
            after = hand_over(scenario, travel, design, rep, policy)
            planned = [plan_quarter(scenario, after, travel, workers=None)]
            anew = market.set_stage(scenario, after, planned, travel, handover=True, current=design)
            gone = Leaving(given=(([each.id for each in scenario.reps].index(rep), 0.0),), vacancy_weeks=52.0)
            days = (last_day_of(scenario, 1),)
            both = [
                market.replicate(scenario, made, 0, 0, replications, days, leaving)
                for made, leaving in ((inserted, gone), (anew, NOBODY))
            ]
            print(f"  {rep}: inserted minus afresh  " + "   ".join(_said(name, both) for name in KPIS))


def _said(name: str, both: list[list[list[Measured]]]) -> str:
    """The difference in one KPI with its 95 % interval."""
    scale, unit = KPIS[name]
    first, second = (np.array([each[0][0][name] for each in rows]) for rows in both)
    found = estimate(scale * (first - second))
    lo, hi = found.interval() if found else (np.nan, np.nan)
    return f"{name} {found.mean if found else np.nan:+.2f} {unit} ({lo:+.2f} to {hi:+.2f}) of {scale * second.mean():,.1f}"
