"""Keyed draws inside kernels: normal, lognormal and exponential numbers as functions of (stream, entity, indices)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from fieldsim.luck import uniform


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


def sigma_of(cv: float) -> float:
    """The sigma of a lognormal number with coefficient of variation `cv`."""
    return math.sqrt(math.log1p(cv * cv))
