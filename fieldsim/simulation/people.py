"""What a rep brings to an account: productivity since hire, knowledge of the trade, odds to survive a stage (kernels)."""

from __future__ import annotations

import math

import numpy as np

from fieldsim.compiled import inner
from fieldsim.simulation.desk import book_row, luck_row, market_row, reps_row, state_row
from fieldsim.simulation.draws import pair
from fieldsim.simulation.memory import bytes_
from fieldsim.simulation.nouns import ONLY, Record

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
def bites(a: Record, x: Record, m: Record, t: float, luck: float) -> bool:
    """Whether an attack at time t does: the longer ago the last visit, the likelier; half an interval ago before day 0."""
    since = t - x.visited if t >= 0.0 else 0.5 * a.gap_today
    return bool(since == np.inf or luck * (since + m.attack_half_days) < since)


@inner
def next_attack(w: Record, a: Record, t: float, number: int) -> tuple[float, float]:
    """When the attack of a number comes, the one before having been at t, and the luck that decides whether it bites."""
    wait, bite = pair(luck_row(w.luck, 0).attack, a.key, number, ONLY)
    return float(t - math.log(wait) / market_row(w.market, 0).attack_rate), bite


@inner
def catch_up(w: Record, i: int, t: float) -> None:
    """Competitors' attacks on account i up to time t.

    To be called before the last visit changes and before the account's pressure is asked for.
    """
    x = state_row(w.state, i)
    while x.attack_at <= t:
        a, m = book_row(w.book, i), market_row(w.market, 0)
        if bites(a, x, m, x.attack_at, x.bite):
            x.pressed_until = x.attack_at + m.pressure_days
        x.attacks += 1
        x.attack_at, x.bite = next_attack(w, a, x.attack_at, x.attacks)


@inner
def pressed_before(w: Record, i: int, t: float) -> bool:
    """Whether an attack weighs on account i at a time before day 0, for which nobody has caught up."""
    a, x, m = book_row(w.book, i), state_row(w.state, i), market_row(w.market, 0)
    at, bite, number, until = x.attack_at, x.bite, 0, -np.inf
    while at <= t:
        if bites(a, x, m, at, bite):
            until = at + m.pressure_days
        number += 1
        at, bite = next_attack(w, a, at, number)
    return bool(t < until)


@inner
def odds(w: Record, i: int, t: float) -> float:
    """Probability that an opportunity of account i survives a stage that ends at time t."""
    catch_up(w, i, t)
    return float(odds_if(w, i, t, t < state_row(w.state, i).pressed_until))


@inner
def odds_if(w: Record, i: int, t: float, pressed: bool) -> float:
    """The same, where an attack weighs on it or none does."""
    x, m = state_row(w.state, i), market_row(w.market, 0)
    rep = x.owner
    y = m.base_odds
    if pressed:
        y -= m.pressure
    if rep >= 0:
        y += reps_row(w.reps, rep).skill + m.ramp_effect * (ramp_of(reps_row(w.reps, rep), m, t) - 1.0)
        y += m.fit_effect * (0.5 if knows(w, book_row(w.book, i), rep) else -0.5)
        y += m.tenure_effect * (min(t - x.tenure, TENURE_DAYS) / TENURE_DAYS - 0.5)
        if x.joint:
            y += m.joint_effect
    return 1.0 / (1.0 + math.exp(-y))
