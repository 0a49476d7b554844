"""Makes docs/screenshots/ from a quickstart's data: every page of the dashboard, as a desktop and as a phone show it.

    nextstage quickstart --no-serve --dir /tmp/quickstart
    python benchmarks/screenshots.py /tmp/quickstart

It serves the folder on this machine and looks at it with headless Chromium (Debian: chromium and chromium-driver).
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
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image

from benchmarks.served import served
from models.registry import connect
from serving.settings import Settings
from tests.browser import browser

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
DESKTOP, PHONE = 1280, 390
DARK = ("journey", "flows")
ON_PHONE = ("journey", "audience")
HIGHEST = 2_400
COLOURS = 255  # of a picture, so that it weighs a third


def main() -> None:
    """Reads the arguments and makes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder that the quickstart made")
    parser.add_argument("--output", type=Path, default=FOLDER)
    parser.add_argument("--url", help="of a service that runs already")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    with own(arguments.folder) if arguments.url is None else given(arguments.url) as url:
        for name, path in PAGES.items():
            take(f"{url}{path}", arguments.output / f"{name}.png", DESKTOP)
        for name in DARK:
            take(f"{url}{PAGES[name]}", arguments.output / f"{name}-dark.png", DESKTOP, dark=True)
        for name in ON_PHONE:
            take(f"{url}{PAGES[name]}", arguments.output / f"{name}-phone.png", PHONE)


def take(url: str, path: Path, width: int, dark: bool = False) -> None:
    """Writes the picture of a whole page."""
    with browser(width, 900, dark) as driver:
        driver.get(url)
        time.sleep(1.5)  # until charts have come to rest
        height = min(HIGHEST, int(driver.execute_script("return document.documentElement.scrollHeight")))
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot: dict[str, Any] = driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip}
        )
    picture = Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size / 1e3:.0f} kB")


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
