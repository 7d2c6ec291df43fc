"""A rep's day: outcomes, pins, own order, freeze, differences, undo; every answer checked against the day's own rules."""

from __future__ import annotations

import itertools

import httpx
from town import MONDAY, Town, left, starts


def check(day: dict) -> None:  # type: ignore[type-arg]
    """What is true of any day: no stop twice, times in order, service inside the stay, agreed times in opening hours or exact."""
    planned = [stop for stop in day["stops"] if stop["state"] == "planned"]
    names = [stop["account"] for stop in day["stops"]]
    assert len(set(names)) == len(names)
    assert not set(names) & {row["account"] for row in day["skipped"]}
    for stop in planned:
        assert stop["arrive_s"] <= stop["start_s"] <= stop["leave_s"] - stop["service_s"]
        if not stop["agreed"]:
            assert any(a <= stop["start_s"] <= b for a, b in stop["opens_today"])
    for one, other in itertools.pairwise(planned):
        assert one["leave_s"] + other["travel_s"] <= other["arrive_s"]


def test_the_day_is_the_plan_s_route(town: Town) -> None:
    from fieldsim import api

    ground = town.app.state.ground
    route = api.day_of(ground.scenario, ground.design, rep="R01", date=MONDAY, effort="quick").route
    day = town.day()
    assert [(s["account"], s["start_s"]) for s in day["stops"]] == [(s.id, s.start_s) for s in route.stops]
    assert (day["depart_s"], day["finish_s"], day["travel_s"]) == (route.depart_s, route.finish_s, route.travel_s)
    assert day["version"] == 0
    assert town.day(date=MONDAY) == day
    check(day)


def test_a_day_off_names_the_next_working_day(town: Town) -> None:
    answer = town.get("rep:R01", "/api/reps/R01/days/2026-10-04")
    assert (answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["next"]) == (404, "day_off", MONDAY)


def test_done_leaves_then_and_the_rest_follows(town: Town) -> None:
    before = town.day()
    first = left(before)[0]
    town.clock.set(f"{MONDAY}T09:40")
    after = town.changed(kind="done", account=first, next_step="send the offer", note="met the owner")
    held = after["stops"][0]
    assert (held["account"], held["state"], held["leave_s"]) == (first, "done", 9 * 3600 + 2400)
    assert (held["note"], held["next_step"]) == ("met the owner", "send the offer")
    assert all(start >= held["leave_s"] for start in starts(after).values())
    check(after)


def test_a_check_in_from_the_outbox_counts_when_it_happened(town: Town) -> None:
    one, two = left(town.day())[:2]
    town.clock.set(f"{MONDAY}T12:00")
    town.changed(kind="done", account=one, at_s=9 * 3600)
    day = town.changed(kind="no_show", account=two, at_s=9 * 3600 + 1800)
    assert [(s["account"], s["state"], s["leave_s"]) for s in day["stops"][:2]] == [
        (one, "done", 9 * 3600),
        (two, "no_show", 9 * 3600 + 1800),
    ]


def test_a_cancelled_visit_leaves_and_pins_stay(town: Town) -> None:
    day = town.day()
    names = left(day)
    pinned = {names[2]: 11 * 3600, names[-1]: 15 * 3600}
    for name, start in pinned.items():
        day = town.changed(kind="pin", account=name, start_s=start)
    assert {name: starts(day)[name] for name in pinned} == pinned
    gone = next(name for name in left(day) if name not in pinned)
    day = town.changed(kind="cancelled", account=gone)
    assert gone not in left(day)
    assert {name: starts(day)[name] for name in pinned} == pinned
    assert next(s for s in day["stops"] if s["account"] == gone)["state"] == "cancelled"
    check(day)


def test_every_re_plan_keeps_the_own_order(town: Town) -> None:
    names = left(town.day())
    mine = [names[1], names[0], *names[2:]]
    day = town.changed(kind="order", order=mine)
    assert day["own_order"]
    ranked = [name for name in left(day) if name in mine]
    assert ranked == [name for name in mine if name in ranked]
    day = town.changed(kind="cancelled", account=ranked[3])
    day = town.changed(kind="late", minutes=20)
    again = left(day)
    assert again == [name for name in ranked if name in again]
    check(day)
    assert not town.changed(kind="order_clear")["own_order"]


def test_keep_mine_brings_the_former_order_back(town: Town) -> None:
    names = left(town.day())
    mine = [*reversed(names[:4]), *names[4:]]
    mine = left(town.changed(kind="order", order=mine))
    freed = town.changed(kind="order_clear")
    assert freed["difference"]["can_keep_mine"]
    assert "stop" in freed["difference"]["sentence"]
    kept = town.changed(kind="keep_mine")
    assert left(kept) == [name for name in mine if name in left(kept)]
    assert kept["own_order"]
    assert town.change(kind="keep_mine").status_code == 409


def test_undo_takes_back_one_change_after_another_for_ten_minutes(town: Town) -> None:
    first = town.day()
    one, two = left(first)[:2]
    town.changed(kind="cancelled", account=one)
    town.changed(kind="cancelled", account=two)
    back = town.changed(kind="undo")
    assert one not in left(back)
    assert two in left(back)
    back = town.changed(kind="undo")
    assert [(s["account"], s["start_s"], s["state"]) for s in back["stops"]] == [
        (s["account"], s["start_s"], s["state"]) for s in first["stops"]
    ]
    assert not back["can_undo"]
    assert town.change(kind="undo").status_code == 409
    assert town.changed(kind="cancelled", account=one)["can_undo"]
    town.clock.set(f"{MONDAY}T07:41")
    assert not town.day()["can_undo"]
    assert town.change(kind="undo").status_code == 409


def test_agreed_visits_of_the_next_two_hours_are_frozen(town: Town) -> None:
    name = left(town.day())[1]
    day = town.changed(kind="pin", account=name, start_s=10 * 3600)
    assert not next(s for s in day["stops"] if s["account"] == name)["frozen"]
    town.clock.set(f"{MONDAY}T08:01")
    stop = next(s for s in town.day()["stops"] if s["account"] == name)
    assert stop["frozen"]
    assert stop["pinned"]


def test_running_late_moves_agreed_times_only_where_it_must(town: Town) -> None:
    names = left(town.day())
    town.changed(kind="pin", account=names[2], start_s=10 * 3600 + 1800)
    town.changed(kind="pin", account=names[-1], start_s=16 * 3600)
    town.clock.set(f"{MONDAY}T08:05")
    day = town.changed(kind="late", minutes=180)
    assert abs(starts(day)[names[-1]] - 16 * 3600) <= 15 * 60
    assert starts(day)[names[2]] > 10 * 3600 + 1800
    assert day["difference"]["agreed_moved"] == 1
    check(day)


def test_a_gap_is_filled_at_the_detour_that_was_told(town: Town) -> None:
    names = left(town.day())
    town.clock.set(f"{MONDAY}T08:00")
    day = town.changed(kind="cancelled", account=names[-1])
    found = town.get("rep:R01", "/api/reps/R01/days/today/gaps").json()["candidates"]
    assert found
    assert len(found) <= 10
    assert [row["detour_minutes"] for row in found] == sorted(row["detour_minutes"] for row in found)
    mine = {n for n, a in town.app.state.ground.accounts.items() if a % 3 == 0}
    assert {row["account"] for row in found} <= mine - set(left(day))
    after = town.changed(kind="add", account=found[0]["account"])
    assert found[0]["account"] in left(after)
    assert set(left(day)) <= set(left(after))
    assert after["travel_s"] - day["travel_s"] <= 60 * found[0]["detour_minutes"] + 60
    check(after)


def test_what_makes_no_sense_is_a_conflict(town: Town) -> None:
    day = town.day()
    one = left(day)[0]
    town.changed(kind="done", account=one, at_s=33_000)
    other = next(name for name, k in town.app.state.ground.accounts.items() if k % 3 == 0 and name not in left(day))
    for body in (
        {"kind": "done", "account": one},
        {"kind": "cancelled", "account": other},
        {"kind": "unpin", "account": left(day)[1]},
        {"kind": "order", "order": [other]},
        {"kind": "add", "account": left(day)[1]},
        {"kind": "pin", "account": left(day)[1], "start_s": 3600},
    ):
        answer = town.change(**body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict"), body
    assert town.change(kind="done", account=left(day)[1], date="2026-10-06").status_code == 409


def test_the_next_visit_shows_the_last_one_and_its_next_step(town: Town) -> None:
    ground = town.app.state.ground
    plan = ground.plan("R01", 0)
    part = plan.territories[0]
    dates: dict[str, list[str]] = {}
    for account, day in zip(part.account.tolist(), part.day.tolist(), strict=True):
        dates.setdefault(ground.scenario.accounts.ids[account], []).append(plan.days[day].isoformat())
    name, (first, second) = next((n, sorted(d)[:2]) for n, d in sorted(dates.items()) if len(d) > 1)
    town.clock.set(f"{second}T20:00")
    assert next(s for s in town.day(date=second)["stops"] if s["account"] == name)["last_visit"] is None
    town.changed(date=first, kind="done", account=name, next_step="bring the sample")
    stop = next(s for s in town.day(date=second)["stops"] if s["account"] == name)
    assert (stop["last_visit"], stop["next_step"]) == (first, "bring the sample")


def test_a_colleague_takes_over_in_one_step(town: Town) -> None:
    before, other = town.day("R01"), town.day("R02")
    pinned = left(before)[0]
    town.changed("R01", kind="pin", account=pinned, start_s=10 * 3600)
    path = f"/api/reps/R01/days/{MONDAY}/hand-over"
    send = {"json": {"to": "R02"}, "headers": {"idempotency-key": "sick-rep-1"}}
    answer = town.request("ops", "POST", path, **send)
    assert answer.status_code == 200, answer.text
    mine, theirs = answer.json()["from"], answer.json()["to"]
    assert left(mine) == []
    assert {row["reason"] for row in mine["skipped"]} == {"handed_over"}
    assert starts(theirs)[pinned] == 10 * 3600
    told = {row["account"] for row in answer.json()["left_out"]}
    assert set(left(before)) == (set(left(before)) & set(left(theirs))) | told
    assert theirs["version"] == other["version"] + 1
    assert town.request("ops", "POST", path, **send).json()["to"]["version"] == theirs["version"]
    assert town.get("rep:R01", "/api/reps/R02/days/today").status_code == 404
    check(theirs)


def exchange(town: Town, way: str, body: dict[str, str], key: str = "") -> httpx.Response:
    headers = {"idempotency-key": key or f"exchange-{next(town.numbers)}"}
    return town.request("ops", "POST", f"/api/reps/R01/days/{MONDAY}/{way}", json=body, headers=headers)


def test_a_day_handed_over_comes_back_as_it_was(town: Town) -> None:
    town.day("R01")
    town.changed("R01", kind="pin", account=left(town.day("R01"))[0], start_s=10 * 3600)
    mine, theirs = town.day("R01"), town.day("R02")
    assert exchange(town, "hand-over", {"to": "R02"}).status_code == 200
    back = exchange(town, "take-back", {"from": "R02"}, "back-again-1")
    assert back.status_code == 200, back.text
    assert (starts(town.day("R01")), starts(town.day("R02"))) == (starts(mine), starts(theirs))
    assert [stop["pinned"] for stop in town.day("R01")["stops"]] == [stop["pinned"] for stop in mine["stops"]]
    assert town.day("R01")["skipped"] == mine["skipped"]
    again = exchange(town, "take-back", {"from": "R02"}, "back-again-1")
    assert again.json()["to"]["version"] == back.json()["to"]["version"]
    assert exchange(town, "take-back", {"from": "R02"}).status_code == 409
    assert exchange(town, "take-back", {"from": "R01"}).status_code == 409


def test_what_the_colleague_has_done_stays_with_the_colleague(town: Town) -> None:
    names = left(town.day("R01"))
    exchange(town, "hand-over", {"to": "R02"})
    taken = [name for name in left(town.day("R02")) if name in names]
    town.changed("R02", kind="done", account=taken[0])
    town.changed("R02", kind="skip", account=taken[1])
    town.clock.set(f"{MONDAY}T07:40")
    assert exchange(town, "take-back", {"from": "R02"}).status_code == 200
    held = [row["account"] for row in town.day("R01")["skipped"] if row["reason"] == "handed_over"]
    assert taken[0] in held
    assert taken[1] in left(town.day("R01"))
    assert not {*held} & {*left(town.day("R01"))}
    assert not {*names} & {*left(town.day("R02"))} - {*held}
    check(town.day("R01"))
    check(town.day("R02"))


def test_a_day_handed_on_to_its_owner_is_the_owner_s_again(town: Town) -> None:
    names = left(town.day("R01"))
    exchange(town, "hand-over", {"to": "R02"})
    headers = {"idempotency-key": "and-back-by-hand"}
    path = f"/api/reps/R02/days/{MONDAY}/hand-over"
    assert town.request("ops", "POST", path, json={"to": "R01"}, headers=headers).status_code == 200
    day = town.day("R01")
    assert set(names) <= {*left(day), *(row["account"] for row in day["skipped"])}
    assert not [row for row in day["skipped"] if row["reason"] == "handed_over"]
    check(day)


def test_a_note_comes_after_the_tap_without_moving_anything(town: Town) -> None:
    first, second = left(town.day())[:2]
    assert town.change(kind="note", account=first, note="too early").status_code == 409
    town.changed(kind="done", account=first, note="spoke to Ana")
    before = town.changed(kind="cancelled", account=second)
    after = town.changed(kind="note", account=first, next_step="bring the sample")
    said = next(stop for stop in after["stops"] if stop["account"] == first)
    assert (said["note"], said["next_step"], said["state"]) == ("spoke to Ana", "bring the sample", "done")
    assert starts(after) == starts(before)
    assert after["difference"] == before["difference"]
    assert town.change(kind="note", account=first).status_code == 422
    assert next(s for s in town.changed(kind="note", account=first, note="")["stops"] if s["account"] == first)["note"] is None
    assert next(s for s in town.changed(kind="undo")["stops"] if s["account"] == first)["note"] == "spoke to Ana"


def test_keep_mine_still_works_after_a_note(town: Town) -> None:
    for name in left(town.day()):
        day = town.changed(kind="cancelled", account=name)
        if day["difference"] and day["difference"]["can_keep_mine"]:
            town.changed(kind="note", account=name, note="rang at noon")
            assert town.changed(kind="keep_mine")["own_order"]
            return
        town.changed(kind="undo")


def test_corrections_reach_ops_and_undo_takes_them_back(town: Town) -> None:
    name = left(town.day())[0]
    day = town.changed(kind="location_wrong", account=name, lat=-29.9, lon=-71.2, note="=HYPERLINK()")
    assert left(day)[0] == name
    town.changed(kind="hours_wrong", account=name, opens="Mo-Fr 10:00-12:00")
    rows = town.get("ops", "/api/corrections").json()["corrections"]
    assert [(r["kind"], r["rep"], r["lat"], r["opens"]) for r in rows] == [
        ("hours_wrong", "R01", None, "Mo-Fr 10:00-12:00"),
        ("location_wrong", "R01", -29.9, None),
    ]
    assert ",'=HYPERLINK()," in town.get("ops", "/api/corrections.csv").text
    town.changed(kind="undo")
    assert len(town.get("ops", "/api/corrections").json()["corrections"]) == 1
