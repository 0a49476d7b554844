"""What the properties and the context of a Segment message say of its event, in the columns that all imports share.

https://segment.com/docs/connections/spec/ecommerce/v2/
"""

from collections.abc import Mapping
from typing import Any

from features.sources.importing.cells import refund, text
from features.sources.importing.channels import EMAIL, channel_of

ORDERS = frozenset({"Order Completed", "Order Updated", "Order Refunded", "Order Cancelled"})
MONEY_BACK = frozenset({"Order Refunded", "Order Cancelled"})
EMAILS = frozenset(
    {"Email Bounced", "Email Delivered", "Email Link Clicked", "Email Marked as Spam", "Email Opened", "Unsubscribed"}
)


def value_names(event: str) -> tuple[str, ...]:
    """Returns the properties that may hold the value of an event, the best one first; a total is one of orders only."""
    return ("revenue", "total", "value") if event in ORDERS else ("revenue", "value")


def settled_order(event: str, value: float | None) -> tuple[str, float | None]:
    """Returns the name and the value of an event; what gives money back is a refund, whatever it is called.

    Examples
    --------
    >>> settled_order("Order Cancelled", 30.0), settled_order("Order Completed", -3.0)
    (('Order Cancelled', -30.0), ('Order Refunded', -3.0))
    """
    if event in MONEY_BACK:
        return event, refund(value)
    if event == "Order Completed" and value is not None and value < 0:
        return "Order Refunded", value
    return event, value


def channel_of_event(event: str, context: Mapping[str, Any]) -> str | None:
    """Returns the channel: that of e-mails for what happens to one, else what the campaign's medium or source says."""
    campaign = _inside(context, "campaign")
    return EMAIL if event in EMAILS else channel_of(_cell(campaign, "medium"), _cell(campaign, "source"))


def told_columns(message: Mapping[str, Any]) -> dict[str, str | float]:
    """Returns the shared columns that a message says in lists and objects, without those that it does not say.

    Examples
    --------
    >>> products = [{"product_id": "42", "quantity": 2}, {"product_id": "43", "quantity": 1}]
    >>> told_columns({"properties": {"products": products}, "context": {"campaign": {"name": "autumn"}}})
    {'product_id': '42', 'campaign': 'autumn', 'quantity': 3.0}
    """
    properties, context = _inside(message, "properties"), _inside(message, "context")
    products = properties.get("products")
    listed = [product for product in products if isinstance(product, dict)] if isinstance(products, list) else []
    first = listed[0] if listed else properties
    told: dict[str, str | float | None] = {
        "product_id": _cell(first, "product_id"),
        "category": _cell(first, "category") or _cell(message, "category"),
        "campaign": _cell(_inside(context, "campaign"), "name"),
        "page": _cell(properties, "url") or _cell(_inside(context, "page"), "url"),
        "device": _cell(_inside(context, "device"), "type"),
        "quantity": _quantity(listed),
    }
    return {name: cell for name, cell in told.items() if cell is not None}


def _quantity(products: list[dict[str, Any]]) -> float | None:
    counted = [product.get("quantity") for product in products]
    numbers = [float(count) for count in counted if isinstance(count, int | float) and not isinstance(count, bool)]
    return sum(numbers) if numbers else None


def _inside(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = parent.get(name)
    return found if isinstance(found, dict) else {}


def _cell(parent: Mapping[str, Any], name: str) -> str | None:
    found = parent.get(name)
    return None if isinstance(found, dict | list) else text(found)
