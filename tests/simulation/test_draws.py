"""Keyed draws against scipy's distributions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import kstest

from fieldsim.luck import keys_of, stream
from fieldsim.simulation.draws import exponential, inverse_normal, lognormal, sigma_of


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
