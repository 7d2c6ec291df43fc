"""Who sees what: every endpoint of the app's own list with every role, sessions, and what strangers try."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
from fastapi.routing import APIRoute
from town import MONDAY, SCRIPT, SQL, Town, left

from fieldsim.service import keys

REP = "/api/reps/R01/days"
MEMBERS = {"rep": "rep:R01", "other": "rep:R02", "ops": "ops", "read": "read", "read_rep": "read:R01", "nobody": None}
# endpoint: (method, address, body), then the status for: rep, other rep, ops, read, read of the rep, nobody
TABLE: dict[tuple[str, str], tuple[str, Any, dict[str, int]]] = {}


def row(method: str, template: str, address: str, statuses: str, body: Any = None) -> None:
    found = dict(zip(MEMBERS, map(int, statuses.split()), strict=True))
    TABLE[method, template] = (address, body, found)


#                                                       rep oth ops read read_rep nobody
row("GET", "/healthz", "/healthz", "200 200 200 200 200 200")
row("GET", "/api/me", "/api/me", "200 200 200 200 200 401")
row("GET", "/api/reps/{rep}/days", REP, "200 404 200 200 200 401")
row("GET", "/api/reps/{rep}/days/{date}", f"{REP}/today", "200 404 200 200 200 401")
for feed in ("route.geojson", "route.ics", "route.gpx", "links", "problem.json", "gaps"):
    row("GET", "/api/reps/{rep}/days/{date}/" + feed, f"{REP}/{MONDAY}/{feed}", "200 404 200 200 200 401")
row(
    "POST",
    "/api/reps/{rep}/days/{date}/changes",
    f"{REP}/today/changes",
    "200 404 200 403 403 401",
    {"kind": "late", "minutes": 5},
)
row("POST", "/api/reps/{rep}/days/{date}/hand-over", f"{REP}/today/hand-over", "404 404 200 403 404 401", {"to": "R02"})
row("POST", "/api/reps/{rep}/days/{date}/take-back", f"{REP}/today/take-back", "404 404 409 403 404 401", {"from": "R02"})
row("GET", "/calendar/{token}.ics", "/calendar/CALENDAR.ics", "200 200 200 200 200 200")
row("GET", "/api/keys", "/api/keys", "404 404 200 403 404 401")
row("POST", "/api/keys", "/api/keys", "404 404 201 403 404 401", {"role": "read"})
row("DELETE", "/api/keys/{id}", "/api/keys/SPARE", "404 404 200 403 404 401")
row("GET", "/api/corrections", "/api/corrections", "404 404 200 200 404 401")
row("GET", "/api/corrections.csv", "/api/corrections.csv", "404 404 200 200 404 401")
row("GET", "/api/designs", "/api/designs", "404 404 200 200 404 401")
row("GET", "/api/jobs", "/api/jobs", "404 404 200 200 404 401")
row("POST", "/api/jobs", "/api/jobs", "404 404 201 403 404 401", {"kind": "compare"})
row("GET", "/api/jobs/{id}", "/api/jobs/JOB", "404 404 200 200 404 401")
row("GET", "/api/jobs/{id}/events", "/api/jobs/JOB/events", "404 404 200 200 404 401")
row("GET", "/api/jobs/{id}/report", "/api/jobs/JOB/report", "404 404 200 200 404 401")
row("GET", "/api/jobs/{id}/answer", "/api/jobs/JOB/answer", "404 404 200 200 404 401")
row("POST", "/api/jobs/{id}/cancel", "/api/jobs/JOB/cancel", "404 404 200 403 404 401", {})


def endpoints(town: Town) -> set[tuple[str, str]]:
    """What the app's own OpenAPI document lists."""
    paths = town.app.openapi()["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}


def test_every_endpoint_has_a_row(town: Town) -> None:
    assert endpoints(town) == set(TABLE)


def test_no_endpoint_for_programs_hides_from_the_document(town: Town) -> None:
    hidden = [r.path for r in town.app.routes if isinstance(r, APIRoute) and not r.include_in_schema]
    assert not [path for path in hidden if path.startswith("/api")]


@pytest.mark.parametrize("member", MEMBERS)
def test_every_role_meets_what_the_table_says(town: Town, member: str) -> None:
    from fieldsim.service import jobs
    from fieldsim.service import tables as t

    database, ground = town.app.state.database, town.app.state.ground
    job = jobs.submit(ground, database, jobs.Question(kind="compare", seed=7), None)["id"]
    with database.write() as connection:
        done = {"status": "done", "answer": "{}", "report": "<p>report</p>"}
        connection.execute(t.jobs.update().where(t.jobs.c.id == job).values(**done))
    token = town.day("R01")["calendar"].split("/")[2].removesuffix(".ics")
    spare, _ = keys.give_key(database, "rep", "R03", "spare", town.clock())
    wrong = []
    for (method, template), (address, body, expected) in TABLE.items():
        path = address.replace("JOB", job).replace("CALENDAR", token).replace("SPARE", spare)
        more: dict[str, Any] = {"json": body} if body is not None else {}
        keyed = {"idempotency-key": f"doors-{len(template)}-{method}"}
        answer = town.request(MEMBERS[member], method, path, headers=keyed, **more)
        if answer.status_code != expected[member]:
            wrong.append((method, template, member, answer.status_code, answer.text[:200]))
        if answer.status_code >= 400:
            assert set(answer.json()["error"]) >= {"code", "message", "hint"}
    assert not wrong


def test_another_rep_s_day_looks_like_one_that_does_not_exist(town: Town) -> None:
    mine = town.get("rep:R01", "/api/reps/R02/days/today")
    none = town.get("rep:R01", "/api/reps/R99/days/today")
    assert (mine.status_code, mine.json()) == (none.status_code, none.json())


def test_a_revoked_key_ends_its_sessions_and_the_calendar(town: Town) -> None:
    key, database = town.key("rep:R01"), town.app.state.database
    calendar = town.day()["calendar"]
    secret = keys.open_session(database, key, town.clock())
    cookie = {"cookie": f"fieldsim={secret}"}
    assert town.get(None, "/api/me", headers=cookie).json()["rep"] == "R01"
    assert town.get(None, calendar).status_code == 200
    assert town.request("ops", "DELETE", f"/api/keys/{town.ids['rep:R01']}").status_code == 200
    assert town.get(None, "/api/me", headers=cookie).status_code == 401
    assert town.get("rep:R01", "/api/me").status_code == 401
    assert town.get(None, calendar).status_code == 404


def test_a_session_ends_by_itself(town: Town) -> None:
    secret = keys.open_session(town.app.state.database, town.key("rep:R01"), town.clock())
    town.clock.set("2027-02-01T08:00")
    assert town.get(None, "/api/me", headers={"cookie": f"fieldsim={secret}"}).status_code == 401


def test_keys_are_stored_as_hashes_only(town: Town) -> None:
    key = town.key("ops")
    secret = keys.open_session(town.app.state.database, key, town.clock())
    with town.app.state.database.read() as connection:
        for table in ("access_key", "browser_session"):
            text = repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            assert key not in text
            assert secret not in text
    assert key not in town.get("ops", "/api/keys").text


def test_a_cookie_writes_only_from_our_own_pages(town: Town) -> None:
    secret = keys.open_session(town.app.state.database, town.key("rep:R01"), town.clock())
    send: dict[str, Any] = {"json": {"kind": "late", "minutes": 5}}
    for number, (header, status) in enumerate(
        [
            ({"origin": "http://testserver"}, 200),
            ({"sec-fetch-site": "same-origin"}, 200),
            ({"origin": "https://elsewhere.example"}, 403),
            ({"origin": "null"}, 403),
            ({"sec-fetch-site": "cross-site"}, 403),
            ({}, 403),
        ]
    ):
        headers = {"cookie": f"fieldsim={secret}", "idempotency-key": f"origin-{number}", **header}
        assert town.request(None, "POST", f"{REP}/today/changes", headers=headers, **send).status_code == status, header


def test_the_log_holds_templates_and_no_secret(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    calendar = town.day()["calendar"]
    town.get(None, calendar)
    town.get("rep:R01", "/api/me?key=" + town.key("rep:R01"))
    text = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("httpx"))
    assert "GET /calendar/{token}.ics 200" in text
    assert "GET /api/reps/{rep}/days/{date} 200" in text
    assert calendar not in text
    assert town.key("rep:R01") not in text


def test_security_headers_are_on_every_answer(town: Town) -> None:
    for who, path in (("rep:R01", f"{REP}/today"), (None, "/api/me"), (None, "/nowhere"), ("rep:R01", f"{REP}/never")):
        headers = town.get(who, path).headers
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


def test_bodies_are_bounded_also_without_a_length(town: Town) -> None:
    import asyncio

    huge = town.change(kind="done", account=left(town.day())[0], note="x" * 70_000)
    assert (huge.status_code, huge.json()["error"]["code"]) == (413, "too_large")
    headers = [(b"authorization", f"Bearer {town.key('rep:R01')}".encode()), (b"idempotency-key", b"endless-1")]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": f"{REP}/today/changes",
        "raw_path": b"",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [*headers, (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    said: list[Any] = []
    sent = iter(range(1000))

    async def receive() -> dict[str, Any]:
        next(sent)
        return {"type": "http.request", "body": b" " * 8192, "more_body": True}

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(town.app(scope, receive, send))
    assert said[0]["status"] == 413
    assert next(sent) < 20


def test_guessing_keys_is_slowed_down(town: Town) -> None:
    statuses = [town.get(None, "/api/me", headers={"authorization": f"Bearer fs_{k}"}).status_code for k in range(60)]
    assert set(statuses[:15]) == {401}
    assert statuses[-1] == 429
    assert town.get("rep:R01", "/api/me").status_code == 200


def test_one_key_cannot_take_the_whole_server(town: Town) -> None:
    from fieldsim.service.guard import Meter

    meter = Meter(600)
    assert sum(not meter.full("one") for _ in range(1000)) < 100
    assert not meter.full("another")


HOSTILE = [
    "/api/reps/..%2f..%2fetc%2fpasswd/days/today",
    "/api/reps/R01%00/days/today",
    "/api/reps/R01/days/2026-13-45",
    "/api/reps/R01/days/0000-00-00",
    "/api/reps/R01/days/2026-10-5",
    "/api/reps/R01/days/20261005",
    "/api/reps/R01/days/2026-W41-1",
    "/api/reps/R01' OR '1'='1/days/today",
    "/api/reps/r01/days/today",
    "/static/../service.sqlite",
    "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/calendar/..%2fR01.ics",
    "/calendar/%27%20OR%201=1.ics",
    "/api/jobs/%2e%2e/report",
]


@pytest.mark.parametrize("path", HOSTILE)
@pytest.mark.parametrize("who", ["rep:R01", "ops"])
def test_hostile_addresses_find_nothing(town: Town, path: str, who: str) -> None:
    answer = town.get(who, path)
    assert answer.status_code in (404, 422), answer.text
    assert set(answer.json()["error"]) >= {"code", "message", "hint"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"kind":"nothing"}',
        b'{"kind":"done"}',
        b'{"kind":"done","account":7}',
        b'{"kind":"late","minutes":-5}',
        b'{"kind":"late","minutes":1e99}',
        b'{"kind":"pin","account":"A000","start_s":99999999}',
        b'{"kind":"location_wrong","account":"A000","lat":NaN}',
        b'{"kind":"order","order":"A000"}',
        b'{"kind":"done","account":"A000","extra":1}',
        b'{"kind":"done","account":"' + b"[" * 50_000 + b'"}',
        b"\xff\xfe",
        b"[" * 60_000,
    ],
)
def test_wrong_bodies_are_told_in_the_house_s_shape(town: Town, body: bytes) -> None:
    headers = {"content-type": "application/json", "idempotency-key": "wrong-body-1"}
    answer = town.request("rep:R01", "POST", f"{REP}/today/changes", content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["error"]["code"] == "bad_request"


@pytest.mark.parametrize("key", [None, "short", "x" * 101, "with space in"])
def test_a_change_needs_a_proper_key(town: Town, key: str | None) -> None:
    headers = {"idempotency-key": key} if key else {}
    body = {"kind": "late", "minutes": 5}
    assert town.request("rep:R01", "POST", f"{REP}/today/changes", json=body, headers=headers).status_code == 422


def test_names_that_look_like_code_stay_names(town: Town) -> None:
    ground = town.app.state.ground
    for account, name in (("A003", SCRIPT), ("A004", SQL)):
        rep = f"R{ground.accounts[account] % 3 + 1:02d}"
        added = town.change(rep, kind="add", account=account)
        if added.status_code == 409:
            continue
        stop = next(s for s in added.json()["stops"] if s["account"] == account)
        assert stop["name"] == name
        for feed in ("route.geojson", "route.ics", "route.gpx"):
            text = town.get(f"rep:{rep}", f"/api/reps/{rep}/days/today/{feed}").text
            assert feed == "route.geojson" or "<script>" not in text or feed == "route.ics"
    note = town.changed("R01", kind="hours_wrong", account=left(town.day())[0], note=SQL + SCRIPT)
    assert note["version"] >= 1
    assert json.loads(town.get("ops", "/api/corrections").text)["corrections"][0]["note"] == SQL + SCRIPT
    assert town.day()["version"] == note["version"]


def test_the_calendar_s_address_is_a_secret_of_its_own(town: Town) -> None:
    one, two = town.day("R01")["calendar"], town.day("R02")["calendar"]
    assert one != two
    assert re.fullmatch(r"/calendar/[\w-]{32}\.ics", one)
    assert town.get(None, "/calendar/" + "x" * 32 + ".ics").status_code == 404
    assert town.get("read:R01", f"{REP}/today").json()["calendar"] is None


def test_the_pages_files_are_kept_under_the_name_of_their_content(town: Town) -> None:
    from fieldsim.service.files import version

    named = town.get(None, f"/static/app.js?v={version()}")
    assert named.headers["cache-control"] == "public, max-age=31536000, immutable"
    for other in ("/static/app.js", "/static/app.js?v=old"):
        answer = town.get(None, other)
        assert answer.headers["cache-control"] == "no-cache"
        again = town.get(None, other, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert town.get(None, "/static/nothing.js?v=" + version()).headers["cache-control"] == "no-store"


def test_several_processes_allow_together_what_one_does() -> None:
    from fieldsim.service.guard import Meter

    one, three = Meter(600), [Meter(600, 3) for _ in range(3)]
    alone = sum(not one.full("key") for _ in range(500))
    together = sum(not meter.full("key") for meter in three for _ in range(500))
    assert abs(alone - together) <= 3
