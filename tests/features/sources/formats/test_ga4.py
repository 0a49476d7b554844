"""The traps of the BigQuery export of Google Analytics 4."""

import json
from typing import Any

import pytest

from features.sources.formats.ga4 import Ga4
from features.sources.importing.records import Options
from tests.features.sources.conftest import GOLDEN

VIEW, BUY = (json.loads(line) for line in (GOLDEN / "ga4_events.jsonl").read_text(encoding="utf-8").splitlines())


def row(base: dict[str, Any] = VIEW, **changes: Any) -> dict[str, Any]:
    return base | changes


def param(key: str, **value: Any) -> dict[str, Any]:
    return {"key": key, "value": value}


def test_the_sample_becomes_events_in_our_words(imported):
    found = imported(Ga4(), GOLDEN / "ga4_events.jsonl")
    assert found.column("event") == ["Product Viewed", "Order Completed"]
    assert found.times == ["2024-09-01 08:30:00", "2024-09-01 08:35:00"]
    assert found.column("value") == [None, 27.98]
    assert found.column("channel") == ["email", "email"]
    assert found.column("session_id") == ["1111111111.1725000000.1725179300"] * 2
    assert found.column("order_id") == [None, "T-1001"]
    assert found.column("duration") == [1.509, None]


def test_64_bit_numbers_that_come_as_texts_are_numbers(imported, json_lines):
    found = imported(Ga4(), json_lines(row(BUY, event_timestamp="1725179700000001")))
    assert found.column("quantity") == [2.0]
    assert found.column("value") == [27.98]
    assert found.events["timestamp"][0].microsecond == 1


def test_not_set_is_missing_and_no_value(imported, json_lines):
    items = [{"item_id": "(not set)", "item_category": "(not set)", "quantity": "(not set)"}]
    found = imported(Ga4(), json_lines(row(items=items, user_id="(not set)", geo={"country": "(not set)"})))
    assert found.events[["product_id", "category", "quantity", "country"]].isna().all(axis=None)
    assert found.column("customer_id") == ["1111111111.1725000000"]


def test_the_day_in_the_shops_zone_moves_no_event(imported, json_lines):
    late = row(event_date="20240902")  # 08:30 UTC is the next day where the shop is
    assert imported(Ga4(), json_lines(late)).times == ["2024-09-01 08:30:00"]


def test_a_day_that_is_imported_again_changes_nothing(imported, json_lines):
    once, again = json_lines(VIEW, BUY, name="a.jsonl"), json_lines(BUY, VIEW, name="b.jsonl")
    found = imported(Ga4(), once, again)
    assert (found.report.made, found.report.merged, found.report.taken) == (4, 2, 2)
    assert sorted(found.column("event_id")) == sorted(imported(Ga4(), once).column("event_id"))


def test_ids_are_those_of_earlier_releases(imported):
    found = imported(Ga4(), GOLDEN / "ga4_events.jsonl")
    assert found.column("event_id") == ["ga4-e0633728c4981723554c84245b896eb9", "ga4-6793e1b83d3a81c25ab0c340555a3c79"]


def test_numbers_as_texts_and_reordered_parameters_make_the_same_id(imported, json_lines):
    texts = row(event_params=[param("a", int_value="1"), param("b", string_value="x")])
    numbers = row(event_params=[param("b", string_value="x"), param("a", int_value=1)])
    assert imported(Ga4(), json_lines(texts, numbers)).report.taken == 1


def test_two_events_of_one_microsecond_that_differ_in_a_parameter_are_two(imported, json_lines):
    one, other = row(event_params=[param("a", int_value=1)]), row(event_params=[param("a", int_value=2)])
    assert imported(Ga4(), json_lines(one, other)).report.taken == 2


def test_how_a_user_came_the_first_time_is_not_the_channel(imported, json_lines):
    first_touch = {"name": "spring", "medium": "cpc", "source": "google"}
    nothing_known = row(traffic_source=first_touch, collected_traffic_source=None)
    assert imported(Ga4(), json_lines(nothing_known)).column("channel") == [None]


def test_the_sessions_last_click_comes_before_the_events_own_campaign(imported, json_lines):
    click = {"manual_campaign": {"campaign_name": "brand", "source": "google", "medium": "cpc"}}
    found = imported(Ga4(), json_lines(row(session_traffic_source_last_click=click)))
    assert (found.column("channel"), found.column("campaign")) == (["paid"], ["brand"])


@pytest.mark.parametrize("value", [{"int_value": 1}, {"int_value": "1"}, {"string_value": "1"}])
def test_session_engaged_is_read_from_whichever_column_it_is_in(imported, json_lines, value):
    found = imported(Ga4(), json_lines(row(event_params=[{"key": "session_engaged", "value": value}])))
    assert found.column("engaged") == [1.0]


def test_a_parameter_is_read_from_whichever_column_it_is_in(imported, json_lines):
    rows = [
        row(BUY, ecommerce=None, event_params=[param("value", **value), param("n", int_value=n)])
        for n, value in enumerate(({"double_value": 5.5}, {"string_value": "5.5"}, {"float_value": "5.5"}))
    ]
    assert imported(Ga4(), json_lines(*rows)).column("value") == [5.5] * 3


def test_of_intraday_and_daily_rows_the_daily_one_wins(imported, json_lines):
    click = {"manual_campaign": {"source": "google", "medium": "cpc"}}
    daily = json_lines(row(session_traffic_source_last_click=click), name="events_20240901.json")
    only_intraday = row(event_timestamp=1725179400000001)
    intraday = json_lines(VIEW, only_intraday, name="events_intraday_20240901.json")
    for files in ((daily, intraday), (intraday, daily)):
        found = imported(Ga4(), *files)
        assert found.column("channel") == ["paid"]
        assert found.report.aside.total() == 2


def test_without_table_names_a_row_that_only_daily_tables_have_is_the_daily_one(imported, json_lines):
    click = {"manual_campaign": {"source": "google", "medium": "cpc"}}
    daily = row(session_traffic_source_last_click=click)
    intraday = {name: cell for name, cell in VIEW.items() if name != "is_active_user"}
    for rows in ((daily, intraday), (intraday, daily)):
        found = imported(Ga4(), json_lines(*rows))
        assert found.column("channel") == ["paid"]
        assert found.report.merged == 1


def test_storage_denied_means_no_event_and_a_denied_consent(imported, json_lines):
    denied = row(privacy_info={"analytics_storage": "No"}, event_timestamp=1725179500000000)
    found = imported(Ga4(), json_lines(VIEW, denied))
    assert found.report.taken == 1
    assert found.report.aside == {"no consent: analytics_storage is No": 1}
    assert found.consents["consent_profiling"].tolist() == ["granted", "denied"]
    assert found.consents["source"].tolist() == ["GA4 privacy_info.analytics_storage"] * 2


def test_a_row_without_consent_and_without_any_id_is_set_aside_and_not_refused(imported, json_lines):
    cookieless = row(privacy_info={"analytics_storage": "No"}, user_pseudo_id=None)
    report = imported(Ga4(), json_lines(cookieless)).report
    assert (report.aside.total(), report.refused.total(), report.taken) == (1, 0, 0)


def test_a_refund_is_never_a_purchase(imported, json_lines):
    given_back = row(BUY, event_name="refund", ecommerce={"refund_value": "27.98"})
    negative = row(BUY, ecommerce={"purchase_revenue": -5.0}, event_timestamp=1725179700000009)
    found = imported(Ga4(), json_lines(given_back, negative))
    assert found.column("event") == ["Order Refunded"] * 2
    assert found.column("value") == [-27.98, -5.0]


def test_a_login_maps_later_events_of_the_browser_and_no_earlier_ones(imported, json_lines):
    later = row(event_timestamp=1725179800000000)
    found = imported(Ga4(), json_lines(later, BUY, VIEW))  # in any order of rows
    assert found.column("customer_id") == ["1111111111.1725000000", "crm-7", "crm-7"]


def test_own_names_take_the_place_of_ours(imported, json_lines):
    found = imported(Ga4(Options(names={"quiz_done": "Lead Generated"})), json_lines(row(event_name="quiz_done")))
    assert found.column("event") == ["Lead Generated"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{", "the row is no JSON"),
        ('"text"', "the row is not as the format documents it"),
        (row(event_name=None), "the row is not as the format documents it"),
        (row(event_timestamp="soon"), "a whole number is missing or cannot be read"),
        (row(event_timestamp=1725279400000000), "the time lies in the future or before 1901"),
        (row(user_pseudo_id=None), "the row names no customer"),
        (row(BUY, ecommerce={"purchase_revenue": "much"}), "a number cannot be read"),
        (row(BUY, ecommerce={"purchase_revenue": "nan"}), "a number cannot be read"),
    ],
)
def test_a_damaged_row_is_refused_with_its_reason_and_the_others_are_taken(imported, json_lines, bad, reason):
    found = imported(Ga4(), json_lines(VIEW, bad, BUY), latest=1725180000000000)
    assert found.report.refused == {reason: 1}
    assert found.report.shown[0]["line"] == 2
    assert found.report.taken == 2
