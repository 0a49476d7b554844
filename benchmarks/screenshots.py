"""Makes docs/screenshots/ from a quickstart's data: every page of the dashboard, whole, as desktops and phones show it.

    nextstage quickstart --no-serve --dir /tmp/quickstart
    nextstage personas --dir /tmp/quickstart --as-of 2018-01-01T04:01:20Z
    nextstage score --dir /tmp/quickstart --as-of 2018-01-01T04:01:20Z
    nextstage monitor --dir /tmp/quickstart
    python benchmarks/screenshots.py /tmp/quickstart

It serves the folder on this machine and looks at it with headless Chromium (Debian: chromium and chromium-driver).
A page that is too long for one picture is cut where a part of it begins. --all makes every page in every way.
"""

import argparse
import base64
import io
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image

from benchmarks.served import served
from models.registry import connect
from serving.settings import Settings
from tests.browser import browser, prefer, resize

FOLDER = ROOT / "docs" / "screenshots"
PAGES = {
    "journey": "/",
    "journey-compared": "/?show=0&against=1",
    "stage": "/dashboard/stage/occasional",
    "flows": "/dashboard/flows",
    "figures": "/dashboard/figures?by=stage",
    "audience": "/dashboard/audience",
    "customer": "/dashboard/customer/860",
    "model": "/dashboard/model",
}
PARTS = {"model": ("calibration", "in-use", "model-card")}
"""Where long pages are cut: the id of what begins the next picture, which is called after it."""
DARK = ("journey", "flows", "figures", "audience")
NOT_ON_PHONE = ("journey-compared", "stage")  # long lists of what other pictures show
DESKTOP, PHONE = 1280, 390
MARGIN = 16  # pixels above what begins a picture
COLOURS = 255  # of a picture, so that it weighs a third


class View(NamedTuple):
    """How somebody looks at a page."""

    suffix: str
    width: int
    is_dark: bool


LIGHT, DIM = View("", DESKTOP, False), View("-dark", DESKTOP, True)
SMALL, SMALL_DIM = View("-phone", PHONE, False), View("-phone-dark", PHONE, True)


def main() -> None:
    """Reads the arguments and makes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder that the quickstart made")
    parser.add_argument("--output", type=Path, default=FOLDER)
    parser.add_argument("--url", help="of a service that runs already")
    parser.add_argument("--all", action="store_true", help="every page in every view")
    parser.add_argument("--lang", default="en", help="the language of the pages")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    with own(arguments.folder) if arguments.url is None else given(arguments.url) as url, browser(DESKTOP) as driver:
        for name, path in PAGES.items():
            address = f"{url}{path}{'&' if '?' in path else '?'}lang={arguments.lang}"
            for view in views(name, arguments.all):
                take(driver, address, arguments.output, name, view)


def views(name: str, is_every: bool) -> list[View]:
    """Returns how a page is pictured."""
    if is_every:
        return [LIGHT, DIM, SMALL, SMALL_DIM]
    return [LIGHT, *([DIM] if name in DARK else []), *([] if name in NOT_ON_PHONE else [SMALL])]


def take(driver: Any, address: str, folder: Path, name: str, view: View) -> None:
    """Writes the pictures of a whole page."""
    resize(driver, view.width)
    prefer(driver, view.is_dark)
    driver.get(address)
    time.sleep(0.5)  # until fonts are there
    tops = [int(driver.execute_script(TOP, part)) - MARGIN for part in PARTS.get(name, ())]
    height = int(driver.execute_script("return document.documentElement.scrollHeight"))
    parts = [name, *(f"{name}-{part}" for part in PARTS.get(name, ()))]
    for part, (top, bottom) in zip(parts, pairwise([0, *tops, height]), strict=True):
        clip = {"x": 0, "y": top, "width": view.width, "height": bottom - top, "scale": 1}
        shot = driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip}
        )
        write(shot["data"], folder / f"{part}{view.suffix}.png")


TOP = "return Math.round(document.getElementById(arguments[0]).getBoundingClientRect().top + scrollY)"


def write(picture: str, path: Path) -> None:
    """Writes a picture that Chromium sent, with few colours."""
    image = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB")
    image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path}: {image.width} x {image.height}, {path.stat().st_size / 1e3:.0f} kB")


@contextmanager
def given(url: str) -> Iterator[str]:
    """Yields the address of a service that runs already."""
    yield url.rstrip("/")


@contextmanager
def own(folder: Path) -> Iterator[str]:
    """Yields the address of a service of the folder's champion."""
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder.resolve() / 'mlflow.db'}"
    connect(folder)
    settings = Settings(database_url=f"sqlite:///{folder.resolve() / 'nextstage.db'}")
    with tempfile.TemporaryDirectory() as beside, served(settings, Path(beside)) as service:
        yield service.url


if __name__ == "__main__":
    main()
