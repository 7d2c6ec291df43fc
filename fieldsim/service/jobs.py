"""Comparisons and stress runs as jobs in the database: any server may run one, show one or stop one."""

from __future__ import annotations

import re
import secrets
import time
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import or_, select

from fieldsim import api
from fieldsim.errors import did_you_mean
from fieldsim.service import keys
from fieldsim.service import tables as t
from fieldsim.service.database import Database
from fieldsim.service.errors import Refusal, conflict, not_found
from fieldsim.service.ground import Ground

LEASE_S = 15.0
"""A running job whose server has not been heard of for so long is taken up by another."""
MOST_TRIES = 3
MOST_WAITING = 20
KEPT = 50
"""Finished jobs that are kept with their reports."""
ENDED = ("done", "failed", "cancelled")
SHOWN = ("id", "kind", "words", "status", "stage", "done", "total", "who", "created", "ended", "error")
Word = Annotated[str, Field(min_length=1, max_length=200)]


class Question(BaseModel):
    """What to run: `fieldsim compare` or `fieldsim stress` on the served scenario."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["compare", "stress"]
    designs: Annotated[list[Word], Field(max_length=20)] = []
    by: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")] = "contribution"
    horizon: Annotated[int, Field(ge=1, le=8)] | None = None
    effort: Literal["quick", "normal", "thorough"] = "quick"
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    policies: Annotated[list[Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,40}$")]], Field(max_length=10)] = []
    turnover: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] | None = None
    depart: Annotated[list[Word], Field(max_length=20)] = []
    replications: Annotated[int, Field(ge=10, le=1000)] | None = None


def words_of(ground: Ground, asked: Question) -> list[str]:
    """The words of the command after `fieldsim`; nothing in them can be taken for another option, nor name a plug-in."""
    known = api.design_names(ground.scenario)
    for name in asked.designs:
        if name not in known:
            raise Refusal(422, "bad_request", f"no design '{name}'", hint=did_you_mean(name, known), column="designs")
    options = [f"--by={asked.by}", f"--effort={asked.effort}", f"--seed={asked.seed}"]
    options += [f"--horizon={asked.horizon}"] if asked.horizon else []
    if asked.kind == "compare":
        if asked.policies or asked.depart or asked.turnover is not None or asked.replications:
            raise Refusal(422, "bad_request", "policies, turnover, depart and replications belong to a stress run")
        return ["compare", *options, "--", str(ground.scenario.folder), *dict.fromkeys(asked.designs)]
    if len(asked.designs) > 1:
        raise Refusal(422, "bad_request", "a stress run takes one design", column="designs")
    for one in asked.depart:
        if not re.fullmatch(r"[^@]+@\d{4}-\d{2}-\d{2}", one):
            raise Refusal(422, "bad_request", f"'{one}' is no departure", hint="write REP@YYYY-MM-DD", column="depart")
    options += [f"--policy={name}" for name in dict.fromkeys(asked.policies)]
    options += [f"--depart={one}" for one in asked.depart]
    options += [f"--turnover={asked.turnover}"] if asked.turnover is not None else []
    options += [f"--replications={asked.replications}"] if asked.replications else []
    return ["stress", *options, "--", str(ground.scenario.folder), *(asked.designs or [ground.design.name])]


def submit(ground: Ground, database: Database, asked: Question, who: str | None) -> dict[str, Any]:
    """Queue a job."""
    import json

    words, name = words_of(ground, asked), secrets.token_hex(6)
    now = keys.stamp(ground.settings.clock())
    row = {"id": name, "kind": asked.kind, "words": json.dumps(words), "status": "queued", "who": who, "created": now}
    with database.write() as connection:
        waiting = connection.execute(select(t.jobs.c.id).where(t.jobs.c.status.not_in(ENDED))).all()
        if len(waiting) >= MOST_WAITING:
            raise conflict(f"{len(waiting)} jobs are waiting already")
        old = select(t.jobs.c.id).where(t.jobs.c.status.in_(ENDED)).order_by(t.jobs.c.created.desc()).offset(KEPT)
        connection.execute(t.jobs.delete().where(t.jobs.c.id.in_([r.id for r in connection.execute(old)])))
        connection.execute(t.jobs.insert().values(**row, tries=0, cancel=False))
    return job(database, name)


def job(database: Database, name: str) -> dict[str, Any]:
    """One job as it stands; Refusal 404."""
    columns = [t.jobs.c[column] for column in SHOWN]
    with database.read() as connection:
        row = connection.execute(select(*columns).where(t.jobs.c.id == name)).mappings().first()
    if row is None:
        raise not_found("there is no such job")
    return _shown(row)


def all_jobs(database: Database) -> list[dict[str, Any]]:
    """All jobs, latest first."""
    columns = [t.jobs.c[column] for column in SHOWN]
    with database.read() as connection:
        rows = connection.execute(select(*columns).order_by(t.jobs.c.created.desc(), t.jobs.c.id)).mappings().all()
    return [_shown(row) for row in rows]


def _shown(row: Any) -> dict[str, Any]:
    import json

    words = json.loads(row["words"])
    at = words.index("--")
    asked = {"options": words[1:at], "designs": words[at + 2 :]}
    return {**{name: row[name] for name in SHOWN if name != "words"}, **asked}


def result(database: Database, name: str, column: str) -> str:
    """The `answer` (JSON) or `report` (HTML) of a job that is done."""
    with database.read() as connection:
        row = connection.execute(select(t.jobs.c.status, t.jobs.c[column]).where(t.jobs.c.id == name)).first()
    if row is None:
        raise not_found("there is no such job")
    if row.status != "done" or row[1] is None:
        raise conflict(f"this job is {row.status}")
    return str(row[1])


def cancel(ground: Ground, database: Database, name: str) -> dict[str, Any]:
    """Stop a job: a waiting one at once, a running one as soon as its server looks."""
    now = keys.stamp(ground.settings.clock())
    with database.write() as connection:
        mine = t.jobs.c.id == name
        waiting = mine & (t.jobs.c.status == "queued")
        connection.execute(t.jobs.update().where(waiting).values(status="cancelled", ended=now, cancel=True))
        connection.execute(t.jobs.update().where(mine, t.jobs.c.status == "running").values(cancel=True))
    return job(database, name)


def claim(ground: Ground, database: Database, server: str) -> Any:
    """The next job for this server: the oldest that waits, or one whose server has died; None where there is none."""
    now = time.time()
    lost = (t.jobs.c.status == "running") & (t.jobs.c.beat < now - LEASE_S)
    free = or_(t.jobs.c.status == "queued", lost)
    with database.read() as connection:
        if connection.execute(select(t.jobs.c.id).where(free)).first() is None:
            return None
    with database.write() as connection:
        wanted = select(t.jobs).where(free).order_by(t.jobs.c.created, t.jobs.c.id).limit(1)
        row = connection.execute(wanted.with_for_update(skip_locked=True)).mappings().first()
        if row is None:
            return None
        mine = t.jobs.c.id == row["id"]
        if row["cancel"] or row["tries"] >= MOST_TRIES:
            error = None if row["cancel"] else f"given up: {row['tries']} servers died over it"
            status, ended = "cancelled" if row["cancel"] else "failed", keys.stamp(ground.settings.clock())
            connection.execute(t.jobs.update().where(mine).values(status=status, error=error, ended=ended))
            return None
        values = {"status": "running", "server": server, "beat": now, "tries": row["tries"] + 1}
        connection.execute(t.jobs.update().where(mine).values(**values))
        return row


def beat(database: Database, name: str, server: str, **news: Any) -> bool:
    """Say that the job goes on, and how far it is; False: stop it, it was cancelled or is another server's now."""
    mine = (t.jobs.c.id == name) & (t.jobs.c.server == server) & (t.jobs.c.status == "running")
    with database.write() as connection:
        held = connection.execute(t.jobs.update().where(mine).values(beat=time.time(), **news)).rowcount
        stopped = connection.execute(select(t.jobs.c.cancel).where(t.jobs.c.id == name)).scalar_one_or_none()
    return bool(held) and not stopped


def end(database: Database, name: str, server: str, **values: Any) -> None:
    """Write how a job of this server ended."""
    mine = (t.jobs.c.id == name) & (t.jobs.c.server == server) & (t.jobs.c.status == "running")
    with database.write() as connection:
        connection.execute(t.jobs.update().where(mine).values(**values))
