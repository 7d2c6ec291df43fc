"""Keyed luck against the published known answer, numpy's distribution tests and its own promises."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from fieldsim.luck import keys_of, normals, philox, stream, uniform, uniforms

ZERO = np.uint64(0)
ONES = np.uint64(0xFFFFFFFF)


def test_philox_gives_the_known_answers_of_its_authors() -> None:
    # Random123, file kat_vectors, lines philox4x32 10: all zero, and all ones
    assert [hex(w) for w in philox(ZERO, ZERO, ZERO, ZERO, ZERO)] == ["0x6627e8d5", "0xe169c58d", "0xbc57ac4c", "0x9b00dbd8"]
    answer = [hex(w) for w in philox(np.uint64(2**64 - 1), ONES, ONES, ONES, ONES)]
    assert answer == ["0x408f276d", "0x41c83b0e", "0xa20bc7c6", "0x6d5451fd"]


def test_draws_are_uniform_and_independent_over_entities_and_indices() -> None:
    draws = uniforms(stream(7, 0, "test"), keys_of(f"A{i}" for i in range(500)), 40)
    assert kstest(draws.ravel(), "uniform").pvalue > 0.001
    assert abs(np.corrcoef(draws[:, 0], draws[:, 1])[0, 1]) < 0.15
    assert abs(np.corrcoef(draws[:-1, 0], draws[1:, 0])[0, 1]) < 0.15
    assert kstest(normals(stream(7, 1, "test"), keys_of("abc"), 2000).ravel(), "norm").pvalue > 0.001


@given(st.integers(0, 2**31), st.integers(0, 1000), st.text(max_size=8), st.integers(0, 100))
def test_a_draw_does_not_depend_on_who_else_draws(seed: int, replication: int, entity: str, index: int) -> None:
    key = stream(seed, replication, "no_show")
    alone = uniform(key, keys_of([entity])[0], index)
    among = uniforms(key, keys_of(["x", entity, "y"]), 3, start=index)
    assert 0.0 < alone < 1.0
    assert among[1, 0] == alone


def test_streams_differ_by_seed_replication_and_purpose() -> None:
    assert len({stream(s, r, p) for s in range(5) for r in range(5) for p in ("a", "b")}) == 50
