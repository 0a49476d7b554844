"""A real headless Chromium goes through every page, as a desktop and as a phone.

With NEXTSTAGE_TEST_QUICKSTART naming a folder that the quickstart made, it looks at that real data instead.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest

from serving.matured import write_cards
from serving.monitor import run_monitor
from serving.settings import Settings
from tests.browser import MISSING, browser, is_there, resize
from tests.serving.conftest import MODEL, served
from tests.serving.pages.test_shown import gone
from tests.serving.reports.test_monitoring import card
from tests.serving.scored import HOSTILE, HOSTILE_CUSTOMER, ScoredStore, scored_store

if not is_there():
    pytest.skip(MISSING, allow_module_level=True)

QUICKSTART = "NEXTSTAGE_TEST_QUICKSTART"
AXE = Path(__file__).parents[2] / "vendor" / "axe.min.js"
LANGUAGES = ("en", "pl", "sk", "ru")
DESKTOP, PHONE = 1280, 390
WHAT = {"light": "{}", "dark": "{runOnly: ['color-contrast']}"}  # a theme changes colours and nothing else
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a served process, and a customer."""
    folder = os.environ.get(QUICKSTART)
    if folder is not None:
        place = Path(folder).resolve()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{place / 'mlflow.db'}")
            with served(Settings(database_url=f"sqlite:///{place / 'nextstage.db'}")) as client:
                yield str(client.base_url).rstrip("/"), "860"
        return
    model, events, cutoff = (request.getfixturevalue(name) for name in ("model", "events", "cutoff"))
    made = scored_store(tmp_path_factory.mktemp("site"), model, events, cutoff)
    watch(made)
    with served(Settings(database_url=made.url, model=MODEL)) as client:
        yield str(client.base_url).rstrip("/"), "c0001"
    made.store.close()


def watch(made: ScoredStore) -> None:
    """Lets the monitor look, and keeps the card of a run that has matured."""
    model, database = made.scorer.model, made.store.database
    run_monitor(made.store, model, gone, made.as_of)
    own = {"model_name": model.name, "model_version": model.version, "as_of": made.as_of}
    with database.writing() as connection:
        write_cards(database, connection, [replace(card(made.report["run"], shift=2.0), **own)])


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    with browser(DESKTOP) as opened:
        yield opened


def pages(customer: str) -> list[str]:
    name = quote(customer, safe="")
    of_data = ["stage/occasional", "customer", f"customer/{name}", "model"]
    return ["/", "/?show=0&against=1", *(f"/dashboard/{page}" for page in ("flows", "figures", "audience", *of_data))]


def wait(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Returns what a condition gives once it holds."""
    limit = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < limit, "it did not come about"
        time.sleep(0.05)
    return found


def assert_quiet(driver: Any, page: str) -> None:
    """Makes sure that the browser complained about nothing since it was last asked."""
    told = [entry["message"] for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    assert told == [], page


def look(driver: Any, address: str) -> None:
    driver.get(address)
    wait(lambda: driver.execute_script("return document.readyState") == "complete")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_and_nothing_complains(driver: Any, site: tuple[str, str], width: int, language: str) -> None:
    address, customer = site
    resize(driver, width)
    for page in pages(customer):
        look(driver, f"{address}{page}{'&' if '?' in page else '?'}lang={language}")
        assert_quiet(driver, page)
        assert driver.execute_script("return document.documentElement.lang") == language
        assert driver.execute_script("return document.documentElement.scrollWidth") <= width, page
        empty = "return [...document.querySelectorAll('.chart')].filter(each => !each.querySelector('canvas')).length"
        assert driver.execute_script(empty) == 0, page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(driver: Any, site: tuple[str, str], theme: str) -> None:
    address, customer = site
    resize(driver, DESKTOP)
    rules = AXE.read_text(encoding="utf-8")
    for page in [*pages(customer), "/sign-in", "/dashboard/stage/moon"]:
        look(driver, f"{address}{page}")
        driver.execute_script(f"document.documentElement.dataset.theme = '{theme}'")
        driver.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
        driver.execute_script(rules)
        found = driver.execute_async_script(f"axe.run({WHAT[theme]}).then(arguments[arguments.length - 1])")
        serious = [
            (each["id"], [node["html"][:200] for node in each["nodes"]][:3])
            for each in found["violations"]
            if each["impact"] in SERIOUS
        ]
        assert serious == [], (page, theme)
        driver.get_log("browser")


def test_the_menu_leads_to_every_page_and_a_stage_to_its_customers(driver: Any, site: tuple[str, str]) -> None:
    from selenium.webdriver.common.by import By

    resize(driver, DESKTOP)
    look(driver, f"{site[0]}/?lang=en")
    for place in range(6):
        driver.find_elements(By.CSS_SELECTOR, "nav a")[place].click()
        current = driver.find_element(By.CSS_SELECTOR, "nav a[aria-current]").text
        assert current == driver.find_elements(By.CSS_SELECTOR, "nav a")[place].text
        assert_quiet(driver, current)
    look(driver, f"{site[0]}/")
    driver.find_elements(By.CSS_SELECTOR, ".chevron a")[2].click()
    name = driver.find_element(By.CSS_SELECTOR, "table.customers tbody a").text
    driver.find_element(By.CSS_SELECTOR, "table.customers tbody a").click()
    assert name in driver.find_element(By.TAG_NAME, "h1").text
    assert_quiet(driver, "customer")


def test_sliders_move_the_figures_and_a_segment_is_saved_and_downloaded(
    driver: Any, site: tuple[str, str], tmp_path: Path
) -> None:
    from selenium.webdriver.common.by import By

    resize(driver, DESKTOP)
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    look(driver, f"{site[0]}/dashboard/audience?lang=en")

    def figure(name: str) -> float:
        return float(driver.find_element(By.ID, name).text.replace(",", "").replace("\N{MINUS SIGN}", "-"))

    def slide(name: str, value: int) -> None:
        driver.execute_script(
            "const field = document.getElementById(arguments[0]); field.value = arguments[1];"
            "field.dispatchEvent(new Event('input', {bubbles: true}))",
            name,
            value,
        )

    slide("share", 100)
    half = figure("size")
    slide("share", 20)
    tenth = figure("size")
    assert 0 < tenth < half
    assert figure("captured") + figure("wrong") == pytest.approx(tenth, abs=0.11)
    assert wait(lambda: "Likely between" in driver.find_element(By.ID, "captured-note").text)
    slide("threshold", 90)
    assert figure("size") <= half
    slide("share", 100)
    slide("budget", 25)
    assert figure("size") < half
    assert "The budget pays for" in driver.find_element(By.ID, "limit").text
    slide("budget", 0)
    slide("effect", 0)
    assert figure("change") == -figure("cost_total")
    driver.find_element(By.CSS_SELECTOR, "#stage option[value=occasional]").click()
    slide("share", 40)
    size = figure("size")
    driver.find_element(By.ID, "name").send_keys("browser test")
    assert "--where" in driver.find_element(By.ID, "command").text
    driver.find_element(By.CSS_SELECTOR, "#save-form button").click()
    link = driver.find_element(By.ID, "audience-download")
    wait(link.is_displayed)
    link.click()
    (path,) = wait(lambda: list(tmp_path.glob("*.csv")))
    assert len(pd.read_csv(path)) == size
    assert_quiet(driver, "audience")


def test_light_becomes_dark_and_stays_so(driver: Any, site: tuple[str, str]) -> None:
    from selenium.webdriver.common.by import By

    def background() -> str:
        return str(driver.execute_script("return getComputedStyle(document.body).backgroundColor"))

    look(driver, f"{site[0]}/")
    light = background()
    driver.find_element(By.CSS_SELECTOR, "[data-theme-toggle]").click()
    dark = background()
    assert dark != light
    look(driver, f"{site[0]}/dashboard/flows")
    assert background() == dark
    driver.execute_script("localStorage.clear()")


def test_the_keyboard_reaches_the_content_first(driver: Any, site: tuple[str, str]) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    look(driver, f"{site[0]}/")
    driver.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    active = driver.switch_to.active_element
    assert active.get_attribute("class") == "skip"
    active.send_keys(Keys.ENTER)
    assert driver.switch_to.active_element.get_attribute("id") == "content"


@pytest.mark.skipif(QUICKSTART in os.environ, reason="the quickstart's data holds no hostile names")
def test_hostile_names_are_text_and_nothing_runs(driver: Any, site: tuple[str, str]) -> None:
    driver.get_log("browser")
    for page in (f"/dashboard/customer/{quote(HOSTILE_CUSTOMER, safe='')}", "/dashboard/customer/c0001", "/"):
        look(driver, f"{site[0]}{page}")
        assert_quiet(driver, page)
        assert driver.execute_script("return document.querySelectorAll('td b, h1 b, td img, td script').length") == 0
    look(driver, f"{site[0]}/dashboard/customer/c0001")
    assert HOSTILE in driver.execute_script("return document.body.innerText")


def test_every_page_weighs_less_than_two_megabytes(driver: Any, site: tuple[str, str]) -> None:
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    for page in pages(site[1]):
        look(driver, f"{site[0]}{page}")
        sizes = driver.execute_script(
            "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
            ".map(each => [each.name, each.decodedBodySize])"
        )
        assert sum(size for _, size in sizes) < 2_000_000, sizes
        assert all(name.startswith(site[0]) for name, _ in sizes), sizes
