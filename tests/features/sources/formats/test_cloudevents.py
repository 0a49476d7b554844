import base64
import json
from typing import Any

import pytest

from features.sources.formats.cloudevents import CloudEvents
from features.sources.importing.records import Options
from tests.features.sources.conftest import GOLDEN

SAMPLE: dict[str, Any] = json.loads((GOLDEN / "cloudevents.jsonl").read_text(encoding="utf-8"))
ORDERS = Options(names={"com.example.order.completed": "Order Completed"})


def test_the_sample_becomes_an_event_by_our_name_for_its_type(imported):
    found = imported(CloudEvents(ORDERS), GOLDEN / "cloudevents.jsonl")
    columns = ("customer_id", "event", "value", "order_id", "currency")
    assert [found.column(name)[0] for name in columns] == ["crm-7", "Order Completed", 27.98, "T-1001", "EUR"]
    assert found.times == ["2024-09-01 08:35:00"]


def test_source_and_id_together_make_two_events_the_same(imported, json_lines):
    other = SAMPLE | {"source": "https://shop.example/other"}
    found = imported(CloudEvents(), json_lines(SAMPLE, SAMPLE, other))
    assert (found.report.taken, found.report.merged) == (2, 1)


def test_a_batch_is_one_array(imported, tmp_path):
    batch = tmp_path / "batch.json"
    batch.write_text(json.dumps([SAMPLE, SAMPLE | {"id": "ce-2"}, {"id": "bad"}], indent=2), encoding="utf-8")
    found = imported(CloudEvents(), batch)
    assert found.report.taken == 2
    assert found.report.shown[0]["line"] == 3


def test_data_in_base64_is_read(imported, json_lines):
    packed = {name: cell for name, cell in SAMPLE.items() if name != "data"}
    packed["data_base64"] = base64.b64encode(json.dumps(SAMPLE["data"]).encode()).decode()
    assert imported(CloudEvents(), json_lines(packed)).column("value") == [27.98]


def test_the_customer_may_be_a_field_of_the_data(imported, json_lines):
    row = SAMPLE | {"subject": "order/1", "data": {"who": 7}}
    assert imported(CloudEvents(Options(customer="who")), json_lines(row)).column("customer_id") == ["7"]


def test_a_negative_order_is_a_refund(imported, json_lines):
    row = SAMPLE | {"data": {"revenue": -3}}
    found = imported(CloudEvents(ORDERS), json_lines(row))
    assert (found.column("event"), found.column("value")) == (["Order Refunded"], [-3.0])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"specversion": "0.3"}, "the specversion is not 1.0"),
        ({"time": None}, "the time is missing"),
        ({"subject": None}, "the row names no customer"),
        ({"id": 7}, "the row is not as the format documents it"),
        ({"data_base64": "%"}, "data_base64 holds no JSON"),
    ],
)
def test_a_damaged_event_is_refused_with_its_reason(imported, json_lines, bad, reason):
    found = imported(CloudEvents(), json_lines(SAMPLE, SAMPLE | bad))
    assert found.report.refused == {reason: 1}
