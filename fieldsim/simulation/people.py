"""What a rep brings to an account: productivity since hire, knowledge of the trade, odds to survive a stage (kernels)."""

from __future__ import annotations

import math

import numpy as np

from fieldsim.simulation.compiled import inner
from fieldsim.simulation.desk import book_row, luck_row, market_row, reps_row, state_row
from fieldsim.simulation.draws import pair
from fieldsim.simulation.memory import bytes_
from fieldsim.simulation.nouns import Record

TENURE_DAYS = 730.0


@inner
def ramp_of(p: Record, m: Record, t: float) -> float:
    """Productivity of a rep at time t: logistic in the months since hire, 1 from the full ramp on."""
    age = t - p.hired
    return 1.0 if age >= m.ramp_full else 1.0 / (1.0 + math.exp(-m.ramp_slope * (age - m.ramp_midpoint)))


@inner
def knows(w: Record, a: Record, rep: int) -> bool:
    """Whether a rep knows the industry, segment or product of an account."""
    known, row, trades = bytes_(w.knows), rep * w.n_trades, a.trades
    return known[row + (trades & 0xFFFF)] + known[row + (trades >> 16 & 0xFFFF)] + known[row + (trades >> 32)] > 0  # type: ignore[no-any-return]


@inner
def catch_up(w: Record, i: int, t: float) -> None:
    """Competitors' attacks on account i up to time t: the longer ago the last visit, the likelier one bites.

    To be called before the last visit changes and before the account's pressure is asked for. Before day 0 the account counts as
    half an interval from its last visit.
    """
    a, x, m = book_row(w.book, i), state_row(w.state, i), market_row(w.market, 0)
    if m.attack_rate == 0.0:
        return
    if x.attack_at == -np.inf:
        x.attack_at = -m.warm - math.log(pair(luck_row(w.luck, 0).attack, a.key, 0, 0)[0]) / m.attack_rate
    while x.attack_at <= t:
        since = x.attack_at - x.visited if x.attack_at >= 0.0 else 0.5 * a.gap_today
        if since == np.inf or pair(luck_row(w.luck, 0).attack, a.key, x.attacks, 0)[1] * (since + m.attack_half_days) < since:
            x.pressed_until = x.attack_at + m.pressure_days
        x.attacks += 1
        x.attack_at -= math.log(pair(luck_row(w.luck, 0).attack, a.key, x.attacks, 0)[0]) / m.attack_rate


@inner
def odds(w: Record, i: int, t: float) -> float:
    """Probability that an opportunity of account i survives a stage that ends at time t."""
    x, m = state_row(w.state, i), market_row(w.market, 0)
    catch_up(w, i, t)
    rep = x.owner
    y = m.base_odds
    if t < x.pressed_until:
        y -= m.pressure
    if rep >= 0:
        y += reps_row(w.reps, rep).skill + m.ramp_effect * (ramp_of(reps_row(w.reps, rep), m, t) - 1.0)
        y += m.fit_effect * (0.5 if knows(w, book_row(w.book, i), rep) else -0.5)
        y += m.tenure_effect * (min(t - x.tenure, TENURE_DAYS) / TENURE_DAYS - 0.5)
        if x.joint:
            y += m.joint_effect
    return 1.0 / (1.0 + math.exp(-y))
