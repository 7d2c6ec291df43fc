"""A key follows content: what a noun says, never where or in which order it was said."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small import make_design, make_scenario

from fieldsim.experiment.checkpoint import Block, keep, kept, plain
from fieldsim.experiment.entries import content_of, same_designs
from fieldsim.experiment.executors import Serial
from fieldsim.experiment.runs import Setting, blocks
from fieldsim.store import Store, content_key

SCENARIO = make_scenario()
SCRIPT = """
import sys
sys.path[:0] = [%r, %r]
from small import make_scenario
from fieldsim.experiment.checkpoint import plain
from fieldsim.store import content_key
print(content_key(plain(make_scenario())))
"""


def key(value: object) -> str:
    return content_key(plain(value))


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_key_is_the_same_in_every_process(hash_seed: str) -> None:
    tests = Path(__file__).parents[1]
    script = SCRIPT % (str(tests), str(tests.parent))
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    found = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == key(SCENARIO)


def test_a_key_leaves_out_where_the_scenario_lies() -> None:
    assert key(replace(SCENARIO, folder=Path("elsewhere"))) == key(SCENARIO)


@pytest.mark.parametrize(
    "changes",
    [{"seed": 2}, {"rates": replace(SCENARIO.rates, margin=0.36)}, {"parameters": {"lift": 0.1}}, {"end": SCENARIO.start}],
)
def test_a_key_follows_everything_that_decides(changes: dict[str, object]) -> None:
    assert key(make_scenario(**changes)) != key(SCENARIO)  # type: ignore[arg-type]


def test_designs_are_the_same_whatever_their_territories_are_called() -> None:
    today = make_design(SCENARIO)
    turned = replace(today, name="turned", territory_of=(today.territory_of + 1) % 3, rep_of=np.array([2, 0, 1]))
    other = make_design(SCENARIO, "other", 1)
    assert content_of(turned) == content_of(today) != content_of(other)
    assert same_designs([today, other, turned, replace(other, name="again")]) == (0, 1, 0, 1)


def test_blocks_cut_a_span_alike_in_every_run() -> None:
    setting = Setting(SCENARIO, 0, (92,), Serial())
    cuts = [(b.first, b.last) for span in ((0, 12), (12, 20)) for b in blocks("s", setting, span)]
    assert cuts == [(0, 5), (5, 10), (10, 12), (12, 15), (15, 20)]


def test_a_damaged_or_short_checkpoint_counts_as_absent(tmp_path: Path) -> None:
    store, block = Store(tmp_path), Block("s", 0, 0, 2, (92,))
    assert kept(store, block) is None
    keep(store, block, [1, 2])
    assert kept(store, block) == [1, 2]
    keep(store, block, [1])
    assert kept(store, block) is None
    store.path("replications", block.key, ".pickle").write_bytes(b"\x80")
    assert kept(store, block) is None
