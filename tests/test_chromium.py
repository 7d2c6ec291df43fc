"""The browser of the tests: a hanging one is ended, a fresh one takes the place of one that does not start."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

import chromium
import pytest
from chromium import CHROMIUM, DRIVER, start_chromium
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Debian's chromium and chromium-driver are not installed")


def make_stub(folder: Path, monkeypatch: pytest.MonkeyPatch, first: str, later: str) -> Path:
    """A program in chromium's place that does one thing the first time and another one later; writes down its process group."""
    starts, stub = folder / "starts", folder / "stub"
    said = f"cut -d' ' -f5 /proc/self/stat >> {starts}"
    stub.write_text(f'#!/bin/sh\n{said}\n[ "$(wc -l < {starts})" = 1 ] && {first}\n{later}\n', "utf-8")
    stub.chmod(0o755)
    monkeypatch.setattr(chromium, "CHROMIUM", stub)
    return starts


def running(group: int) -> list[str]:
    """Processes of a group that have not ended."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, fields = file.read_text("utf-8").rpartition(")")
            state, _, its_group = fields.split()[:3]
            if int(its_group) == group and state not in "ZX":
                found.append(name)
    return found


def wait_for_the_end_of(group: int) -> None:
    end = time.monotonic() + 20
    while left := running(group):
        assert time.monotonic() < end, left
        time.sleep(0.05)


def test_a_browser_that_hangs_is_ended_with_all_of_its_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = start_chromium(tmp_path, ["browser"])
    group = driver.service.process.pid
    driver.get("data:text/html,<title>here</title>")
    assert driver.title == "here"
    assert len(running(group)) > 3
    monkeypatch.setattr(chromium, "ANSWER_S", 0.5)
    os.killpg(group, signal.SIGSTOP)
    for _ in range(2):
        with pytest.raises(WebDriverException, match="does not answer getTitle"):
            driver.title  # noqa: B018
    driver.quit()
    wait_for_the_end_of(group)


def test_quitting_leaves_no_process(tmp_path: Path) -> None:
    driver = start_chromium(tmp_path, [])
    group = driver.service.process.pid
    driver.quit()
    wait_for_the_end_of(group)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ('{"code":-32000,"message":"Node with given id does not belong to the document"}', StaleElementReferenceException),
        ('{"code":-32000,"message":"No node with given id found"}', StaleElementReferenceException),
        ("javascript error: something else", WebDriverException),
    ],
)
def test_an_element_of_a_page_that_has_gone_is_stale(monkeypatch: pytest.MonkeyPatch, said: str, kind: type[Exception]) -> None:
    driver = object.__new__(chromium.Chromium)
    driver.service = None

    def fail(*_: object) -> None:
        raise WebDriverException(f"unknown error: unhandled inspector error: {said}")

    monkeypatch.setattr(chromium.Chrome, "execute", fail)
    with pytest.raises(WebDriverException) as raised:
        driver.execute("isElementEnabled")
    assert type(raised.value) is kind
    assert said in str(raised.value.msg)


def test_a_fresh_browser_takes_the_place_of_one_that_dies_at_its_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starts = make_stub(tmp_path, monkeypatch, "exit 1", f'exec {CHROMIUM} "$@"')
    driver = start_chromium(tmp_path, [])
    assert driver.current_url
    driver.quit()
    assert len(starts.read_text("utf-8").split()) == 2


def test_starts_are_bounded_where_every_one_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starts = make_stub(tmp_path, monkeypatch, "exec sleep 600", "exec sleep 600")
    monkeypatch.setattr(chromium, "ANSWER_S", 2.0)
    with pytest.raises(WebDriverException, match="does not answer newSession"):
        start_chromium(tmp_path, [])
    groups = [int(group) for group in starts.read_text("utf-8").split()]
    assert len(groups) == chromium.STARTS
    for group in groups:
        wait_for_the_end_of(group)
