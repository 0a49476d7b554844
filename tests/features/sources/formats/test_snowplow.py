"""The three forms of Snowplow's atomic events give the same events."""

import json
from typing import Any

import pytest

from features.errors import EventLogError
from features.sources.formats.snowplow import COLUMNS, Snowplow
from features.sources.importing.records import Options

VIEW = {
    "platform": "web",
    "collector_tstamp": "2024-09-01 08:30:02.250",
    "derived_tstamp": "2024-09-01 08:30:00.125",
    "event": "page_view",
    "event_name": "page_view",
    "event_id": "c6ef3124-b53a-4b13-a233-0088f79dcbcb",
    "event_fingerprint": "aa",
    "domain_userid": "browser-1",
    "domain_sessionid": "session-1",
    "page_url": "https://shop.example/p/42",
    "mkt_medium": "cpc",
    "mkt_source": "google",
    "dvce_type": "Mobile",
}
ECOMMERCE = "iglu:com.snowplowanalytics.snowplow.ecommerce/snowplow_ecommerce_action/jsonschema/1-0-2"


def enriched(row: dict[str, str]) -> list[str]:
    return [row.get(name, "") for name in COLUMNS]


def action(kind: str, **data: Any) -> dict[str, str]:
    body = {"schema": "unstruct_event", "data": {"schema": ECOMMERCE, "data": {"type": kind, **data}}}
    return VIEW | {
        "event": "unstruct",
        "event_name": "snowplow_ecommerce_action",
        "unstruct_event": json.dumps(body),
        "event_id": kind,
    }


def test_an_enriched_row_has_the_131_columns_of_the_format():
    assert len(COLUMNS) == len(set(COLUMNS)) == 131


def test_tsv_without_header_with_header_csv_and_json_are_read_alike(imported, tab_file, json_lines, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text(",".join(VIEW) + "\n" + ",".join(VIEW.values()) + "\n", encoding="utf-8")
    files = [tab_file(enriched(VIEW), name="a"), tab_file(VIEW, VIEW.values(), name="b"), json_lines(VIEW), table]
    first, *others = [imported(Snowplow(), file) for file in files]
    assert first.column("event") == ["Page Viewed"]
    assert first.column("channel") == ["paid"]
    assert all(other.events.equals(first.events) for other in others)


def test_the_event_counts_from_its_derived_time_and_is_known_when_it_was_collected(imported, tab_file):
    found = imported(Snowplow(), tab_file(enriched(VIEW)))
    assert (found.times, found.known) == (["2024-09-01 08:30:00"], ["2024-09-01 08:30:02"])


def test_copies_have_one_id_and_one_fingerprint(imported, tab_file):
    other = VIEW | {"event_fingerprint": "bb"}
    found = imported(Snowplow(), tab_file(enriched(VIEW), enriched(VIEW), enriched(other)))
    assert (found.report.taken, found.report.merged) == (2, 1)


def test_a_login_maps_later_events_only(imported, tab_file):
    times = ("08:00:00", "09:00:00", "10:00:00")
    rows = [VIEW | {"derived_tstamp": f"2024-09-01 {time}", "collector_tstamp": f"2024-09-01 {time}"} for time in times]
    named = [row | {"event_id": str(number)} for number, row in enumerate(rows)]
    named[1]["user_id"] = "crm-7"
    found = imported(Snowplow(), tab_file(*map(enriched, named)))
    assert found.column("customer_id") == ["browser-1", "crm-7", "crm-7"]


def test_transactions_are_purchases_and_their_items_are_none(imported, tab_file):
    sold = VIEW | {"event": "transaction", "event_name": "transaction", "tr_total": "30", "tr_orderid": "T1"}
    back = sold | {"tr_total": "-30", "event_id": "back"}
    item = VIEW | {"event": "transaction_item", "event_id": "item", "ti_price": "30"}
    found = imported(Snowplow(), tab_file(*map(enriched, (sold, back, item))))
    assert found.column("event") == ["Order Completed", "Order Refunded"]
    assert found.column("value") == [30.0, -30.0]
    assert found.report.aside.total() == 1


def test_the_e_commerce_action_tells_what_happened(imported, tab_file):
    rows = [
        action("product_view"),
        action("transaction", transaction={"revenue": 12.5}),
        action("refund", refund={"refund_amount": 12.5}),
    ]
    found = imported(Snowplow(), tab_file(*map(enriched, rows)))
    assert found.column("event") == ["Product Viewed", "Order Completed", "Order Refunded"]
    assert found.column("value") == [None, 12.5, -12.5]


def test_structured_and_own_events_take_the_names_that_the_business_gives(imported, tab_file):
    struct = VIEW | {"event": "struct", "event_name": "event", "se_action": "add-to-basket", "se_value": "2.5"}
    own = VIEW | {"event": "unstruct", "event_name": "quiz_done", "event_id": "2"}
    options = Options(names={"add-to-basket": "Product Added"})
    found = imported(Snowplow(options), tab_file(enriched(struct), enriched(own)))
    assert found.column("event") == ["Product Added", "quiz_done"]
    assert found.column("value") == [2.5, None]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"collector_tstamp": ""}, "the time is missing"),
        ({"event_id": ""}, "the event has no event_id"),
        ({"domain_userid": ""}, "the row names no customer"),
        ({"derived_tstamp": "today"}, "the time cannot be read; say how it is written by --date-format"),
    ],
)
def test_a_damaged_row_is_refused_with_its_reason(imported, tab_file, bad, reason):
    found = imported(Snowplow(), tab_file(enriched(VIEW), enriched(VIEW | bad)))
    assert found.report.refused == {reason: 1}


def test_another_file_is_unusable(imported, tab_file):
    with pytest.raises(EventLogError, match="neither 131 tab-separated cells nor a column 'event_id'"):
        imported(Snowplow(), tab_file(["a", "b"]))
