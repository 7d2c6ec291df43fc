"""Keyed draws against scipy's distributions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import kstest

from fieldsim.luck import keys_of, stream
from fieldsim.simulation.draws import (
    exp,
    exponential,
    inverse_normal,
    log,
    lognormal,
    pair,
    pairs,
    sigma_of,
    spread,
    spreads,
    waits,
)


def test_the_normal_quantile_is_that_of_scipy() -> None:
    p = np.concatenate([np.linspace(1e-9, 1 - 1e-9, 4001), 10.0 ** -np.arange(3, 12), 1 - 10.0 ** -np.arange(3, 12)])
    assert max(abs(inverse_normal(float(q)) - ndtri(q)) for q in p) < 2e-8


def test_lognormal_and_exponential_numbers_have_mean_one() -> None:
    key, entity, sigma = stream(1, 0, "test"), keys_of(["x"])[0], sigma_of(0.4)
    logs = np.array([np.log(lognormal(key, entity, k, 0, sigma)) for k in range(4000)])
    assert kstest((logs + sigma**2 / 2) / sigma, "norm").pvalue > 0.001
    assert kstest([exponential(key, entity, k, 1) for k in range(4000)], "expon").pvalue > 0.001
    assert lognormal(key, entity, 0, 0, 0.0) == 1.0
    assert np.sqrt(np.expm1(sigma**2)) == pytest.approx(0.4)


def test_blocks_hold_the_numbers_drawn_one_by_one() -> None:
    key, entities = stream(1, 0, "test"), keys_of(str(k) for k in range(1000))
    indices, first, second, out = np.arange(1000) * 7, np.empty(1000), np.empty(1000), np.empty(1000)
    pairs(key, entities, indices, 3, first, second)
    one_by_one = [pair(key, entity, index, 3) for entity, index in zip(entities, indices.tolist(), strict=True)]
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == one_by_one
    for sigma in (0.0, 0.3, 1.2):
        spreads(first, sigma, out)
        assert out.tolist() == [spread(p, sigma) for p in first.tolist()]


def test_powers_of_e_are_right_to_fourteen_digits() -> None:
    x = np.concatenate([np.linspace(-40.0, 40.0, 4001), [-700.0, 0.0, 699.0]])
    assert max(abs(exp(float(value)) / np.exp(value) - 1.0) for value in x) < 1e-13
    assert exp(0.0) == 1.0


def test_logarithms_are_right_to_fifteen_digits() -> None:
    near = 0.5**0.5 * (1.0 + np.arange(-50, 51) * 1e-6)
    x = np.concatenate(
        [np.geomspace(1e-300, 1e300, 4000), np.linspace(0.0, 1.0, 4001)[1:-1], near, 1.0 - 0.5 ** np.arange(2, 54)]
    )
    assert max(abs(log(float(value)) / np.log(value) - 1.0) for value in x) < 1e-15
    assert log(1.0) == 0.0
    out = np.empty(len(x))
    waits(x, out)
    assert out.tolist() == [-log(float(value)) for value in x]
