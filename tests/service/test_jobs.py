"""Jobs: the public command in a child process, progress told, a cancel that kills it, a dead server's job taken up."""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import Any

import pytest
from sqlalchemy import select
from town import Town

from fieldsim.service import jobs, worker
from fieldsim.service import tables as t
from fieldsim.service.worker import Worker

STUB = """
import json, sys, time
sys.stderr.write(json.dumps({"progress": {"what": "replications", "done": 3, "total": 10}}) + "\\n"); sys.stderr.flush()
report = next(w for w in sys.argv if w.startswith("--out=")).removeprefix("--out=")
open(report, "w").write("<html>report</html>")
time.sleep(SECONDS)
print(json.dumps({"best": {"design": sys.argv[-1]}}))
sys.exit(CODE)
"""


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A command that does what `compare` does at the door, in no time."""

    def use(seconds: float = 0.0, code: int = 0, said: str | None = None) -> None:
        body = STUB.replace("SECONDS", str(seconds)).replace("CODE", str(code))
        if said is not None:
            body = f"import sys; print({said!r}); sys.exit({code})"
        monkeypatch.setattr(worker, "COMMAND", body)
        monkeypatch.setattr(worker, "BEAT_S", 0.1)
        monkeypatch.setattr(worker, "LOOK_S", 0.1)

    return use


def start(town: Town, **asked: Any) -> str:
    answer = town.request("ops", "POST", "/api/jobs", json={"kind": "compare", **asked})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def wait(town: Town, name: str, *statuses: str, seconds: float = 30.0) -> dict[str, Any]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job: dict[str, Any] = town.get("ops", f"/api/jobs/{name}").json()
        if job["status"] in statuses:
            return job
        time.sleep(0.05)
    raise AssertionError(f"{name} did not become {statuses}: {job}")


@pytest.fixture
def running(town: Town) -> Any:
    working = Worker(town.app.state.ground, town.app.state.database)
    working.start()
    yield working
    working.stop()


def test_a_job_runs_the_command_and_keeps_answer_and_report(town: Town, stub: Any, running: Worker) -> None:
    stub(0.5)
    name = start(town, designs=["today"], horizon=2)
    job = wait(town, name, "done")
    assert (job["stage"], job["done"], job["total"]) == ("replications", 3, 10)
    assert "--horizon=2" in job["options"]
    assert town.get("ops", f"/api/jobs/{name}/answer").json() == {"best": {"design": "today"}}
    report = town.get("ops", f"/api/jobs/{name}/report")
    assert report.text == "<html>report</html>"
    assert report.headers["content-security-policy"].startswith("sandbox allow-scripts;")
    told = town.get("ops", f"/api/jobs/{name}/events").text
    assert told.startswith("event: done\ndata: ")


def test_a_cancel_kills_the_child(town: Town, stub: Any, running: Worker) -> None:
    stub(60.0)
    name = start(town)
    wait(town, name, "running")
    deadline = time.monotonic() + 10
    while town.get("ops", f"/api/jobs/{name}").json()["stage"] is None and time.monotonic() < deadline:
        time.sleep(0.05)
    town.request("ops", "POST", f"/api/jobs/{name}/cancel")
    assert wait(town, name, "cancelled", seconds=10)["ended"]
    assert town.get("ops", f"/api/jobs/{name}/report").status_code == 409
    time.sleep(0.2)
    children = subprocess.run(["ps", "-o", "args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False)
    assert "replications" not in children.stdout


def test_a_failed_command_says_why(town: Town, stub: Any, running: Worker) -> None:
    stub(code=3, said=json.dumps({"error": {"message": "no account is open", "hint": "check the file"}}))
    job = wait(town, start(town), "failed")
    assert job["error"] == "no account is open (check the file)"


def test_a_waiting_job_is_cancelled_at_once(town: Town) -> None:
    name = start(town)
    assert town.request("ops", "POST", f"/api/jobs/{name}/cancel").json()["status"] == "cancelled"


def test_a_dead_server_s_job_is_taken_up_and_at_last_given_up(town: Town, stub: Any) -> None:
    stub()
    ground, database = town.app.state.ground, town.app.state.database
    name = start(town)
    for number in range(jobs.MOST_TRIES):
        assert jobs.claim(ground, database, f"server-{number}")["id"] == name
        assert jobs.claim(ground, database, "another") is None
        assert jobs.beat(database, name, f"server-{number}")
        with database.write() as connection:
            connection.execute(t.jobs.update().values(beat=time.time() - jobs.LEASE_S - 1))
    assert not jobs.beat(database, name, "server-0")
    with database.write() as connection:
        connection.execute(t.jobs.update().values(beat=time.time() - jobs.LEASE_S - 1))
    assert jobs.claim(ground, database, "last") is None
    job = town.get("ops", f"/api/jobs/{name}").json()
    assert (job["status"], "servers died" in job["error"]) == ("failed", True)


def test_a_stopped_server_puts_its_job_back(town: Town, stub: Any) -> None:
    stub(60.0)
    working = Worker(town.app.state.ground, town.app.state.database)
    working.start()
    name = start(town)
    wait(town, name, "running")
    working.stop()
    assert town.get("ops", f"/api/jobs/{name}").json()["status"] == "queued"


def test_two_servers_never_run_the_same_job(town: Town, stub: Any) -> None:
    stub(0.3)
    both = [Worker(town.app.state.ground, town.app.state.database) for _ in range(2)]
    for one in both:
        one.start()
    names = [start(town, seed=k) for k in range(4)]
    for name in names:
        wait(town, name, "done")
    for one in both:
        one.stop()
    with town.app.state.database.read() as connection:
        assert set(connection.execute(select(t.jobs.c.tries)).scalars()) == {1}


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "compare", "designs": ["nothing"]},
        {"kind": "compare", "designs": ["--out=/etc/passwd"]},
        {"kind": "compare", "by": "--log=/tmp"},
        {"kind": "compare", "policies": ["nearest"]},
        {"kind": "stress", "policies": ["os:system"]},
        {"kind": "stress", "depart": ["R01"]},
        {"kind": "stress", "designs": ["today", "today2"]},
        {"kind": "stress", "turnover": -1},
        {"kind": "delete"},
        {"kind": "compare", "horizon": 99},
        {"kind": "compare", "allow_plugins": True},
    ],
)
def test_a_job_cannot_be_made_to_do_something_else(town: Town, asked: dict[str, Any]) -> None:
    answer = town.request("ops", "POST", "/api/jobs", json=asked)
    assert answer.status_code == 422, answer.text


def test_a_stress_run_names_its_policies(town: Town) -> None:
    ground = town.app.state.ground
    words = jobs.words_of(ground, jobs.Question(kind="stress", policies=["nearest"], turnover=0.3, depart=["R01@2026-11-02"]))
    assert words[0] == "stress"
    assert words[-3:] == ["--", str(ground.scenario.folder), "today"]
    assert {"--policy=nearest", "--turnover=0.3", "--depart=R01@2026-11-02"} <= set(words)
    assert "--allow-plugins" not in words


@pytest.mark.slow
def test_a_real_comparison_runs_to_its_report(town: Town, database_url: str) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("once is enough")
    working = Worker(town.app.state.ground, town.app.state.database)
    working.start()
    job = wait(town, start(town, designs=["today"]), "done", "failed", seconds=240)
    working.stop()
    assert job["status"] == "done", job
    assert json.loads(town.get("ops", f"/api/jobs/{job['id']}/answer").text)["designs"]
    assert "<html" in town.get("ops", f"/api/jobs/{job['id']}/report").text[:200].lower()
