"""The same opening for every design: goodwill, last visits, tenure and open pipeline under the design in force (kernel).

Candidates of the last `warm` days before the start run through their stages as worked by today's owners; those still open on
day 0 are the pipeline. Where the user gives the open pipeline, it replaces the drawn one.
"""

from __future__ import annotations

import math

import numpy as np

from fieldsim.luck import uniform
from fieldsim.simulation.accounts import advance, look_ahead
from fieldsim.simulation.compiled import inner, kernel
from fieldsim.simulation.deals import close_all, open_opportunity, reschedule, start_stage
from fieldsim.simulation.draws import exponential, lognormal
from fieldsim.simulation.market import STAGES
from fieldsim.simulation.nouns import OPENED, World
from fieldsim.simulation.records import row

TENURE_DAYS = 1095.0
"""Tenures on day 0 lie evenly between nothing and three years."""
GIVEN = np.int64(15)
"""Layer number of an opportunity that the user's file gives."""


@kernel
def open_book(w: World) -> None:
    """Fill the state of every account as of day 0 and write its open opportunities."""
    for i in range(len(w.state)):
        a, x, key = w.book[i], w.state[i], w.book[i].key
        x.owner, x.running, x.alive = a.owner_today, a.running, True
        x.rate = a.rate * lognormal(w.luck.mix, key, 0, 0, w.market.mix_sigma)
        x.account_size = lognormal(w.luck.account_size, key, 0, 0, w.market.size_sigma)
        since = uniform(w.luck.phase, key, 0) * a.gap_today if a.gap_today < np.inf else 36500.0
        x.touched, x.visited, x.goodwill = -since, -since, a.goodwill
        x.tenure = -TENURE_DAYS * uniform(w.luck.tenure, key, 0)
        x.hazard_left = exponential(w.luck.churn, key, 0)
        x.risk_at, x.first = np.inf, -1
        for layer in range(w.market.layers):  # before day 0 the response is 1, so that layers above the season stay empty
            start = -w.market.warm if layer < w.market.warm_layers else 0.0
            w.candidate[i, layer].time = start + exponential(w.luck.candidate, key, 0, layer) / x.rate
        w.due[i] = -np.inf
        advance(w, i, 0.0)
        if not math.isnan(a.pipeline):
            close_all(w, i, -1.0)
            give(w, i)
        reschedule(w, i, 0.0, x.visited, x.owner)
        look_ahead(w, i)
        o = x.first
        while o >= 0:
            row(w, OPENED, w.pool[o].opened, i, w.pool[o].size, x.owner, 0.0, 0.0, w.pool[o].number)
            o = w.pool[o].chained


@inner
def give(w: World, i: int) -> None:
    """The user's open pipeline of account i as one opportunity in a stage drawn evenly."""
    a, x = w.book[i], w.state[i]
    if a.pipeline > 0.0:
        stage = int(uniform(w.luck.phase, a.key, 1) * STAGES)
        opened = -(stage + 0.5) * w.market.stage_days
        open_opportunity(w, i, opened, GIVEN, a.pipeline)
        start_stage(w, i, x.first, stage, -0.5 * w.market.stage_days)
