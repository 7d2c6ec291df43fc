"""Every page and form against every kind of key: who gets in, who is sent to the door, who finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import httpx
import pytest
from fastapi.routing import APIRoute
from service.browser.house import House

from fieldsim.service.pages import PARTS

MEMBERS = ("mine", "other", "ops", "read", "read other", "nobody")
LATE = {"kind": "late", "minutes": "5", "rep": "R01"}
TABLE = [
    # method, route, address, form, what each member meets: 303 is the way to another page, for nobody always to /in
    ("GET", "/", "/", None, "200 200 303 303 200 303"),
    ("GET", "/", "/?rep=R01", None, "200 404 200 200 404 303"),
    ("POST", "/day/{date}/change", "/day/today/change", LATE, "303 404 303 403 404 303"),
    ("GET", "/gaps", "/gaps?rep=R01", None, "200 404 200 200 404 303"),
    ("GET", "/in", "/in", None, "200 200 200 200 200 200"),
    ("POST", "/in", "/in", {"key": "fs_wrong"}, "401 401 401 401 401 401"),
    ("POST", "/out", "/out", {}, "303 303 303 303 303 303"),
    ("GET", "/privacy", "/privacy", None, "200 200 200 200 200 200"),
    ("GET", "/sw.js", "/sw.js", None, "200 200 200 200 200 200"),
    ("GET", "/docs", "/docs", None, "200 200 200 200 200 200"),
    ("GET", "/ops", "/ops", None, "404 404 200 200 404 303"),
    ("GET", "/ops/maps", "/ops/maps", None, "404 404 200 200 404 303"),
    ("POST", "/ops/take-back", "/ops/take-back", {"rep": "R01", "from": "R02", "date": "today"}, "404 404 303 403 404 303"),
    ("POST", "/ops/hand-over", "/ops/hand-over", {"rep": "R01", "to": "R09", "date": "today"}, "404 404 303 403 404 303"),
    ("POST", "/ops/keys", "/ops/keys", {"for": "read"}, "404 404 200 403 404 303"),
    ("POST", "/ops/keys/{key_id}/revoke", "/ops/keys/none/revoke", {}, "404 404 404 403 404 303"),
    ("POST", "/ops/jobs", "/ops/jobs", {"kind": "compare", "designs": "today"}, "404 404 303 403 404 303"),
    ("POST", "/ops/jobs/{job_id}/cancel", "/ops/jobs/none/cancel", {}, "404 404 404 403 404 303"),
]


@pytest.fixture(scope="module")
def clients(house: House) -> Iterator[dict[str, httpx.Client]]:
    roles = {
        "mine": ("rep", "R01"),
        "other": ("rep", "R02"),
        "ops": ("ops", None),
        "read": ("read", None),
        "read other": ("read", "R02"),
    }
    made = {}
    for member in MEMBERS:
        key = {"Authorization": f"Bearer {house.key(*roles[member])}"} if member in roles else {}
        made[member] = httpx.Client(base_url=house.site, headers={"Accept": "text/html", **key}, timeout=30)
    yield made
    for client in made.values():
        client.close()


@pytest.fixture(scope="module")
def nine(house: House) -> date:
    """A morning under way."""
    day = house.fresh_day("R01")
    house.hands.now = house.hands.now.replace(hour=9)
    return day


@pytest.fixture(scope="module")
def quiet(house: House) -> date:
    """A day on which nothing is to happen."""
    return house.fresh_day("R01")


def test_every_page_has_a_row() -> None:
    routes = {
        (method, each.path) for part in PARTS for each in part.routes if isinstance(each, APIRoute) for method in each.methods
    }
    assert routes == {(method, route) for method, route, *_ in TABLE}


@pytest.mark.parametrize(("method", "route", "address", "form", "met"), TABLE, ids=lambda each: str(each)[:40])
def test_every_member_meets_what_the_table_says(
    clients: dict[str, httpx.Client], nine: date, method: str, route: str, address: str, form: dict[str, str] | None, met: str
) -> None:
    for member, status in zip(MEMBERS, met.split(), strict=True):
        sent = None if form is None else {"key": f"doors-{member}", **form}
        answer = clients[member].request(method, address, data=sent)
        assert answer.status_code == int(status), (member, answer.text[:200])
        if member == "nobody" and answer.status_code == 303:
            assert answer.headers["location"] == "/in"


@pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31", "2026-02-30", "'", "today "])
def test_no_date_breaks_a_page(clients: dict[str, httpx.Client], date: str) -> None:
    for address in ("/ops", "/", "/gaps"):
        answer = clients["ops"].get(address, params={"date": date, "rep": "R01"})
        assert answer.status_code in (200, 404, 422)


def test_a_link_puts_no_words_on_the_desk(clients: dict[str, httpx.Client]) -> None:
    assert "call this number" not in clients["ops"].get("/ops?said=call+this+number").text


def test_a_form_of_another_site_does_nothing(house: House, quiet: date) -> None:
    with httpx.Client(base_url=house.site) as client:
        assert client.post("/in", data={"key": house.key("rep", "R01")}, headers={"Origin": house.site}).status_code == 200
        for origin in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
            answer = client.post(f"/day/{quiet}/change", data=LATE, headers=origin)
            assert answer.status_code == 403
    assert house.events("R01", quiet) == []


def test_pages_say_what_a_browser_may_do_with_them(clients: dict[str, httpx.Client]) -> None:
    for address in ("/", "/ops", "/in", "/docs"):
        policy = clients["ops"].get(address).headers["content-security-policy"]
        assert "unsafe" not in policy
    sealed = clients["ops"].get("/ops/maps").headers["content-security-policy"]
    assert sealed.startswith("sandbox allow-scripts;")
    assert "allow-same-origin" not in sealed
    assert "script-src 'sha256-" in sealed


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "late", "minutes": "soon"},
        {"kind": "pin", "account": "0101", "start": "25:99:1"},
        {"kind": "pin", "account": "0101", "start": "::"},
        {"kind": "'; DROP TABLE event; --"},
        {"order": "[" * 5000, "up": "0101"},
        {"order": '["0101"]', "up": "nobody"},
        {"kind": "done", "account": "x" * 5000},
        {},
    ],
    ids=lambda form: str(form)[:30],
)
def test_a_crooked_form_is_refused_with_a_page(
    clients: dict[str, httpx.Client], house: House, quiet: date, form: dict[str, str]
) -> None:
    answer = clients["mine"].post(f"/day/{quiet}/change", data={"key": "crooked", **form})
    assert answer.status_code == 422
    assert "Not changed" in answer.text
    assert house.events("R01", quiet) == []
