from typing import Any

import pytest

from features.sources.segment_properties import channel_of_event, settled_order, told_columns, value_names


def test_a_total_is_the_value_of_orders_only() -> None:
    assert "total" in value_names("Order Completed")
    assert "total" not in value_names("Product Viewed")


@pytest.mark.parametrize(
    ("event", "value", "settled"),
    [
        ("Order Refunded", 3.0, ("Order Refunded", -3.0)),
        ("Order Cancelled", None, ("Order Cancelled", None)),
        ("Order Completed", -3.0, ("Order Refunded", -3.0)),
        ("Order Completed", 3.0, ("Order Completed", 3.0)),
        ("Deal Lost", -3.0, ("Deal Lost", -3.0)),
    ],
)
def test_what_gives_money_back_is_a_refund(event: str, value: float | None, settled: tuple[str, float | None]) -> None:
    assert settled_order(event, value) == settled


def test_the_channel_is_one_of_the_list_that_all_imports_share() -> None:
    assert channel_of_event("Product Viewed", {"campaign": {"medium": "cpc", "source": "email"}}) == "paid"
    assert channel_of_event("Email Opened", {"campaign": {"medium": "cpc"}}) == "email"
    assert channel_of_event("Product Viewed", {"campaign": "autumn"}) is None


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ({"properties": {"url": "/a"}, "context": {"page": {"url": "/b"}}}, {"page": "/a"}),
        ({"context": {"page": {"url": "/b"}, "device": {"type": "ios"}}}, {"page": "/b", "device": "ios"}),
        ({"category": "Docs", "properties": {"product_id": 42}}, {"product_id": "42", "category": "Docs"}),
        ({"properties": {"products": [7, {"quantity": "two"}, {"quantity": 2}]}}, {"quantity": 2.0}),
        ({"properties": 3, "context": None}, {}),
    ],
)
def test_lists_and_objects_say_shared_columns(message: dict[str, Any], told: dict[str, Any]) -> None:
    assert told_columns(message) == told
