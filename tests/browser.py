"""A real headless Chromium, Debian's own, for tests and for the pictures in docs/."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CHROMIUM, DRIVER = "chromium", "chromedriver"
MISSING = "there is no Chromium with its driver; .ci/run installs Debian's chromium and chromium-driver"
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
    "--lang=en",
)


def is_there() -> bool:
    """Says whether a browser can be started."""
    return shutil.which(CHROMIUM) is not None and shutil.which(DRIVER) is not None


@contextmanager
def browser(width: int, height: int = 900) -> Iterator[Any]:
    """Yields a driver of a new browser whose pages have exactly this size."""
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = str(shutil.which(CHROMIUM))
    for option in OPTIONS:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, Service(str(shutil.which(DRIVER))))
    try:
        resize(driver, width, height)
        prefer(driver, is_dark=False)
        yield driver
    finally:
        driver.quit()


def resize(driver: Any, width: int, height: int = 900) -> None:
    """Gives the page a size; a window has a smallest width, a page on a phone has not."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def prefer(driver: Any, is_dark: bool) -> None:
    """Makes pages light or dark, as the system of a reader does who has not chosen in the page; nothing moves."""
    likes = {"prefers-color-scheme": "dark" if is_dark else "light", "prefers-reduced-motion": "reduce"}
    features = [{"name": name, "value": value} for name, value in likes.items()]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
