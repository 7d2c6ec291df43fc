"""Takes the README's picture of a report: `python tests/report/picture.py REPORT.html OUT.png` in a clone, with chromium."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

WIDTH, HEIGHT = 1400, 1600
COLOURS = 192
"""A palette of its own keeps the file small and the map's colours apart."""


def take_picture(report: Path, out: Path) -> None:
    """The report down to the end of the maps, as a palette PNG."""
    from PIL import Image

    sys.path.insert(0, str(Path(__file__).parents[1]))
    from report.browser import Browser

    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(Path(folder))
        try:
            browser.driver.set_window_size(WIDTH, HEIGHT)
            browser.open(report.resolve())
            end = browser.driver.execute_script("return document.querySelector('#maps').getBoundingClientRect().bottom")
            png = browser.driver.get_screenshot_as_png()
        finally:
            browser.driver.quit()
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, round(end) + 16)))
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(out, optimize=True)


if __name__ == "__main__":
    take_picture(Path(sys.argv[1]), Path(sys.argv[2]))
