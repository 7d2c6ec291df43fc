"""Keyed draws inside kernels: normal, lognormal and exponential numbers as functions of (stream, entity, indices)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from fieldsim.luck import philox, uniform
from fieldsim.model import Floats, Ints
from fieldsim.simulation.compiled import kernel
from fieldsim.simulation.nouns import Keys


@njit(cache=True)
def inverse_normal(p: float) -> float:
    """The standard normal quantile, relative error below 1.2e-9 (P. J. Acklam's rational approximation)."""
    if p < 0.02425 or p > 0.97575:
        q = math.sqrt(-2.0 * math.log(p if p < 0.5 else 1.0 - p))
        top = -7.784894002430293e-03 * q - 3.223964580411365e-01
        top = ((top * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968
        bottom = (7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996
        tail = (top * q + 2.938163982698783) / ((bottom * q + 3.754408661907416) * q + 1.0)
        return tail if p < 0.5 else -tail
    q = p - 0.5
    r = q * q
    top = (-3.969683028665376e01 * r + 2.209460984245205e02) * r - 2.759285104469687e02
    top = ((top * r + 1.383577518672690e02) * r - 3.066479806614716e01) * r + 2.506628277459239
    bottom = (-5.447609879822406e01 * r + 1.615858368580409e02) * r - 1.556989798598866e02
    bottom = ((bottom * r + 6.680131188771972e01) * r - 1.328068155288572e01) * r + 1.0
    return top * q / bottom


@njit(cache=True)
def normal(stream: np.uint64, entity: np.uint64, index: int, second: int = 0) -> float:
    """A standard normal number."""
    return inverse_normal(uniform(stream, entity, index, second))


@njit(cache=True)
def lognormal(stream: np.uint64, entity: np.uint64, index: int, second: int, sigma: float) -> float:
    """A lognormal number of mean 1 whose logarithm has standard deviation `sigma`."""
    if sigma == 0.0:
        return 1.0
    return math.exp(sigma * normal(stream, entity, index, second) - 0.5 * sigma * sigma)


@njit(cache=True)
def exponential(stream: np.uint64, entity: np.uint64, index: int, second: int = 0) -> float:
    """An exponential number of mean 1."""
    return -math.log(uniform(stream, entity, index, second))


@njit(cache=True)
def pair(stream: np.uint64, entity: np.uint64, index: int, second: int = 0) -> tuple[float, float]:
    """Two independent uniform numbers in (0, 1) for the price of one; the first is that of `uniform`."""
    low = np.uint64(0xFFFFFFFF)
    entity = np.uint64(entity)
    a, b, c, d = philox(np.uint64(stream), entity & low, entity >> np.uint64(32), np.uint64(index) & low, np.uint64(second) & low)
    one, two = ((a << np.uint64(32)) | b) >> np.uint64(11), ((c << np.uint64(32)) | d) >> np.uint64(11)
    return (float(one) + 0.5) * 1.1102230246251565e-16, (float(two) + 0.5) * 1.1102230246251565e-16


@kernel
def pairs(stream: np.uint64, entities: Keys, indices: Ints, out: Floats) -> None:
    """`pair` for many entities, each with its index, to out[0] and out[1]."""
    for k in range(len(entities)):
        out[0, k], out[1, k] = pair(stream, entities[k], indices[k], 0)


@kernel
def spreads(p: Floats, sigma: float) -> None:
    """`spread` of many numbers, in place."""
    for k in range(len(p)):
        p[k] = spread(p[k], sigma)


@njit(cache=True)
def spread(p: float, sigma: float) -> float:
    """The lognormal number of mean 1 at quantile p, whose logarithm has standard deviation `sigma`."""
    if sigma == 0.0:
        return 1.0
    return math.exp(sigma * inverse_normal(p) - 0.5 * sigma * sigma)


def sigma_of(cv: float) -> float:
    """The sigma of a lognormal number with coefficient of variation `cv`."""
    return math.sqrt(math.log1p(cv * cv))
