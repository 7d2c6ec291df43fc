"""How revenue answers to calls: goodwill that fades, an S-shaped response, and its fit to the published elasticity.

Visits Δ days apart keep goodwill between g₀ = κ/(1 − (1 − κ)q) just after a visit and g₁ = g₀q before the next, q = 2^(−Δ/H).
The response is ρ(g) = scale · (r₀ + (1 − r₀)·gᶜ/(d + gᶜ)); its time mean has a closed form because g falls exponentially.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from fieldsim.errors import DataError

QUARTER_DAYS = 91.25


@dataclass(frozen=True)
class Response:
    """The response curve of a tier: floor r₀, half-saturation d and steepness c (the ceiling is 1 before scaling)."""

    floor: float
    half: float
    steepness: float


def fade(gap: float, half_life: float) -> float:
    """What is left of goodwill after `gap` days."""
    return math.exp2(-gap / half_life)


def goodwill_after(gap: float, lift: float, half_life: float) -> float:
    """Goodwill just after each of endless visits `gap` days apart."""
    return lift / (1.0 - (1.0 - lift) * fade(gap, half_life))


def mean_goodwill(gap: float, lift: float, half_life: float) -> float:
    """Time mean of goodwill between visits `gap` days apart; 0 when nobody calls."""
    if math.isinf(gap):
        return 0.0
    after = goodwill_after(gap, lift, half_life)
    return after * (1.0 - fade(gap, half_life)) * half_life / (math.log(2.0) * gap)


def mean_share(gap: float, lift: float, half_life: float, half: float, steepness: float) -> float:
    """Time mean of gᶜ/(d + gᶜ) between visits `gap` days apart."""
    if math.isinf(gap):
        return 0.0
    after = goodwill_after(gap, lift, half_life)
    before = after * fade(gap, half_life)
    area = math.log((half + after**steepness) / (half + before**steepness))
    return area * half_life / (steepness * math.log(2.0) * gap)


def mean_response(curve: Response, gap: float, lift: float, half_life: float) -> float:
    """Time mean of the unscaled response."""
    share = mean_share(gap, lift, half_life, curve.half, curve.steepness)
    return curve.floor + (1.0 - curve.floor) * share


def fit(tier: str, gap: float, lift: float, half_life: float, steepness: float, elasticity: float) -> Response:
    """The curve whose mean response has the given elasticity to calls at visits `gap` days apart.

    Half-saturation lies at the mean goodwill; the floor then follows in closed form from
    E = (1 − r₀)·w·e / (r₀ + (1 − r₀)·w) with w the mean share and e its own elasticity. Orders and deals both grow with the
    mean response, so this is the elasticity of all revenue; 0 is a flat curve.
    DataError with the reach when the target lies above e.
    """
    if math.isinf(gap):
        return Response(0.5, 1.0, steepness)
    if elasticity == 0.0:
        return Response(1.0, 1.0, steepness)
    half = mean_goodwill(gap, lift, half_life) ** steepness
    share = mean_share(gap, lift, half_life, half, steepness)
    step = 1e-4
    more, less = (mean_share(gap / f, lift, half_life, half, steepness) for f in (1.0 + step, 1.0 - step))
    reach = (math.log(more) - math.log(less)) / (math.log1p(step) - math.log1p(-step))
    if not 0.0 < elasticity <= reach:
        raise DataError(
            f"tier '{tier}': a calls elasticity of {elasticity:g} is out of reach at {QUARTER_DAYS / gap:.3g} visits a quarter: "
            f"the reach is 0 to {reach:.3f}",
            file="scenario.toml",
            column="parameters.calls_elasticity",
            hint="raise response_steepness or lower goodwill_lift",
        )
    return Response(share * (reach - elasticity) / (elasticity * (1.0 - share) + share * reach), half, steepness)
