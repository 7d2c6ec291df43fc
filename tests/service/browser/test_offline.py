"""Without a network: the route stays readable, taps wait on the phone, and each arrives once, whatever happens between."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from service.browser.house import House, Phone, until

REP = "R01"
WAITING = ".outbox .waits b"


@pytest.fixture
def today(house: House) -> date:
    return house.fresh_day(REP)


@pytest.fixture
def page(phone: Phone, house: House, today: date) -> Any:
    """Today's page with the worker that keeps it in place."""
    phone.sign_in(house.site, house.key("rep", REP))
    until(lambda: phone.driver.execute_script("return !!navigator.serviceWorker.controller"))
    phone.driver.refresh()
    phone.wait_for("#stops")
    yield phone
    house.lose_answers = False
    if house._server is None:
        house.start()


def cut(page: Phone, house: House) -> None:
    page.network(on=False)
    house.stop()


def mend(page: Phone, house: House) -> None:
    house.start()
    page.network(on=True)
    page.driver.execute_script("dispatchEvent(new Event('online'))")


def report(page: Phone, *kinds: str) -> list[tuple[str, str | None]]:
    """Tap an outcome for one stop after another, the next one first."""
    said = []
    for kind in kinds:
        account = page.one(".next").get_attribute("data-account")
        page.tap(f".next [value={kind}]")
        until(lambda account=account: page.all(f"[data-account='{account}'][data-pending]"))
        said.append((kind, account))
    return said


def test_the_last_route_can_be_read_and_three_taps_wait_through_a_reload(page: Phone, house: House, today: date) -> None:
    stops = page.accounts()
    cut(page, house)
    page.driver.refresh()
    assert page.accounts() == stops
    said = report(page, "cancelled", "cancelled", "skip")
    assert page.text(WAITING) == "3 waiting"
    page.driver.refresh()
    until(lambda: page.text(WAITING) == "3 waiting")
    assert len(page.all("#stops > [data-pending]")) == 3
    assert page.one(".next").get_attribute("data-account") == stops[3]
    assert house.events(REP, today) == []
    mend(page, house)
    until(lambda: not page.all(WAITING))
    until(lambda: not page.all("[data-pending]"))
    assert house.events(REP, today) == said
    assert page.accounts() == house.left(REP, today)


def test_a_tap_that_never_left_is_taken_back_on_the_phone(page: Phone, house: House, today: date) -> None:
    cut(page, house)
    report(page, "cancelled", "cancelled")
    page.tap(".toast button")
    until(lambda: page.text(WAITING) == "1 waiting")
    assert len(page.all("[data-pending]")) == 1
    page.tap(".waits button")
    until(lambda: not page.all(WAITING))
    assert page.all("[data-pending]") == []
    mend(page, house)
    assert house.events(REP, today) == []


def test_a_tap_that_may_have_left_is_undone_behind_it(page: Phone, house: House, today: date) -> None:
    stops = page.accounts()
    house.lose_answers = True
    said = report(page, "cancelled")
    until(lambda: house.events(REP, today) == said)
    page.tap(".toast button")
    until(lambda: page.text(WAITING) == "2 waiting")
    assert page.all("[data-pending]") == []
    house.lose_answers = False
    page.driver.execute_script("dispatchEvent(new Event('online'))")
    until(lambda: not page.all(WAITING))
    assert [kind for kind, _ in house.events(REP, today)] == ["cancelled", "undo"]
    assert house.left(REP, today) == stops


def test_what_needs_a_network_says_so(page: Phone, house: House) -> None:
    cut(page, house)
    page.driver.get(f"{house.site}/gaps")
    assert page.text("h1") == "No network"


def test_an_answer_that_got_lost_is_asked_for_again_with_the_same_key(page: Phone, house: House, today: date) -> None:
    house.lose_answers = True
    said = report(page, "cancelled")
    until(lambda: house.events(REP, today) == said)
    assert page.text(WAITING) == "1 waiting"
    page.driver.refresh()
    until(lambda: page.text(WAITING) == "1 waiting")
    house.lose_answers = False
    page.driver.execute_script("dispatchEvent(new Event('online'))")
    until(lambda: not page.all(WAITING))
    assert house.events(REP, today) == said


def test_two_tabs_send_a_queue_once(page: Phone, house: House, today: date) -> None:
    first = page.driver.current_window_handle
    page.driver.switch_to.new_window("tab")
    page.size(360, 740)
    page.driver.get(f"{house.site}/")
    second = page.wait_for("#stops") and page.driver.current_window_handle
    house.stop()
    said = report(page, "cancelled")
    page.driver.switch_to.window(first)
    until(lambda: page.all("[data-pending]"))
    said += report(page, "cancelled", "cancelled")
    assert page.text(WAITING) == "3 waiting"
    house.start()
    for tab in (second, first):
        page.driver.switch_to.window(tab)
        page.driver.execute_script("dispatchEvent(new Event('online'))")
    until(lambda: not page.all(WAITING))
    assert house.events(REP, today) == said
    page.driver.switch_to.window(second)
    until(lambda: page.accounts() == house.left(REP, today))
    page.driver.close()
    page.driver.switch_to.window(first)


def test_a_refused_change_is_shown_and_kept_until_the_rep_takes_it_out(page: Phone, house: House, today: date) -> None:
    from fieldsim.service import days

    cut(page, house)
    [(_, account)] = report(page, "cancelled")
    change = {"kind": "skip", "account": account}
    days.change_text(house.ground, house.database, REP, today.isoformat(), "office-0001", change)
    mend(page, house)
    page.wait_for(".refused")
    page.driver.refresh()
    page.wait_for(".refused")
    assert "settled" in page.text(".refused")
    assert house.events(REP, today) == [("skip", account)]
    page.tap(".refused button:last-of-type")
    until(lambda: not page.all(".refused"))


def test_a_new_version_of_the_page_leaves_the_queue_alone(page: Phone, house: House, today: date) -> None:
    from fieldsim.service.pages import paper

    cut(page, house)
    said = report(page, "cancelled", "skip")
    known = paper.environment().globals
    old = known["version"]
    house.lose_answers = True
    house.start()
    page.network(on=True)
    known["version"] = "0123456789ab"
    try:
        installed = """return navigator.serviceWorker.getRegistration().then(
            (each) => [each.waiting, each.active].map((one) => one?.scriptURL || '').join(' '))"""

        def shown() -> bool:
            page.driver.refresh()
            return bool(page.all("script[src*='0123456789ab']"))

        until(shown)
        until(lambda: "0123456789ab" in page.driver.execute_script(installed))
        # chromium may lose a load that meets the very change of workers, or put the change off: meanwhile there is no page
        page.driver.get("about:blank")
        until(lambda: all("0123456789ab" in each for each in page.workers()), seconds=60)
        page.driver.get(f"{house.site}/")
        assert "0123456789ab" in page.driver.execute_script("return navigator.serviceWorker.controller.scriptURL")
        page.driver.refresh()
        until(lambda: page.text(WAITING).endswith("waiting"))
        house.lose_answers = False
        page.driver.execute_script("dispatchEvent(new Event('online'))")
        until(lambda: not page.all(WAITING))
    finally:
        known["version"] = old
    assert house.events(REP, today) == said


def test_a_waiting_tap_keeps_its_time(page: Phone, house: House, today: date) -> None:
    house.hands.set(today, 12, 0)
    shift = """const Real = Date, away = Real.parse("%sT10:30:00-03:00") - Real.now();
    window.Date = class extends Real { constructor(...parts) { parts.length ? super(...parts) : super(Real.now() + away); }
    static now() { return Real.now() + away; } };"""
    script = {"source": shift % today.isoformat()}
    added = page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)
    page.driver.refresh()
    cut(page, house)
    [(_, account)] = report(page, "done")
    page.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    mend(page, house)
    until(lambda: not page.all(WAITING))
    stop = next(stop for stop in house.view(REP, today)["stops"] if stop["account"] == account)
    assert stop["state"] == "done"
    assert 0 <= stop["leave_s"] - (10 * 3600 + 1800) < 60


def test_a_phone_that_changes_hands_shows_and_sends_nothing_of_the_former_rep(page: Phone, house: House, today: date) -> None:
    stops = page.accounts()
    cut(page, house)
    said = report(page, "cancelled")
    page.driver.get("about:blank")
    house.start()
    page.network(on=True)
    page.sign_in(house.site, house.key("rep", "R02"))
    page.driver.execute_script("dispatchEvent(new Event('online'))")
    until(lambda: "of another sign-in" in page.text(".outbox"))
    assert said[0][1] not in page.text(".outbox")
    house.stop()
    page.driver.refresh()
    assert not set(stops) & set(page.accounts())
    assert house.events(REP, today) == []
    house.start()
    page.sign_in(house.site, house.key("rep", REP))
    until(lambda: house.events(REP, today) == said)


def test_signing_out_forgets_the_routes_kept_on_the_phone(page: Phone, house: House) -> None:
    page.tap("form[action='/out'] button")
    until(lambda: page.driver.current_url == f"{house.site}/in")
    script = "return caches.open('pages').then((cache) => cache.keys()).then((all) => all.length)"
    until(lambda: page.driver.execute_script(script) == 0)
