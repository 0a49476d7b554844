"""The traps of Yandex.Metrica's Logs API."""

import pytest

from features.errors import EventLogError
from features.sources.formats.metrica import Metrica, array_of
from features.sources.importing.records import Options, Refused
from features.timestamps import parse_moment
from tests.features.sources.conftest import GOLDEN

MOSCOW = Options(timezone="Europe/Moscow")
VISITS, HITS = GOLDEN / "metrica_visits.tsv", GOLDEN / "metrica_hits.tsv"
LINES = [line.split("\t") for line in VISITS.read_text(encoding="utf-8").splitlines()]
HEADER, FIRST, SECOND = LINES
ORDER = dict(zip(HEADER, SECOND, strict=True))


def visit(**changes: str) -> dict[str, str]:
    return ORDER | {f"ym:s:{name}": cell for name, cell in changes.items()}


def test_visits_become_sessions_goals_and_purchases(imported):
    found = imported(Metrica(MOSCOW), VISITS)
    assert found.column("event") == ["Session Started"] * 2 + ["Goal 201", "Goal 305", "Order Completed"]
    assert found.times[:3] == ["2024-09-01 08:30:26", "2024-09-02 06:00:00", "2024-09-02 06:01:00"]
    assert found.column("value") == [None, None, None, None, 27.98]
    assert found.column("channel") == ["organic", *["paid"] * 4]
    assert found.column("device") == ["desktop", *["mobile"] * 4]


def test_page_views_come_from_hits(imported, tab_file):
    found = imported(Metrica(MOSCOW), HITS)
    assert (found.column("event"), found.times) == (["Page Viewed"], ["2024-09-01 08:30:26"])
    header, hit = (line.split("\t") for line in HITS.read_text(encoding="utf-8").splitlines())
    download = dict(zip(header, hit, strict=True)) | {"ym:pv:isPageView": "0"}
    report = imported(Metrica(MOSCOW), tab_file(header, download.values())).report
    assert report.aside == {"hit that is no page view": 1}


def test_ids_beyond_two_to_the_53_keep_their_last_digits(imported, tab_file):
    other = visit(visitID="5495751434909778000")
    found = imported(Metrica(MOSCOW), tab_file(HEADER, SECOND, other.values()))
    assert found.report.merged == 0
    assert set(found.column("session_id")) == {"5495751434909777999", "5495751434909778000"}
    assert set(found.column("customer_id")) == {"1663601426389073090"}


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("[]", []),
        ("[201,305]", ["201", "305"]),
        (r"[\'T-1\',\'T,2\']", ["T-1", "T,2"]),
        (r"[\'O\\\'Neill\',\'[b]\']", ["O'Neill", "[b]"]),
        ("['a','b']", ["a", "b"]),
        ("[,]", ["", ""]),
        (r"[\'\']", [""]),
    ],
)
def test_arrays_are_read_as_the_logs_api_quotes_them(cell, items):
    assert array_of(cell) == items


@pytest.mark.parametrize("cell", ["201,305", "[201", r"[\'a]", r"[\'a\',b]"])
def test_a_broken_array_is_refused(cell):
    with pytest.raises(Refused, match="array"):
        array_of(cell)


def test_arrays_of_different_length_are_refused_and_never_cut(imported, tab_file):
    short = visit(goalsDateTime=r"[\'2024-09-02 09:01:00\']", visitID="7")
    found = imported(Metrica(MOSCOW), tab_file(HEADER, FIRST, short.values()))
    assert found.report.refused == {"arrays that belong together differ in length": 1}
    assert "goalsDateTime" in found.report.shown[0]["detail"]
    assert found.report.taken == 1


def test_a_line_with_a_tab_too_many_is_counted_and_not_dropped_in_silence(imported, tab_file):
    found = imported(Metrica(MOSCOW), tab_file(HEADER, FIRST, [*SECOND, "more"]))
    assert found.report.refused == {"the number of cells differs from the header's": 1}
    assert found.report.shown[0]["line"] == 3


def test_date_time_utc_is_three_hours_ahead_of_utc_whatever_its_name_says(imported, tab_file):
    told = visit(dateTime="2024-09-02 13:00:00", goalsDateTime=r"[\'2024-09-02 13:01:00\',\'2024-09-02 13:04:10\']")
    both = {**told, "ym:s:dateTimeUTC": "2024-09-02 11:00:00", "ym:s:purchaseDateTime": r"[\'2024-09-02 13:04:10\']"}
    found = imported(Metrica(), tab_file(both, both.values()))
    assert found.times == ["2024-09-02 08:00:00", "2024-09-02 08:01:00", "2024-09-02 08:04:10", "2024-09-02 08:04:10"]


def test_without_a_zone_the_counters_clock_is_not_guessed(imported):
    with pytest.raises(EventLogError, match="times by the counter's clock; name its zone by --timezone"):
        imported(Metrica(), VISITS)


def test_a_visit_that_comes_again_takes_its_newer_values_and_keeps_when_it_was_first_known(imported, tab_file):
    longer = visit(pageViews="9", visitDuration="900")
    for rows in ((SECOND, longer.values()), (longer.values(), SECOND)):
        found = imported(Metrica(MOSCOW), tab_file(HEADER, *rows))
        assert found.column_of("Session Started", "pages") == [9.0]
        assert found.report.taken == 4


def test_a_purchase_product_shows_its_number_and_category_under_old_and_new_names(imported, tab_file):
    for prefix in ("products", "purchasedProduct"):
        cells = {"PurchaseID": r"[\'T-1001\']", "ID": r"[\'SKU\']", "Category": r"[\'Mugs\']", "Quantity": "[3]"}
        row = ORDER | {f"ym:s:{prefix}{name}": cell for name, cell in cells.items()}
        found = imported(Metrica(MOSCOW), tab_file(row, row.values()))
        assert found.column_of("Order Completed", "product_id") == ["SKU"]
        assert found.column_of("Order Completed", "category") == ["Mugs"]
        assert found.column_of("Order Completed", "quantity") == [3.0]


def test_products_that_were_shown_are_products_viewed(imported, tab_file):
    cells = {"impressionsDateTime": r"[\'2024-09-02 09:00:05\']", "impressionsProductID": r"[\'SKU\']"}
    row = visit(**cells)
    found = imported(Metrica(MOSCOW), tab_file(row, row.values()))
    assert found.column_of("Product Viewed", "product_id") == ["SKU"]


def test_a_negative_purchase_is_a_refund(imported, tab_file):
    row = visit(purchaseRevenue="[-27.98]")
    found = imported(Metrica(MOSCOW), tab_file(HEADER, row.values()))
    assert found.column("event")[-1] == "Order Refunded"
    assert found.column("value")[-1] == -27.98


def test_goals_take_the_names_that_the_business_gives_them(imported):
    named = Options(timezone="Europe/Moscow", names={"201": "Checkout Started"})
    assert "Checkout Started" in imported(Metrica(named), VISITS).column("event")


def test_the_moment_of_the_download_is_when_a_visit_was_known(imported):
    told = Options("Europe/Moscow", known_at=parse_moment("2024-09-03T00:00:00Z"))
    assert imported(Metrica(told), VISITS).known == ["2024-09-03 00:00:00"] * 5


@pytest.mark.parametrize(
    ("header", "says"),
    [(["visitID"], "begins with no 'ym:s:'"), (["ym:s:visitID", "ym:s:dateTime"], "no column 'ym:s:clientID'")],
)
def test_a_file_of_something_else_is_unusable(imported, tab_file, header, says):
    with pytest.raises(EventLogError, match=says):
        imported(Metrica(MOSCOW), tab_file(header, ["1"] * len(header)))
