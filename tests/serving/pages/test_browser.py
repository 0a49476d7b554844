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

import httpx
import pandas as pd
import pytest

from serving.languages.messages import messages
from serving.matured import write_cards
from serving.monitor import run_monitor
from serving.settings import Settings
from tests.browser import MISSING, browser, is_there, resize
from tests.serving.conftest import MODEL, served
from tests.serving.pages.test_shown import gone
from tests.serving.pages.untranslated import english_in, said, same_in
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


EMPTY_CHARTS = "return [...document.querySelectorAll('.chart')].filter(each => !each.querySelector('canvas')).length"
OUTSIDE = """
const limit = document.documentElement.clientWidth, own = ".scroll, .journey, .quiet, .customers thead, .skip";
return [...document.querySelectorAll("main *, header *, footer *")].filter((each) => !each.closest(own)
  && each.getBoundingClientRect().right > limit + 1).map((each) => each.outerHTML.slice(0, 200));
"""
"""What begins or ends beyond the page's edge, other than in a region that scrolls by itself."""


def in_language(page: str, language: str) -> str:
    return f"{page}{'&' if '?' in page else '?'}lang={language}"


@pytest.fixture(scope="module")
def english(driver: Any, site: tuple[str, str]) -> dict[str, set[str]]:
    """What every page says in English."""
    address, customer = site
    texts = {}
    for page in pages(customer):
        look(driver, address + in_language(page, "en"))
        texts[page] = said(driver)
    driver.get_log("browser")
    return texts


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_and_nothing_complains(
    driver: Any, site: tuple[str, str], english: dict[str, set[str]], width: int, language: str
) -> None:
    address, customer = site
    resize(driver, width)
    for page in pages(customer):
        look(driver, address + in_language(page, language))
        assert_quiet(driver, page)
        assert driver.execute_script("return document.documentElement.lang") == language
        assert driver.execute_script("return document.documentElement.scrollWidth") <= width, page
        assert driver.execute_script(OUTSIDE) == [], page
        assert driver.execute_script(EMPTY_CHARTS) == 0, page
        if language != "en":
            texts = said(driver)
            assert (english_in(texts, language), same_in(texts, english[page], language)) == (set(), set()), page


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


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reader_clicks_through(driver: Any, site: tuple[str, str], width: int, language: str) -> None:
    from selenium.webdriver.common.by import By

    address, customer = site
    resize(driver, width)
    look(driver, f"{address}/?lang={language}")  # a cookie remembers it

    def click(selector: str, place: int = 0) -> None:
        follow(driver, driver.find_elements(By.CSS_SELECTOR, selector)[place].click, selector)
        assert driver.execute_script("return document.documentElement.lang") == language

    assert driver.find_elements(By.CSS_SELECTOR, ".journey .stage .moves .delta") == []
    one, other = "optgroup:nth-of-type(2) option", "optgroup:nth-of-type(2) option ~ option"
    for choices in (["#against option[value='1']"], [f"#show {one}", f"#against {other}"]):
        for choice in choices:
            click(choice)
        assert len(driver.find_elements(By.CSS_SELECTOR, ".stage .customers .delta")) == len(stages(driver))
        assert driver.find_elements(By.CSS_SELECTOR, ".stage .moves .delta")
    choices_of = {1: ("#period option[value='1']", "#horizon option"), 2: ("#by option + option", "#by :last-child")}
    for place in (1, 2, 3, 4):
        click("nav a", place)
        for choice in choices_of.get(place, ()):
            click(choice)
        there = driver.find_elements(By.CSS_SELECTOR, "nav a")
        assert driver.find_element(By.CSS_SELECTOR, "nav a[aria-current]").text == there[place].text != ""
    look_up = (
        "document.getElementById('id').value = arguments[0]; document.querySelector('[role=search]').requestSubmit()"
    )
    follow(driver, lambda: driver.execute_script(look_up, customer), "search")
    assert customer in driver.find_element(By.TAG_NAME, "h1").text
    click(".when button")
    assert "as_of=" in driver.current_url
    click("nav a", 5)
    for folded in driver.find_elements(By.CSS_SELECTOR, "details:not([open]) summary"):
        folded.click()
    assert driver.find_elements(By.CSS_SELECTOR, "details:not([open])") == []
    click("nav a")
    name = stages(driver)[2]
    click(".chevron a", 2)
    assert driver.find_element(By.TAG_NAME, "h1").text == name
    who = driver.find_element(By.CSS_SELECTOR, "table.customers tbody a").text
    click("table.customers tbody a")
    assert who in driver.find_element(By.TAG_NAME, "h1").text


def stages(driver: Any) -> list[str]:
    """Returns what the stages of the journey map are called."""
    return [text.strip() for text in driver.execute_script(STAGES)]


STAGES = "return [...document.querySelectorAll('.chevron a')].map(each => each.textContent)"


def follow(driver: Any, act: Callable[[], Any], what: str) -> None:
    """Does what leads to another page, and waits until it is there."""
    driver.execute_script("document.documentElement.dataset.past = 'yes'")
    act()
    fresh = "return document.documentElement.dataset.past !== 'yes' && document.readyState === 'complete'"
    wait(lambda: driver.execute_script(fresh))
    assert_quiet(driver, what)


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_sliders_move_the_figures_and_a_segment_is_saved_and_downloaded(
    driver: Any, site: tuple[str, str], tmp_path: Path, width: int, language: str
) -> None:
    from selenium.webdriver.common.by import By

    resize(driver, width)
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    look(driver, f"{site[0]}/dashboard/audience?lang={language}")
    texts = messages(language).texts

    def shown(name: str) -> str:
        return str(driver.find_element(By.ID, name).text)

    def figure(name: str) -> float:
        return number_in(shown(name), language)

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
    likely = str(texts["audience.interval"]).partition("{")[0]
    assert wait(lambda: likely in shown("captured-note"))
    slide("threshold", 90)
    assert figure("size") <= half
    slide("share", 100)
    slide("budget", 25)
    assert figure("size") < half
    assert shown("limit").startswith(str(texts["audience.limit"]).partition("{")[0])
    slide("budget", 0)
    slide("effect", 0)
    assert figure("change") == -figure("cost_total")
    driver.find_element(By.CSS_SELECTOR, "#stage option[value=occasional]").click()
    slide("share", 200)
    expression = "stage == 'occasional'"
    if everybody := driver.find_elements(By.CSS_SELECTOR, "#persona option"):  # the quickstart finds no personas
        of_stage = figure("size")
        everybody[1].click()
        wait(lambda: 0 < figure("size") < of_stage)
        expression += f" and persona == '{everybody[1].get_attribute('value')}'"
    slide("share", 150)
    size = figure("size")
    name = f"browser {language} {width}"
    driver.find_element(By.ID, "name").send_keys(name)
    assert expression.replace("'", "'\\''") in shown("command")
    driver.find_element(By.CSS_SELECTOR, "#save-form button").click()
    link = driver.find_element(By.ID, "audience-download")
    wait(link.is_displayed)
    assert name in shown("save-result")
    link.click()
    (path,) = wait(lambda: list(tmp_path.glob("*.csv")))
    assert len(pd.read_csv(path)) == size
    (kept,) = [each for each in httpx.get(f"{site[0]}/segments").json()["segments"] if each["name"] == name]
    assert (kept["definition"]["where"], kept["preview"]["size"]) == (expression, size)
    assert_quiet(driver, "audience")


def number_in(text: str, language: str) -> float:
    """Returns the number that a page says as its language writes it, with whichever spaces between thousands."""
    plain = "".join(text.split()).replace("\N{MINUS SIGN}", "-")
    return float(plain.replace(",", "" if language == "en" else "."))


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
