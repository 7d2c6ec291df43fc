"""The same opening for every design: goodwill, last visits, tenure and open pipeline under the design in force (kernels).

Opportunities of the last `warm` days before the start run through their stages as worked by today's owners (see warming); those
still open on day 0 are the pipeline. Where the user gives the open pipeline or a history of visits, they replace what is drawn.
"""

from __future__ import annotations

import math

import numpy as np

from fieldsim.compiled import inner, kernel
from fieldsim.model import Floats, Ints
from fieldsim.simulation.accounts import after, first_real, look_ahead, soonest_candidate
from fieldsim.simulation.deals import open_opportunity, reschedule, start_stage
from fieldsim.simulation.desk import book_row, luck_row, market_row, pool_row, reps_row, state_row
from fieldsim.simulation.draws import pair
from fieldsim.simulation.goodwill import season_at
from fieldsim.simulation.market import STAGES
from fieldsim.simulation.memory import floats, ints
from fieldsim.simulation.nouns import NONE, OPENED, OVERFLOW, Keys, Record, Records
from fieldsim.simulation.records import row

MIX, SIZE, SINCE, TENURE, HAZARD, STAGE, ATTACK, BITE, CANDIDATES = range(9)
TENURE_DAYS = 1095.0
"""Tenures on day 0 lie evenly between nothing and three years."""
GIVEN = np.int64(15)
"""Layer number of an opportunity that the user's file gives."""


@kernel
def open_accounts(desk: Records, began: Floats, who: Ints, numbers: Ints, entities: Keys) -> int:
    """Fill the state of every account as of day 0, without a pipeline, and list the opportunities that opened before.

    Of each: when, whose, its number and the account's key. Returns how many; a full list raises the overflow flag.
    """
    w = desk[0]
    m, chances, n, many = market_row(w.market, 0), floats(w.chances), w.n_accounts, 0
    for i in range(n):
        a, x = book_row(w.book, i), state_row(w.state, i)
        x.owner, x.running, x.alive, x.first, x.touched, x.unbilled = a.owner_today, a.running, 1, -1, 0.0, 0.0
        x.transfers, x.owed, x.owed_from, x.owed_at, x.attempts, x.attacks, x.joint = 0, 0, 0, 0, 0, 0, 0
        x.risk_share, x.risk_since, x.ratio, x.days = 0.0, 0.0, 1.0, 0.0
        if x.owner >= 0 and reps_row(w.reps, x.owner).left:
            x.owner = NONE
        x.rate, x.account_size = a.rate * chances[MIX * n + i], chances[SIZE * n + i]
        x.visited = -chances[SINCE * n + i] * a.gap_today if a.gap_today < np.inf else -36500.0
        x.tenure, x.goodwill = -TENURE_DAYS * chances[TENURE * n + i], a.goodwill
        if not math.isnan(a.tenure):
            x.tenure = a.tenure
        if not math.isnan(a.visited):
            x.visited, x.goodwill = a.visited, a.goodwill_then
        x.goodwill *= math.exp(x.visited / m.tau)
        x.hazard_left = chances[HAZARD * n + i]
        x.risk_at, x.died, x.pressed_until = np.inf, np.inf, -np.inf
        x.attack_at, x.bite = chances[ATTACK * n + i] / m.attack_rate - m.warm, chances[BITE * n + i]
        opens = math.isnan(a.pipeline) and m.deal_share * (a.potential - x.running) * x.account_size > 0.0
        for layer in range(math.ceil(a.most)):  # before day 0 the response is 1: layers above the season stay empty
            drawn, number = (CANDIDATES + 2 * layer) * n + i, 0
            t, mark = chances[drawn] / x.rate, chances[drawn + n]
            if layer < m.warm_layers:
                t -= m.warm
                while t <= 0.0:
                    if opens and mark < season_at(w, t)[0] - layer:
                        if many == len(who):
                            ints(w.used)[OVERFLOW] = 1
                            return 0
                        began[many], who[many], numbers[many], entities[many] = t, i, number * 16 + layer, a.key
                        many += 1
                    number += 1
                    wait, mark = pair(luck_row(w.luck, 0).candidate, a.key, number, layer)
                    t = after(w, x, t, wait)
            first_real(w, i, layer, t, number, mark)
        soonest_candidate(w, i)
    return many


@kernel
def open_pipeline(desk: Records) -> None:
    """What is open at each account goes on from day 0 with today's last visit and owner; write it."""
    w = desk[0]
    for i in range(w.n_accounts):
        x = state_row(w.state, i)
        if not math.isnan(book_row(w.book, i).pipeline):
            give(w, i)
        if x.first >= 0:
            reschedule(w, i, 0.0, x.visited, x.owner)
        look_ahead(w, i)
        o = x.first
        while o >= 0:
            p = pool_row(w.pool, o)
            row(w, OPENED, p.opened, i, p.size, x.owner, 0.0, 0.0, p.code // STAGES)
            o = p.chained


@inner
def give(w: Record, i: int) -> None:
    """The user's open pipeline of account i as one opportunity, in the stage the user gives or else in one drawn evenly."""
    a, x = book_row(w.book, i), state_row(w.state, i)
    if a.pipeline > 0.0:
        stage = a.stage if a.stage >= 0 else int(floats(w.chances)[STAGE * w.n_accounts + i] * STAGES)
        opened = -(stage + 0.5) * market_row(w.market, 0).stage_days
        open_opportunity(w, i, opened, GIVEN, a.pipeline)
        start_stage(w, i, x.first, stage, -0.5 * market_row(w.market, 0).stage_days)
        p = pool_row(w.pool, x.first)
        p.end = max(0.0, p.end)  # it is open on day 0: nothing of it is settled before
