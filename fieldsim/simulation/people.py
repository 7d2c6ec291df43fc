"""What a rep brings to an account: productivity since hire, knowledge of the trade, odds to survive a stage (kernels)."""

from __future__ import annotations

import math

from fieldsim.simulation.compiled import inner
from fieldsim.simulation.nouns import World

TENURE_DAYS = 730.0


@inner
def ramp_of(w: World, rep: int, t: float) -> float:
    """Productivity of a rep at time t: logistic in the months since hire, 1 from the full ramp on."""
    age = t - w.reps[rep].hired
    return 1.0 if age >= w.market.ramp_full else 1.0 / (1.0 + math.exp(-w.market.ramp_slope * (age - w.market.ramp_midpoint)))


@inner
def knows(w: World, rep: int, i: int) -> bool:
    """Whether a rep knows the industry, segment or product of account i."""
    a = w.book[i]
    return w.knows[rep, a.trade0] or w.knows[rep, a.trade1] or w.knows[rep, a.trade2]


@inner
def odds(w: World, i: int, t: float) -> float:
    """Probability that an opportunity of account i survives a stage that ends at time t."""
    x = w.state[i]
    rep = x.owner
    y = w.market.base_odds
    if rep >= 0:
        y += w.reps[rep].skill + w.market.ramp_effect * (ramp_of(w, rep, t) - 1.0)
        y += w.market.fit_effect * (0.5 if knows(w, rep, i) else -0.5)
        y += w.market.tenure_effect * (min(t - x.tenure, TENURE_DAYS) / TENURE_DAYS - 0.5)
    return 1.0 / (1.0 + math.exp(-y))
