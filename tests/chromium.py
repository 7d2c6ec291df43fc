"""Starts a headless chromium that reaches nothing but this machine, answers in time or is ended, and leaves nothing running."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from threading import Timer
from typing import Any

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from urllib3.exceptions import HTTPError

CHROMIUM, DRIVER = (shutil.which(name) for name in ("chromium", "chromedriver"))
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1400,1000",
)  # fmt: skip
STARTS = 3
ANSWER_S, PAGE_S = 60.0, 30.0
"""The driver gives a page up well before the driver itself is given up."""
GONE = ("Node with given id does not belong to the document", "No node with given id found")


class Chromium(Chrome):
    """Ended with all of its processes when a command has no answer in `ANSWER_S`: this command and all after it fail at once."""

    def execute(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        # the connection's own limit counts anew for each of its silent repetitions
        watch = Timer(ANSWER_S, _end, [self.service])
        watch.start()
        try:
            return super().execute(driver_command, params)
        except HTTPError as error:
            _end(self.service)
            raise WebDriverException(f"chromium does not answer {driver_command}") from error
        except WebDriverException as error:
            # what a driver that meets the change of pages itself says of an element of the old one
            if any(words in str(error.msg) for words in GONE):
                raise StaleElementReferenceException(error.msg) from error
            raise
        finally:
            watch.cancel()

    def quit(self) -> None:
        super().quit()
        _end(self.service)


def start_chromium(folder: Path, logs: Sequence[str], reach: str = "") -> Chromium:
    """A browser with a profile of its own that keeps these logs and resolves no name but `reach`.

    One that hangs or dies while it starts gives way to another, `STARTS` in all.
    """
    names = "MAP * ~NOTFOUND" + (f", EXCLUDE {reach}" if reach else "")
    for attempt in range(1, STARTS + 1):
        options = ChromeOptions()
        options.binary_location = str(CHROMIUM)
        for flag in (*FLAGS, f"--host-resolver-rules={names}", f"--user-data-dir={folder / f'profile{attempt}'}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", dict.fromkeys(logs, "ALL"))
        # without a session bus a start may wait for one; a session of their own lets all its processes be ended together
        alone = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": "/dev/null"}
        service = Service(str(DRIVER), env=alone, popen_kw={"start_new_session": True})
        try:
            driver = Chromium(options, service)
            driver.set_page_load_timeout(PAGE_S)
            return driver
        except WebDriverException:
            _end(service)
            if attempt == STARTS:
                raise
    raise AssertionError("no start at all")


def _end(service: Service) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(service.process.pid, signal.SIGKILL)
    service.process.wait()
