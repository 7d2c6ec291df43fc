"""A rep's day in a real browser at the size of a phone."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from service.browser.house import House, Phone, next_day, until

from fieldsim.service.corrections import corrections

REP = "R01"


@pytest.fixture
def today(house: House) -> date:
    return house.fresh_day(REP)


@pytest.fixture
def page(phone: Phone, house: House, today: date) -> Phone:
    phone.sign_in(house.site, house.key("rep", REP))
    return phone


def test_a_sign_in_link_shows_todays_route_and_forgets_the_key(page: Phone, house: House, today: date) -> None:
    view = house.view(REP, today)
    assert page.driver.current_url == f"{house.site}/"
    assert page.accounts() == house.left(REP, today) == [stop["account"] for stop in view["stops"]]
    first = view["stops"][0]
    shown = page.text(".next")
    assert first["name"].split(" ")[-1] in shown
    assert f"tier {first['tier']}" in shown
    assert re.search(r"\d\d:\d\d", shown)
    assert page.one(".next .go").get_attribute("href").startswith("https://www.google.com/maps/dir/")
    address = page.one("[data-address]").get_attribute("value")
    assert address.startswith(f"{house.site}/calendar/")
    assert page.one("[data-calendar]").get_attribute("href") == address
    assert page.one("[data-subscribe]").get_attribute("href") == address.replace("http:", "webcal:")


def test_a_key_that_is_not_valid_opens_nothing(phone: Phone, house: House) -> None:
    phone.driver.get(f"{house.site}/in#fs_nobody")
    until(lambda: "no longer valid" in phone.text("#status"))
    phone.driver.get(f"{house.site}/")
    assert phone.driver.current_url == f"{house.site}/in"
    phone.driver.get_log("browser")


def test_the_first_page_is_small(page: Phone, house: House) -> None:
    script = """const names = performance.getEntriesByType("resource").map((each) => each.name);
        const all = [...new Set([location.href, ...names])];
        return Promise.all(all.map((name) => fetch(name).then((a) => a.text()).then((text) => [name, text])))"""
    loaded = page.driver.execute_script(script)
    without_map = [re.sub(r"<figure class=\"map\">.*?</figure>", "", text, flags=re.DOTALL) for _, text in loaded]
    names = [name for name, _ in loaded]
    assert any("app.css" in name for name in names)
    assert any("app.js" in name for name in names)
    assert sum(len(text.encode()) for text in without_map) <= 150_000


def test_one_tap_cancels_a_stop_and_undo_brings_it_back(page: Phone, house: House, today: date) -> None:
    before = page.accounts()
    page.tap(".next [value=cancelled]")
    until(lambda: before[0] not in page.accounts() and page.all(".behind"))
    assert page.accounts() == house.left(REP, today)
    assert "Cancelled" in page.text(".behind")
    assert "Cancelled" in page.text(".toast")
    page.tap(".toast button")
    until(lambda: len(page.accounts()) == len(before))
    assert sorted(house.left(REP, today)) == sorted(before)
    assert [kind for kind, _ in house.events(REP, today)] == ["cancelled", "undo"]


def test_a_note_can_follow_the_tap(page: Phone, house: House, today: date) -> None:
    first = page.accounts()[0]
    page.tap(".next [value=cancelled]")
    until(lambda: page.all(".behind"))
    page.tap(".toast .more summary")
    page.one(".toast textarea").send_keys("Closed for a funeral")
    page.one(".toast input").send_keys("Call on Friday")
    page.tap(".toast .good")
    until(lambda: "Call on Friday" in page.text(".behind"))
    stop = next(stop for stop in house.view(REP, today)["stops"] if stop["account"] == first)
    assert (stop["state"], stop["note"], stop["next_step"]) == ("cancelled", "Closed for a funeral", "Call on Friday")
    page.driver.execute_script("document.querySelector('.behind [name=note]').value = 'Closed until Monday'")
    page.tap(".behind [value=note]")
    until(lambda: "Closed until Monday" in page.text(".behind .said"))
    assert [kind for kind, _ in house.events(REP, today)] == ["cancelled", "note", "note"]
    assert house.view(REP, today)["stops"][0]["next_step"] == "Call on Friday"


def test_a_nervous_thumb_taps_once(page: Phone, house: House, today: date) -> None:
    house.hands.set(today, 9, 0)
    page.driver.refresh()
    page.driver.execute_script("const b = document.querySelector('.late button'); b.click(); b.click(); b.click()")
    until(lambda: house.events(REP, today))
    page.wait_for("#changed")
    assert house.events(REP, today) == [("late", None)]


def test_running_late_moves_what_is_left(page: Phone, house: House, today: date) -> None:
    house.hands.set(today, 9, 0)
    page.driver.refresh()
    before = house.view(REP, today)["finish_s"]
    page.tap(".late [value='30']")
    until(lambda: house.events(REP, today))
    assert house.events(REP, today) == [("late", None)]
    assert house.view(REP, today)["finish_s"] >= before


def test_a_pinned_time_stays_through_a_replan(page: Phone, house: House, today: date) -> None:
    last = page.accounts()[-1]
    start = house.view(REP, today)["stops"][-1]["start_s"]
    where = f"[data-account='{last}']"
    page.tap(f"{where} [value=pin]")
    page.wait_for(f"{where} .mark.firm")
    page.tap(".next [value=cancelled]")
    until(lambda: len(page.accounts()) == len(house.left(REP, today)) and page.all(".behind"))
    stop = next(stop for stop in house.view(REP, today)["stops"] if stop["account"] == last)
    assert stop["pinned"]
    assert 0 <= stop["start_s"] - start < 60
    page.tap(f"{where} [value=unpin]")
    until(lambda: not page.all(f"{where} .mark.firm"))


def test_a_replan_is_told_and_the_former_order_can_be_kept(page: Phone, house: House, today: date) -> None:
    before = page.accounts()
    where = f"[data-account='{before[-1]}']"
    page.driver.execute_script(f"document.querySelector(\"{where} [name=start]\").value = '10:00'")
    page.tap(f"{where} [value=pin]")
    page.wait_for("[value=keep_mine]")
    assert page.text("#changed b") == house.view(REP, today)["difference"]["sentence"]
    assert house.left(REP, today) != before
    page.tap("#changed [value=keep_mine]")
    page.wait_for("#changed [value=order_clear]")
    assert [kind for kind, _ in house.events(REP, today)] == ["pin", "keep_mine"]
    page.tap("#changed [value=undo]")
    until(lambda: not page.all("#changed [value=order_clear]"))


def test_stops_move_by_buttons_and_the_order_can_be_given_back(page: Phone, house: House, today: date) -> None:
    before = page.accounts()
    page.tap(f"[data-account='{before[1]}'] [name=up]")
    wanted = [before[1], before[0], *before[2:]]
    page.wait_for("[value=order_clear]")
    assert page.accounts() == house.left(REP, today) == wanted
    assert page.one(".next").get_attribute("data-account") == before[1]
    page.tap("[value=order_clear]")
    until(lambda: not page.all("[value=order_clear]"))
    assert not house.view(REP, today)["own_order"]


def test_order_works_from_the_keyboard(page: Phone, house: House, today: date) -> None:
    from selenium.webdriver import Keys

    before = page.accounts()
    where = f"[data-account='{before[0]}']"
    page.driver.execute_script("for (const d of document.querySelectorAll(arguments[0] + ' details')) d.open = true", where)
    page.one(f"{where} [name=down]").send_keys(Keys.ENTER)
    page.wait_for("[value=order_clear]")
    assert page.accounts()[:2] == [before[1], before[0]]
    assert page.driver.execute_script("return document.activeElement.closest('[data-account]')?.dataset.account") == before[0]


def test_a_gap_is_filled_with_somebody_near(page: Phone, house: House, today: date) -> None:
    page.tap(".next [value=skip]")
    until(lambda: house.events(REP, today))
    page.driver.refresh()
    page.tap(".wide-button[href^='/gaps']")
    page.wait_for(".gaps li")
    assert "min" in page.text(".detour")
    assert not page.too_wide()
    added = page.one(".gaps [name=account]").get_attribute("value")
    page.tap(".gaps [value=add]")
    page.wait_for("#stops")
    until(lambda: added in page.accounts())
    assert added in house.left(REP, today)


def test_one_tap_says_that_a_place_is_wrong(page: Phone, house: House, today: date) -> None:
    first = page.accounts()[0]
    page.tap(".next [value=location_wrong]")
    until(lambda: house.events(REP, today) == [("location_wrong", first)])
    page.driver.execute_cdp_cmd("Browser.grantPermissions", {"origin": house.site, "permissions": ["geolocation"]})
    page.driver.execute_cdp_cmd("Emulation.setGeolocationOverride", {"latitude": -29.9, "longitude": -71.25, "accuracy": 5})
    page.tap(".next [data-here]")
    until(lambda: len(house.events(REP, today)) == 2)
    told = corrections(house.ground.scenario.accounts, house.database)
    assert sorted((each["lat"], each["lon"]) for each in told if each["account"] == first and each["lat"]) == [(-29.9, -71.25)]
    assert page.accounts() == house.left(REP, today)


def test_a_script_in_a_name_is_shown_as_text(page: Phone, house: House, today: date) -> None:
    others = [day for day in house.ground.working_days(REP, 0) if (REP, day) not in house.used]
    evil = next(day for day in others if "0100" in house.left(REP, day))
    page.driver.get(f"{house.site}/?date={evil}")
    assert "<script>hacked=1</script>" in page.text("#stops")
    page.tap("[data-account='0100'] [value=hours_wrong]")
    until(lambda: house.events(REP, evil))
    assert page.driver.execute_script("return typeof hacked") == "undefined"


def test_other_days_are_one_tap_away_and_a_day_off_says_so(page: Phone, house: House, today: date) -> None:
    page.tap("[rel=next]")
    until(lambda: "date=" in page.driver.current_url)
    assert page.all(".next [value=cancelled]")
    assert not page.all(".next [value=done]"), "what has not come yet cannot be done"
    page.tap("[rel=prev]")
    until(lambda: page.driver.current_url == f"{house.site}/")
    sunday = today
    while sunday.weekday() != 6:
        sunday = next_day(sunday)
    page.driver.get(f"{house.site}/?date={sunday}")
    assert "A day off" in page.text(".empty")
    page.tap(".empty .wide-button")
    page.wait_for("#stops")


def test_nothing_is_wider_than_the_phone_and_every_control_has_a_name(page: Phone, house: House, today: date) -> None:
    nameless = """return [...document.querySelectorAll('button, input:not([type=hidden]), textarea, select, a')]
        .filter((e) => !(e.textContent.trim() || e.ariaLabel || e.labels?.length)).map((e) => e.outerHTML)"""
    for path in ("/", "/gaps", "/privacy", f"/?date={next_day(today)}"):
        page.driver.get(house.site + path)
        page.driver.execute_script("for (const d of document.querySelectorAll('details')) d.open = true")
        assert not page.too_wide(), path
        assert page.driver.execute_script(nameless) == []


def test_thumbs_hit_every_button(page: Phone, house: House, today: date) -> None:
    script = """const all = [...document.querySelectorAll('.next button, .next .go')].filter((e) => e.offsetParent)
    return all.map((e) => [e.offsetWidth, e.offsetHeight])"""
    sizes = page.driver.execute_script(script)
    assert len(sizes) >= 7
    assert all(width >= 44 and height >= 44 for width, height in sizes), json.dumps(sizes)
