"""The pages without JavaScript: everything can be read, outcomes and orders can be sent."""

from __future__ import annotations

import re
from datetime import date

import pytest
from selenium.webdriver.support.expected_conditions import staleness_of
from service.browser.house import House, Phone, until

REP = "R02"


@pytest.fixture
def today(house: House) -> date:
    return house.fresh_day(REP, least=3)


@pytest.fixture
def page(phone: Phone, house: House, today: date) -> Phone:
    """Signed in by pasting the key."""
    phone.scripts(on=False)
    phone.driver.get(f"{house.site}/in")
    phone.one("[name=key]").send_keys(house.key("rep", REP))
    phone.one("form button").click()
    until(lambda: shown(phone))
    return phone


def shown(page: Phone) -> list[str]:
    return re.findall(r'<li class="stop[^"]*" id="[^"]*" data-account="([^"]*)"', page.driver.page_source)


def unfold(page: Phone, inside: str) -> None:
    """Open what is folded up around something."""
    page.one(f".next .more:has({inside}) > summary").click()
    until(lambda: page.one(f".next {inside}").is_displayed())


def send(page: Phone, selector: str) -> None:
    """Press a form's button and wait for the page that answers: until it is there, the old one would be pressed again."""
    old = page.one("body")
    page.one(selector).click()
    until(lambda: staleness_of(old)(page.driver))
    until(lambda: shown(page))


def test_the_route_can_be_read(page: Phone, house: House, today: date) -> None:
    assert page.driver.current_url == f"{house.site}/"
    assert shown(page) == house.left(REP, today)
    assert "Why today" in page.one(".next").text
    assert page.one("figure.map svg .spot").is_displayed()


def test_an_outcome_can_be_sent_and_taken_back(page: Phone, house: House, today: date) -> None:
    before = shown(page)
    unfold(page, "[name=note]")
    page.one(".next [name=note]").send_keys("Asked for Tuesday")
    send(page, ".next [value=cancelled]")
    until(lambda: before[0] not in shown(page))
    assert house.view(REP, today)["stops"][0]["note"] == "Asked for Tuesday"
    page.one(".behind > summary").click()
    page.one(".behind .more > summary").click()
    page.one(".behind [name=next_step]").send_keys("Ring first")
    send(page, ".behind [value=note]")
    until(lambda: house.view(REP, today)["stops"][0]["next_step"] == "Ring first")
    send(page, "#changed [value=undo]")
    send(page, "#changed [value=undo]")
    until(lambda: shown(page) == before)


def test_the_same_form_twice_is_one_change(page: Phone, house: House, today: date) -> None:
    import httpx

    fields = {name: page.one(f".next .outcomes [name={name}]").get_attribute("value") for name in ("key", "rep", "account")}
    cookies = {cookie["name"]: cookie["value"] for cookie in page.driver.get_cookies()}
    with httpx.Client(cookies=cookies, headers={"Origin": house.site, "Accept": "text/html"}) as client:
        for _ in range(2):
            answer = client.post(f"{house.site}/day/{today}/change", data={**fields, "kind": "cancelled"})
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert [kind for kind, _ in house.events(REP, today)] == ["cancelled"]


def test_a_change_that_makes_no_sense_is_told_on_the_page(page: Phone, house: House, today: date) -> None:
    from fieldsim.service import days

    account = shown(page)[0]
    days.change_text(house.ground, house.database, REP, today.isoformat(), "office-0002", {"kind": "skip", "account": account})
    page.one(".next [value=cancelled]").click()
    until(lambda: "settled" in page.driver.page_source)
    assert "settled" in page.one(".notice.bad").text
    assert account not in shown(page)


def test_an_order_can_be_changed(page: Phone, house: House, today: date) -> None:
    before = shown(page)
    unfold(page, "[name=down]")
    page.one(".next [name=down]").click()
    until(lambda: shown(page)[:2] == [before[1], before[0]])


def test_gaps_and_privacy_can_be_read(page: Phone, house: House) -> None:
    page.driver.get(f"{house.site}/gaps")
    assert "Fill a gap" in page.one("h1").text
    page.driver.get(f"{house.site}/privacy")
    assert "never in the background" in page.one("main").text
