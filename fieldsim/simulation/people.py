"""What a rep brings to an account: productivity since hire, knowledge of the trade, odds to survive a stage (kernels)."""

from __future__ import annotations

import math

from fieldsim.model import Bools
from fieldsim.simulation.compiled import inner
from fieldsim.simulation.nouns import Record, World

TENURE_DAYS = 730.0


@inner
def ramp_of(p: Record, m: Record, t: float) -> float:
    """Productivity of a rep at time t: logistic in the months since hire, 1 from the full ramp on."""
    age = t - p.hired
    return 1.0 if age >= m.ramp_full else 1.0 / (1.0 + math.exp(-m.ramp_slope * (age - m.ramp_midpoint)))


@inner
def knows(known: Bools, a: Record, rep: int) -> bool:
    """Whether a rep knows the industry, segment or product of account i."""
    return known[rep, a.trade0] or known[rep, a.trade1] or known[rep, a.trade2]  # type: ignore[no-any-return]


@inner
def odds(w: World, i: int, t: float) -> float:
    """Probability that an opportunity of account i survives a stage that ends at time t."""
    x = w.state[i]
    rep = x.owner
    y = w.market.base_odds
    if rep >= 0:
        y += w.reps[rep].skill + w.market.ramp_effect * (ramp_of(w.reps[rep], w.market, t) - 1.0)
        y += w.market.fit_effect * (0.5 if knows(w.knows, w.book[i], rep) else -0.5)
        y += w.market.tenure_effect * (min(t - x.tenure, TENURE_DAYS) / TENURE_DAYS - 0.5)
    return 1.0 / (1.0 + math.exp(-y))
