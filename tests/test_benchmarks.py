"""Benchmarks can be listed and found; their figures are for people, not for tests."""

from __future__ import annotations

from benchmarks.__main__ import questions, run


def test_every_benchmark_says_which_question_it_answers() -> None:
    assert all(questions().values())


def test_an_unknown_benchmark_is_a_usage_error() -> None:
    assert run(["no-such-question"]) == 2
