"""Keyed draws inside kernels: normal, lognormal and exponential numbers as functions of (stream, entity, indices)."""

from __future__ import annotations

import math

import numpy as np

from fieldsim.compiled import kernel
from fieldsim.luck import philox, uniform
from fieldsim.model import Floats, Ints
from fieldsim.simulation.nouns import Keys


@kernel
def exp(x: float) -> float:
    """e to the power x for |x| below 700, to fourteen digits: plain arithmetic, good for whole vectors at once.

    2ⁿ times the series at what is left, at most half of ln 2; ln 2 is in two parts, so that n times the first is exact.
    """
    n = np.floor(x * 1.4426950408889634 + 0.5)
    r = (x - n * 0.6931471803691238) - n * 1.9082149292705877e-10
    square = r * r
    fourth = square * square
    low = (1.0 + r) + (1.0 / 2.0 + r * (1.0 / 6.0)) * square
    middle = (1.0 / 24.0 + r * (1.0 / 120.0)) + (1.0 / 720.0 + r * (1.0 / 5040.0)) * square
    high = (1.0 / 40320.0 + r * (1.0 / 362880.0)) + (1.0 / 3628800.0 + r * (1.0 / 39916800.0)) * square
    power = np.int64((np.int64(n) + np.int64(1023)) << np.int64(52)).view(np.float64)
    return (low + (middle + high * fourth) * fourth) * power  # type: ignore[no-any-return]


@kernel
def log(x: float) -> float:
    """The natural logarithm of a positive normal number, to fifteen digits: plain arithmetic, good for whole vectors at once.

    n ln 2 and the series 2 (s + s³/3 + s⁵/5 ...) of what is left, between √½ and √2, with s = (m - 1) / (m + 1).
    """
    bits = np.float64(x).view(np.int64) + np.int64(0x95F6400000000)  # carries into the exponent from √2 on
    n = float((bits >> np.int64(52)) - np.int64(1023))
    m = np.int64((bits & np.int64(0xFFFFFFFFFFFFF)) + np.int64(0x3FE6A09C00000000)).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    y = z * z
    low = (1.0 / 3.0 + z * (1.0 / 5.0)) + (1.0 / 7.0 + z * (1.0 / 9.0)) * y
    high = (1.0 / 11.0 + z * (1.0 / 13.0)) + (1.0 / 15.0 + z * (1.0 / 17.0)) * y + (1.0 / 19.0 + z * (1.0 / 21.0)) * y * y
    series = 2.0 * s + 2.0 * s * z * (low + high * y * y)
    return n * 0.6931471803691238 + (n * 1.9082149292705877e-10 + series)


TAIL = 0.02425


@kernel
def central(p: float) -> float:
    """The standard normal quantile between TAIL and 1 - TAIL (P. J. Acklam's rational approximation)."""
    q = p - 0.5
    r = q * q
    top = (-3.969683028665376e01 * r + 2.209460984245205e02) * r - 2.759285104469687e02
    top = ((top * r + 1.383577518672690e02) * r - 3.066479806614716e01) * r + 2.506628277459239
    bottom = (-5.447609879822406e01 * r + 1.615858368580409e02) * r - 1.556989798598866e02
    bottom = ((bottom * r + 6.680131188771972e01) * r - 1.328068155288572e01) * r + 1.0
    return top * q / bottom


@kernel
def inverse_normal(p: float) -> float:
    """The standard normal quantile, relative error below 1.2e-9."""
    if TAIL <= p <= 1.0 - TAIL:
        return float(central(p))
    q = math.sqrt(-2.0 * math.log(p if p < 0.5 else 1.0 - p))
    top = -7.784894002430293e-03 * q - 3.223964580411365e-01
    top = ((top * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968
    bottom = (7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996
    tail = (top * q + 2.938163982698783) / ((bottom * q + 3.754408661907416) * q + 1.0)
    return tail if p < 0.5 else -tail


@kernel
def normal(stream: np.uint64, entity: np.uint64, index: int, second: int = 0) -> float:
    """A standard normal number."""
    return inverse_normal(uniform(stream, entity, index, second))


@kernel
def spread(p: float, sigma: float) -> float:
    """The lognormal number of mean 1 at quantile p, whose logarithm has standard deviation `sigma`."""
    return float(exp(sigma * inverse_normal(p) - 0.5 * sigma * sigma))


@kernel
def lognormal(stream: np.uint64, entity: np.uint64, index: int, second: int, sigma: float) -> float:
    """A lognormal number of mean 1 whose logarithm has standard deviation `sigma`."""
    return float(spread(uniform(stream, entity, index, second), sigma))


@kernel
def exponential(stream: np.uint64, entity: np.uint64, index: int, second: int = 0) -> float:
    """An exponential number of mean 1."""
    return -math.log(uniform(stream, entity, index, second))


@kernel
def pair(stream: np.uint64, entity: np.uint64, index: int, second: int = 0) -> tuple[float, float]:
    """Two independent uniform numbers in (0, 1) for the price of one; the first is that of `uniform`."""
    low = np.uint64(0xFFFFFFFF)
    entity = np.uint64(entity)
    a, b, c, d = philox(np.uint64(stream), entity & low, entity >> np.uint64(32), np.uint64(index) & low, np.uint64(second) & low)
    one, two = ((a << np.uint64(32)) | b) >> np.uint64(11), ((c << np.uint64(32)) | d) >> np.uint64(11)
    return (float(one) + 0.5) * 1.1102230246251565e-16, (float(two) + 0.5) * 1.1102230246251565e-16


def sigma_of(cv: float) -> float:
    """The sigma of a lognormal number with coefficient of variation `cv`."""
    return math.sqrt(math.log1p(cv * cv))


@kernel
def pairs(stream: np.uint64, entities: Keys, indices: Ints, layer: int, first: Floats, second: Floats) -> None:
    """`pair` for many entities, each with its index and all with the same second one.

    The rounds of `philox` are written out, so that eight run at once.
    """
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    for k in range(len(entities)):
        k0, k1 = stream & low, stream >> half
        c0, c1, c2, c3 = entities[k] & low, entities[k] >> half, np.uint64(indices[k]) & low, np.uint64(layer)
        for _ in range(10):
            one, two = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
            c0, c1, c2, c3 = ((two >> half) ^ c1 ^ k0) & low, two & low, ((one >> half) ^ c3 ^ k1) & low, one & low
            k0, k1 = (k0 + np.uint64(0x9E3779B9)) & low, (k1 + np.uint64(0xBB67AE85)) & low
        first[k] = (float(np.int64((c0 << half | c1) >> np.uint64(11))) + 0.5) * 1.1102230246251565e-16
        second[k] = (float(np.int64((c2 << half | c3) >> np.uint64(11))) + 0.5) * 1.1102230246251565e-16


@kernel
def spreads(p: Floats, sigma: float, out: Floats) -> None:
    """`spread` of many numbers: all as if they were central, eight at once, then the tails."""
    for k in range(len(p)):
        out[k] = exp(sigma * central(p[k]) - 0.5 * sigma * sigma)
    for k in range(len(p)):
        if not TAIL <= p[k] <= 1.0 - TAIL:
            out[k] = spread(p[k], sigma)


@kernel
def waits(p: Floats, out: Floats) -> None:
    """Exponential numbers of mean 1 at quantiles 1 - p."""
    for k in range(len(p)):
        out[k] = -log(p[k])
