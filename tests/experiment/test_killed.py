"""A run killed with no warning goes on from its checkpoint, for compare and for stress, to the last digit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "data" / "small"
PROGRAM = "import sys; from fieldsim.cli import main; sys.exit(main(sys.argv[1:]))"
QUESTIONS = {
    "compare": ["compare", str(SMALL), "today", "split", "--horizon", "4", "--screen", "0", "--json", "--workers", "1"],
    "stress": [
        "stress",
        str(SMALL),
        "today",
        "--horizon",
        "8",
        "--turnover",
        "1",
        "--replications",
        "30",
        "--json",
        "--workers",
        "1",
    ],
}


def start(question: str, cache: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "FIELDSIM_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM, *QUESTIONS[question]]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def blocks(cache: Path) -> dict[Path, int]:
    """Every checkpoint with the moment it was written."""
    return {file: file.stat().st_mtime_ns for file in (cache / "replications").rglob("*.pickle")}


@pytest.mark.slow
@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_a_killed_run_goes_on_to_the_same_answer(question: str, tmp_path: Path) -> None:
    run = start(question, tmp_path / "killed")
    patience = monotonic() + 400.0
    while len(blocks(tmp_path / "killed")) < 2 and run.poll() is None and monotonic() < patience:
        sleep(0.01)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    before = blocks(tmp_path / "killed")
    answers = [start(question, tmp_path / cache).communicate()[0] for cache in ("killed", "whole")]
    after = blocks(tmp_path / "killed")
    assert run.returncode == -signal.SIGKILL
    assert 2 <= len(before) < len(after)
    assert {file: after[file] for file in before} == before  # nothing that was done is done again
    assert json.loads(answers[0])["replications"] >= 20
    assert answers[0] == answers[1]
