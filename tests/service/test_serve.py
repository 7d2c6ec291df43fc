"""`fieldsim serve` as a newcomer starts it: what it prints, what it refuses in one line, and a second start."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from town import MONDAY, write_town

from fieldsim.cli import main

CODE = "import sys; from fieldsim.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_town(tmp_path / "town", reps=2, accounts=60)


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(folder: Path, *words: str) -> Iterator[tuple[str, str]]:
    """The printed lines and the site, while it runs."""
    number = port()
    command = [sys.executable, "-c", CODE, "serve", str(folder), "today", f"--port={number}", f"--today={MONDAY}T09:00", *words]
    said = folder.parent / "said.txt"
    with said.open("w") as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        for _ in range(900):
            if "stop with" in said.read_text() and _answers(f"http://127.0.0.1:{number}/healthz"):
                break
            assert child.poll() is None, said.read_text()
            time.sleep(0.1)
        yield said.read_text(), f"http://127.0.0.1:{number}"
    finally:
        os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def ask(site: str, path: str, key: str, body: Any = None) -> Any:
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json", "idempotency-key": "both-servers-1"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(site + path, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def test_a_newcomer_gets_a_link_and_a_route(folder: Path) -> None:
    with served(folder) as (said, site):
        key = re.search(r"rep R01.*/in#(fs_[\w-]+)", said)
        ops = re.search(r"ops: open .*/in#(fs_[\w-]+)", said)
        assert key
        assert ops
        day = ask(site, "/api/reps/R01/days/today", key[1])
        assert day["date"] == MONDAY
        assert day["stops"]
        assert ask(site, "/api/me", ops[1])["role"] == "ops"
    with served(folder, "--processes=2") as (said, site):
        assert "fs_" not in said
        assert ask(site, "/api/reps/R01/days/today", key[1])["stops"] == day["stops"]
        body = {"kind": "cancelled", "account": day["stops"][0]["account"]}
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda _: ask(site, "/api/reps/R01/days/today/changes", key[1], body), range(24)))
        assert {answer["version"] for answer in answers} == {1}


def test_a_key_is_made_at_the_command_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("rep:R02", "ops", "read", "read:R01"):
        assert main(["serve", str(folder), "today", "--new-key", kind]) == 0
        assert re.match(rf"{kind}: http://localhost:8000/in#fs_[\w-]{{43}}\n$", capsys.readouterr().out)
    for wrong in ("rep", "rep:R99", "boss", "ops:R01"):
        assert main(["serve", str(folder), "today", "--new-key", wrong]) == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nothing"], 2, "nothing"),
        (["today", "--database", "mysql://x"], 2, "database"),
        (["today", "--database", "nonsense"], 2, "is no database"),
        (["today", "--database", "sqlite:////nowhere/at/all.sqlite"], 2, "cannot be opened"),
        (["today", "--database", "postgresql://nobody@127.0.0.1:1/none"], 2, "cannot be opened"),
        (["today", "--today", "soon"], 2, "is no date"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    assert main(["serve", str(folder), *words]) == code
    error = capsys.readouterr().err
    assert said in error
    assert len([line for line in error.splitlines() if line.startswith("error")]) == 1


def test_a_port_in_use_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert main(["serve", str(folder), "today", "--port", str(number)]) == 2
    assert f"port {number}" in (error := capsys.readouterr().err)
    assert "--port" in error


def test_missing_packages_name_the_extra(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "fastapi" else real(name, *rest))
    assert main(["serve", str(folder), "today"]) == 2
    assert "fieldsim[web]" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_names_the_option(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def refuse(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if "a" in mode and self.parent == folder:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", refuse)
    assert main(["serve", str(folder), "today"]) == 2
    assert "--database" in capsys.readouterr().err


def test_the_database_beside_the_scenario_does_not_disturb_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", str(folder), "today", "--new-key", "ops"]) == 0
    assert (folder / "service.sqlite").stat().st_mode & 0o077 == 0
    assert main(["check", str(folder)]) == 0
    capsys.readouterr()
