"""Empty state and log of a replication, and the log as the columns of a Quarter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fieldsim.luck import normals, stream
from fieldsim.model import LOG_COLUMNS, Ints, Quarter
from fieldsim.simulation.leavers import Gap
from fieldsim.simulation.nouns import CANDIDATE, LEDGER, LEDGER_ROWS, LUCK, POOL, STATE, VISIT_ROWS, Field, World
from fieldsim.simulation.stage import Stage


def new_world(stage: Stage, seed: int, replication: int, rows: int) -> World:
    """The world before its opening; `rows` scales the buffers whose need is not known beforehand."""
    w = stage.world
    n, quarters = len(w.book) - 1, len(w.edges) - 1
    reps = w.reps.copy()
    reps["skill"] = normals(stream(seed, replication, "skill"), np.ascontiguousarray(reps["key"]), 1)[:, 0] * stage.skill_sigma
    luck = np.zeros(1, dtype=LUCK)
    for purpose in LUCK.names or ():
        luck[purpose] = stream(seed, replication, purpose)
    ledger = rows * ((1 + 3 * quarters) * n + 2 * len(w.overlay) * (1 + quarters) + 256)
    return w._replace(
        state=np.zeros(n, dtype=STATE),
        due=np.zeros(n),
        candidate=np.zeros((n, w.candidate.shape[1]), dtype=CANDIDATE),
        pool=np.zeros(rows * (n + 64), dtype=POOL),
        reps=reps,
        ledger=np.empty(ledger, dtype=LEDGER),
        used=np.array([0, 0, 0, -1, 0], dtype=np.int64),
        market=w.market[0],
        luck=luck[0],
    )


def new_field(stage: Stage, rows: int) -> Field:
    """The field with empty buffers for visits and minutes."""
    stops, days = len(stage.field.stops), len(stage.field.days) - 1
    return stage.field._replace(
        visits=np.empty((rows * (stops + stops // 4 + 64), 12), dtype=np.int64),
        minutes=np.zeros((days, 10)),
        scratch=np.empty(int(np.diff(stage.field.days["stop_from"]).max(initial=0)), dtype=np.int64),
    )


def seats_with(seats: dict[str, Ints], gaps: Sequence[Gap], days: int) -> dict[str, Ints]:
    """Who sits where when seats fell vacant in between; a day belongs to whoever starts it."""
    rows = []
    for territory, rep, start, end in zip(*(seats[name].tolist() for name in LOG_COLUMNS["seats"]), strict=True):
        for gap in gaps:
            if gap.rep == rep >= 0:
                leaves, hired = int(min(days, np.ceil(gap.leaves))), int(min(days, np.ceil(gap.hired)))
                rows += [(territory, rep, start, leaves), (territory, -1, leaves, hired)]
                start = hired
        rows.append((territory, rep, start, end))
    kept = [row for row in rows if row[2] < row[3]]
    return {
        name: np.array(column, dtype=np.int64) for name, column in zip(LOG_COLUMNS["seats"], zip(*kept, strict=True), strict=True)
    }


def quarter_log(stage: Stage, w: World, f: Field, replication: int, gaps: Sequence[Gap] = ()) -> Quarter:
    """The buffers as columns: visits and days in the order walked, the ledger in order of time and account."""
    visits = f.visits[: w.used[VISIT_ROWS]].T.copy()
    ledger = w.ledger[: w.used[LEDGER_ROWS]]
    ledger = ledger[np.argsort(ledger["time"], kind="stable")]  # rows of the same moment stand in order of account
    minutes = f.minutes[f.minutes[:, 0] >= 0.0].T.copy()
    whole = ("rep", "date", "distance_m")
    return Quarter(
        design=stage.design,
        replication=replication,
        days=stage.days,
        visits={name: visits[k] for k, name in enumerate(LOG_COLUMNS["visits"])},
        minutes={
            name: minutes[k].astype(np.int64) if name in whole else minutes[k] for k, name in enumerate(LOG_COLUMNS["minutes"])
        },
        ledger={name: ledger[name].copy() for name in LOG_COLUMNS["ledger"]},
        quotas=stage.quotas,
        seats=seats_with(stage.seats, gaps, stage.days) if gaps else stage.seats,
        due=stage.due,
    )
