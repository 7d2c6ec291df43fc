"""A report in a headless chromium that reaches nothing but this machine's files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from chromium import start_chromium


class Browser:
    """A headless chromium without any name resolution."""

    def __init__(self, folder: Path) -> None:
        self.driver = start_chromium(folder, ["browser", "performance"])

    def open(self, page: Path) -> None:
        self.driver.get_log("performance")
        self.driver.get(page.as_uri())
        self.wait(lambda: self.driver.execute_script("return window.Bokeh && Bokeh.documents[0] && Bokeh.documents[0].is_idle"))

    def wait(self, ready: Callable[[], object], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < end, "the page does not get there"
            time.sleep(0.1)

    def maps(self) -> list[object]:
        places = self.driver.find_elements("css selector", "#maps figure")
        return [place.find_element("css selector", ".bk-Figure") for place in places]

    def picture(self, element: object) -> bytes:
        return element.screenshot_as_png  # type: ignore[attr-defined, no-any-return]

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("WARNING", "SEVERE")]

    def requests(self) -> list[str]:
        messages = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        sent = (m["params"] for m in messages if m["method"] == "Network.requestWillBeSent")
        return [each["request"]["url"] for each in sent if str(each.get("documentURL", "")).startswith("file:")]
