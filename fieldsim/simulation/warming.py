"""Opportunities before day 0, all of them through one stage after another: those that stay open are the pipeline (kernels).

Until then accounts only wait for day 0, so that opportunities have nothing to do with each other; only those that stay have a
size.
"""

from __future__ import annotations

import math

import numpy as np

from fieldsim.compiled import inner, kernel
from fieldsim.model import Floats, Ints
from fieldsim.simulation.deals import overdue_at
from fieldsim.simulation.desk import book_row, market_row, pool_row, state_row
from fieldsim.simulation.draws import pairs, spreads
from fieldsim.simulation.market import STAGES
from fieldsim.simulation.memory import borrow, give_back, ints
from fieldsim.simulation.nouns import OVERFLOW, POOL_ROWS, Keys, Record, Records, World
from fieldsim.simulation.opening import MIX, open_accounts, open_pipeline
from fieldsim.simulation.people import odds_if, pressed_before
from fieldsim.simulation.stages import finish, pushing


def open_book(desk: Records, w: World, rows: int) -> None:
    """Fill the state of every account as of day 0 and write its open opportunities; `rows` scales the room to work in."""
    m, luck = w.market[0], w.luck[0]
    expected = float((w.book["rate"][:-1] * w.chances[MIX]).sum()) * m["warm"] * m["warm_layers"]
    room = rows * (int(expected + 8.0 * math.sqrt(expected)) + 64)
    times, names = (
        borrow("early times", 5 * room, np.float64).reshape(5, room),
        borrow("early names", 4 * room, np.int64).reshape(4, room),
    )
    began, opened, drawn, survival, length = times
    who, numbers, whose, kept = names
    keys = borrow("early keys", 2 * room, np.uint64).reshape(2, room)
    n = open_accounts(desk, began, who, numbers, keys[0])
    opened[:n] = began[:n]
    for stage in range(STAGES):
        pairs(luck["stage"], keys[0, :n], numbers[:n], stage, drawn[:n], survival[:n])
        spreads(drawn[:n], m["stage_sigma"], length[:n])
        n = end_stage(desk, stage, n, times, names, keys)
    n = int(w.used[POOL_ROWS])
    pairs(luck["size"], keys[1, :n], kept[:n], 0, drawn[:n], survival[:n])
    spreads(drawn[:n], m["deal_sigma"], length[:n])
    give_sizes(desk, length[:n], whose[:n])
    open_pipeline(desk)
    for name, memory in (("early times", times), ("early names", names), ("early keys", keys)):
        give_back(name, memory)


@inner
def join(w: Record, o: int, i: int, code: int, t: float, end: float, left: float, opened: float, survival: float) -> None:
    """Place o of the pool goes to an opportunity of account i."""
    p, x = pool_row(w.pool, o), state_row(w.state, i)
    p.code, p.clock, p.end, p.left, p.opened, p.survival = code, t, end, left, opened, survival
    p.chained, x.first = x.first, o


@kernel
def end_stage(desk: Records, stage: int, n: int, times: Floats, names: Ints, keys: Keys) -> int:
    """The first n opportunities go through a stage that begins at `times[0]`; returns how many go on, at the front then.

    Those open on day 0 join the pool, without a size yet. Rows of `times`: the stage's beginning, the opening, work and luck
    drawn, work as a share of the mean; of `names`: account and number, then the same of those in the pool; of `keys` likewise.
    """
    w = desk[0]
    m, going = market_row(w.market, 0), 0
    for k in range(n):
        i, t, left = names[0, k], times[0, k], market_row(w.market, 0).stage_days * times[4, k]
        end = finish(w, m, t, left, overdue_at(book_row(w.book, i), state_row(w.state, i), m))
        if end > 0.0:
            o = ints(w.used)[POOL_ROWS]
            if o == w.n_pool:
                ints(w.used)[OVERFLOW] = 1
                return 0
            ints(w.used)[POOL_ROWS] = o + 1
            join(w, o, i, STAGES * names[1, k] + stage, t, end, left, times[1, k], times[3, k])
            names[2, o], names[3, o], keys[1, o] = i, names[1, k], keys[0, k]
            continue
        late = stage == STAGES - 1 and pushing(w, m, end)
        wins = odds_if(w, i, end, pressed_before(w, i, end)) * (m.push_win if late else 1.0)
        if times[3, k] < wins and stage < STAGES - 1:
            times[0, going], times[1, going], names[0, going], names[1, going] = end, times[1, k], i, names[1, k]
            keys[0, going] = keys[0, k]
            going += 1
    return going


@kernel
def give_sizes(desk: Records, spread: Floats, whose: Ints) -> None:
    """Sizes of the opportunities in the pool, from the headroom of their accounts."""
    w = desk[0]
    for o in range(len(spread)):
        a, x = book_row(w.book, whose[o]), state_row(w.state, whose[o])
        size = market_row(w.market, 0).deal_share * (a.potential - x.running) * x.account_size
        pool_row(w.pool, o).size = size * spread[o]
