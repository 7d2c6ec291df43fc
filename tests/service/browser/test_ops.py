"""The desk of sales operations in a real browser, wide and on a phone."""

from __future__ import annotations

import json
from datetime import date

import pytest
from service.browser.house import DESK, PHONE, House, Phone, until

from fieldsim.service import jobs
from fieldsim.service import tables as t


@pytest.fixture
def today(house: House) -> date:
    return house.fresh_day("R01")


@pytest.fixture
def page(phone: Phone, house: House, today: date) -> Phone:
    phone.size(*DESK)
    phone.sign_in(house.site, house.key("ops"), "#today")
    return phone


def job(page: Phone) -> str:
    return str(page.driver.execute_script("return document.querySelector('.job')?.dataset.status || ''"))


def test_the_desk_shows_where_every_rep_is(page: Phone, house: House, today: date) -> None:
    rows = [row.text for row in page.all(".reps tbody tr")]
    assert any(f"0 of {len(house.view('R01', today)['stops'])}" in row for row in rows)
    house.hands.set(today, 20, 0)
    page.driver.refresh()
    assert "behind" in page.text("#today .head")
    page.one(".reps tbody a").click()
    page.wait_for("#stops")
    assert page.driver.current_url.startswith(f"{house.site}/?rep=R01")


def test_the_maps_of_two_designs_are_drawn_in_their_frame(page: Phone, house: House) -> None:
    page.driver.execute_script("document.querySelector('.maps').scrollIntoView()")
    page.driver.switch_to.frame(page.one(".maps"))
    until(lambda: page.driver.execute_script("return window.Bokeh?.documents[0]?.is_idle"))
    assert len(page.all("figure")) == 2
    # sealed off: whatever runs in the frame holds no session and reaches nothing
    assert page.driver.execute_script("return window.origin") == "null"
    page.driver.switch_to.default_content()


def test_a_run_starts_tells_its_progress_and_can_be_cancelled(page: Phone, house: House) -> None:
    page.tap("#runs form.box button")
    page.wait_for(".job")
    assert job(page) in ("queued", "running")
    until(lambda: job(page) == "running", 30)
    until(lambda: page.text(".job .stage") not in ("", "starting", "running", "waiting for its turn"), 30)
    page.tap(".job .do button")
    until(lambda: job(page) == "cancelled" or page.text(".job .stage") == "cancelled")
    until(lambda: jobs.all_jobs(house.database)[0]["status"] == "cancelled")


def test_a_finished_comparison_shows_its_verdict_and_opens_its_report(page: Phone, house: House) -> None:
    figures = {"attainment": {"mean": 0.9, "lo": 0.85, "hi": 0.95}, "revenue": {"mean": 1e6, "lo": None, "hi": None}}
    answer = {"summary": "other is better by 3 %.", "designs": [{"design": name, "kpis": figures} for name in ("today", "other")]}
    words = json.dumps(["compare", "--effort=quick", "--", "x", "today", "other"])
    row = {"id": "done00", "kind": "compare", "words": words, "status": "done", "tries": 1, "cancel": False}
    stamps = {"created": "2026-10-05T10:00:00Z", "ended": "2026-10-05T10:05:00Z"}
    with house.database.write() as connection:
        connection.execute(t.jobs.insert().values(**row, **stamps, answer=json.dumps(answer), report="<h1>The report</h1>"))
    page.driver.refresh()
    assert "other is better by 3 %." in page.text("#designs")
    assert "85.0" in page.text("#designs .figures-table:last-of-type") or "85.0" in page.text("#designs")
    page.driver.get(page.one(".job.done .do a").get_attribute("href"))
    assert page.text("h1") == "The report"


def test_a_key_is_given_once_signs_in_and_ends_when_it_is_revoked(page: Phone, house: House, today: date) -> None:
    page.one("[name=label]").send_keys("<b>Ana</b>")
    page.tap(".give button")
    link = page.wait_for("#given-link").get_attribute("value")
    assert link.startswith(f"{house.site}/in#fs_")
    page.driver.get(f"{house.site}/ops")
    assert link.split("#")[1] not in page.driver.page_source
    assert "<b>Ana</b>" in page.text("#keys")
    page.driver.switch_to.new_window("tab")
    page.sign_in(house.site, link.split("#")[1])
    page.driver.close()
    page.driver.switch_to.window(page.driver.window_handles[0])
    page.sign_in(house.site, house.key("ops"), "#today")
    next(row for row in page.all("#keys tbody tr") if "Ana" in row.text).find_element("css selector", "button").click()
    until(lambda: "Ana" in page.text("#keys tbody tr.ended"))
    page.driver.get(f"{house.site}/in#{link.split('#')[1]}")
    until(lambda: "no longer valid" in page.text("#status"))
    page.driver.get_log("browser")


def test_a_sick_reps_day_goes_to_a_colleague_in_one_step(page: Phone, house: House, today: date) -> None:
    before = house.left("R01", today)
    page.one(".reps .drop summary").click()
    page.driver.execute_script("document.querySelector('.reps [name=to]').value = 'R02'")
    page.tap(".reps .drop button")
    page.wait_for(".notice.well")
    assert f"{len(before)} stops went to" in page.text(".notice.well")
    assert house.left("R01", today) == []
    assert set(before) & set(house.left("R02", today))


def test_corrections_arrive_with_a_file_to_download(page: Phone, house: House, today: date) -> None:
    from fieldsim.service import days

    account = house.view("R02", today)["stops"][0]["account"]
    change = {"kind": "hours_wrong", "account": account, "opens": "Mo <script>hacked=1</script>"}
    days.change_text(house.ground, house.database, "R02", today.isoformat(), "wrong-0001", change)
    page.driver.refresh()
    assert "Mo <script>hacked=1</script>" in page.text("#corrections")
    assert page.driver.execute_script("return typeof hacked") == "undefined"
    assert page.one("#corrections a[download]").get_attribute("href") == f"{house.site}/api/corrections.csv"


def test_the_desk_fits_a_phone(page: Phone, house: House) -> None:
    page.size(*PHONE)
    page.driver.refresh()
    assert not page.too_wide()


def test_a_rep_finds_no_desk(phone: Phone, house: House, today: date) -> None:
    phone.size(*PHONE)
    phone.sign_in(house.site, house.key("rep", "R02"))
    phone.driver.get(f"{house.site}/ops")
    assert "Nothing here" in phone.text("h1")
    phone.driver.get_log("browser")


def test_a_read_key_sees_the_desk_without_its_buttons(phone: Phone, house: House, today: date) -> None:
    phone.sign_in(house.site, house.key("read"), "#today")
    assert phone.all(".reps tbody tr")
    assert [form.get_attribute("action") for form in phone.all("form[method=post]")] == [f"{house.site}/out"]
