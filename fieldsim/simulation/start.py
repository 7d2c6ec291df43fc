"""Empty state and log of a replication, and the log as the columns of a Quarter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fieldsim.luck import normals, stream
from fieldsim.model import LOG_COLUMNS, Floats, Ints, Quarter
from fieldsim.simulation.draws import pairs, spreads, waits
from fieldsim.simulation.leavers import Gap
from fieldsim.simulation.ledgers import by_time
from fieldsim.simulation.memory import borrow, give_back
from fieldsim.simulation.nouns import (
    CANDIDATE,
    LEDGER,
    LEDGER_ROWS,
    LUCK,
    MINUTES,
    OWED,
    POOL,
    STATE,
    VISIT_ROWS,
    WALK,
    Field,
    Records,
    World,
)
from fieldsim.simulation.stage import Stage


def new_world(stage: Stage, seed: int, replication: int, rows: int) -> World:
    """The world before its opening; `rows` scales the buffers whose need is not known beforehand."""
    w = stage.world
    n, quarters = len(w.book) - 1, len(w.edges) - 1
    reps = w.reps.copy()
    reps["skill"] = normals(stream(seed, replication, "skill"), np.ascontiguousarray(reps["key"]), 1)[:, 0] * stage.skill_sigma
    reps["absent"] = reps["left"]
    places = np.diff(stage.field.ground["book_from"])
    room = np.bincount(stage.rep_of[stage.rep_of >= 0], weights=places[stage.rep_of >= 0], minlength=len(reps)).astype(np.int64)
    reps["owing"] = np.concatenate([[0], np.cumsum(room)[:-1]])
    luck = np.zeros(1, dtype=LUCK)
    for purpose in LUCK.names or ():
        luck[purpose] = stream(seed, replication, purpose)
    ledger = rows * ((1 + 3 * quarters) * n + 2 * len(w.overlay) * (1 + quarters) + 256)
    return w._replace(
        state=borrow("state", n, STATE),
        chances=_chances(stage, luck),
        owing=borrow("owing", int(room.sum()), OWED),
        candidate=borrow("candidate", n * w.candidate.shape[1], CANDIDATE).reshape(n, -1),
        pool=borrow("pool", rows * (n + 64), POOL),
        reps=reps,
        ledger=borrow("ledger", ledger, LEDGER),
        used=np.array([0, 0, 0, -1, 0], dtype=np.int64),
        luck=luck,
    )


def _chances(stage: Stage, luck: Records) -> Floats:
    """What is drawn for each account at the start."""
    entities, m = stage.field.entities, stage.world.market[0]
    n, layers = len(entities), stage.world.candidate.shape[1]
    found, zero = borrow("chances", (9 + 2 * layers) * n, np.float64).reshape(-1, n), np.zeros(n, dtype=np.int64)
    spare, first = found[8 + 2 * layers], 8
    pairs(luck["account"][0], entities, zero, 0, found[4], found[5])
    spreads(found[4], m["mix_sigma"], found[0])
    spreads(found[5], m["size_sigma"], found[1])
    pairs(luck["phase"][0], entities, zero, 0, found[2], found[3])
    pairs(luck["churn"][0], entities, zero, 0, spare, found[5])
    waits(spare, found[4])
    pairs(luck["attack"][0], entities, zero, 0, spare, found[7])
    waits(spare, found[6])
    for layer in range(layers):
        pairs(luck["candidate"][0], entities, zero, layer, spare, found[first + 2 * layer + 1])
        waits(spare, found[first + 2 * layer])
    return found


def _fates(stage: Stage, luck: Records) -> Floats:
    """What is drawn for each planned visit."""
    f, m = stage.field, stage.world.market[0]
    found = borrow("fates", 4 * len(f.stops), np.float64).reshape(4, -1)
    pairs(luck["leg"][0], f.visitors, f.indices, 0, found[0], found[1])
    spreads(found[0], m["travel_sigma"], found[2])
    spreads(found[1], m["visit_sigma"], found[3])
    pairs(luck["missed"][0], f.visitors, f.indices, 0, found[0], found[1])
    return found


def new_field(stage: Stage, luck: Records, rows: int) -> Field:
    """The field with the luck of its visits, and empty buffers for visits and minutes."""
    f, reps = stage.field, len(stage.world.reps)
    stops, days = len(f.stops), len(f.days) - 1
    longest = int(np.diff(f.days["stop_from"]).max(initial=0))
    return f._replace(
        chain=f.chain.copy(),
        fates=_fates(stage, luck),
        weather=np.ones(len(f.areas)),
        visits=np.empty((12, rows * (stops + stops // 4 + 64)), dtype=np.int64),
        minutes=np.zeros(days, dtype=MINUTES),
        walks=np.zeros(reps, dtype=WALK),
        scratch=np.empty((reps, 2 * longest + 8), dtype=np.int64),
        slack=np.empty((reps, 2 * longest + 8, 3)),
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


def _ledger(stage: Stage, w: World, desk: Records) -> dict[str, Ints | Floats]:
    """The ledger as columns in order of time; rows of the same moment stand in order of account."""
    n = int(w.used[LEDGER_ROWS])
    low, days = -float(w.market["warm"][0]), float(w.market["warm"][0]) + stage.days + 1.0
    columns, boxes = np.empty((len(LEDGER.names or ()), n), dtype=np.int64), n // 4 + 1
    by_time(desk, low, boxes / days, np.zeros(boxes + 2, dtype=np.int64), np.empty(n), np.empty(n, dtype=np.int64), columns)
    return {name: column.view(LEDGER[name]) for name, column in zip(LEDGER.names or (), columns, strict=True)}


def quarter_log(
    stage: Stage,
    w: World,
    f: Field,
    desk: Records,
    replication: int,
    gaps: Sequence[Gap] = (),
    more: Sequence[tuple[float, ...]] = (),
) -> Quarter:
    """The buffers as columns: visits and days in the order walked, the ledger in order of time and account.

    `more` are days of specialists, rows of minutes.
    """
    visits = f.visits[:, : w.used[VISIT_ROWS]]
    ledger = _ledger(stage, w, desk)
    table = f.minutes.view(np.float64).reshape(-1, 10)
    minutes = table[table[:, 0] >= 0.0].T.copy()
    if more:
        minutes = np.concatenate([minutes, np.array(more).T], axis=1)
    whole = ("rep", "date", "distance_m")
    return Quarter(
        design=stage.design,
        replication=replication,
        days=stage.days,
        visits={name: visits[k] for k, name in enumerate(LOG_COLUMNS["visits"])},
        minutes={
            name: minutes[k].astype(np.int64) if name in whole else minutes[k] for k, name in enumerate(LOG_COLUMNS["minutes"])
        },
        ledger={name: ledger[name] for name in LOG_COLUMNS["ledger"]},
        quotas=stage.quotas,
        seats=seats_with(stage.seats, gaps, stage.days) if gaps else stage.seats,
        due=stage.due,
    )


def hand_in(w: World, f: Field) -> None:
    """Give the memory of a replication that is over to the next one."""
    for name in ("state", "owing", "candidate", "pool", "ledger", "chances"):
        give_back(name, getattr(w, name))
    give_back("fates", f.fates)
