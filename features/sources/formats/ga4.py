"""Google Analytics 4: rows of the BigQuery export's event tables, one JSON object a line.

https://support.google.com/analytics/answer/7029846
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from features.sources.importing.cells import Number, decoded, flag, key, number, refund, text, whole
from features.sources.importing.channels import PAID, channel_of, present
from features.sources.importing.lines import JsonRows
from features.sources.importing.records import (
    DENIED,
    GRANTED,
    Aside,
    Consent,
    Event,
    Link,
    Numbered,
    Options,
    Record,
)

NAMES = {
    "page_view": "Page Viewed",
    "session_start": "Session Started",
    "view_search_results": "Products Searched",
    "search": "Products Searched",
    "view_item_list": "Product List Viewed",
    "select_item": "Product Clicked",
    "view_item": "Product Viewed",
    "view_promotion": "Promotion Viewed",
    "select_promotion": "Promotion Clicked",
    "add_to_cart": "Product Added",
    "remove_from_cart": "Product Removed",
    "view_cart": "Cart Viewed",
    "begin_checkout": "Checkout Started",
    "add_shipping_info": "Checkout Step Completed",
    "add_payment_info": "Payment Info Entered",
    "purchase": "Order Completed",
    "refund": "Order Refunded",
    "add_to_wishlist": "Product Added to Wishlist",
    "share": "Product Shared",
    "generate_lead": "Lead Generated",
    "sign_up": "Signed Up",
    "login": "Signed In",
}
"""Events that have another name in our vocabulary; others keep theirs."""

TABLE = re.compile(r"events_(?P<intraday>intraday_)?(?P<day>\d{8})")
DAILY_WINS = 1 << 40
"""A revision that is higher than any number of seconds."""

SOURCE = "GA4 privacy_info.analytics_storage"


class Value(Struct, gc=False):
    """A parameter's value; whichever of them is set."""

    string_value: str | None = None
    int_value: Number = None
    float_value: Number = None
    double_value: Number = None


class Param(Struct, gc=False):
    """A parameter of an event."""

    key: str
    value: Value | None = None


class Campaign(Struct, gc=False):
    """The campaign of a session."""

    campaign_name: str | None = None
    source: str | None = None
    medium: str | None = None


class LastClick(Struct, gc=False):
    """What a session is attributed to."""

    manual_campaign: Campaign | None = None


class Collected(Struct, gc=False):
    """The campaign that came with this event."""

    manual_campaign_name: str | None = None
    manual_source: str | None = None
    manual_medium: str | None = None
    gclid: str | None = None


class Ecommerce(Struct, gc=False):
    """An order as a whole."""

    total_item_quantity: Number = None
    purchase_revenue: Number = None
    refund_value: Number = None
    transaction_id: str | None = None


class Item(Struct, gc=False):
    """A product."""

    item_id: str | None = None
    item_category: str | None = None
    quantity: Number = None


class Privacy(Struct, gc=False):
    """Consent."""

    analytics_storage: str | None = None


class Device(Struct, gc=False):
    """What was used."""

    category: str | None = None


class Geo(Struct, gc=False):
    """Where."""

    country: str | None = None


class Row(Struct, gc=False):
    """What is read of a row; ``traffic_source`` is left alone, for it is how the user came the first time."""

    event_date: str
    event_timestamp: int | str
    event_name: str
    event_params: list[Param] | None = None
    user_id: str | None = None
    user_pseudo_id: str | None = None
    privacy_info: Privacy | None = None
    stream_id: str | int | None = None
    device: Device | None = None
    geo: Geo | None = None
    ecommerce: Ecommerce | None = None
    items: list[Item] | None = None
    collected_traffic_source: Collected | None = None
    session_traffic_source_last_click: LastClick | None = None
    is_active_user: bool | str | None = None


class Line(NamedTuple):
    """A line, and whether it comes from a daily table; None if nothing says so."""

    daily: bool | None
    text: bytes


Params = dict[str, str | int | float | None]
DECODER = msgspec.json.Decoder(Row)
NO_ORDER, NO_ITEM = Ecommerce(), Item()


@dataclass(frozen=True)
class Ga4:
    """The BigQuery export of Google Analytics 4.

    Parameters
    ----------
    days
        Days whose daily table is among the files: their intraday rows are set aside.
    """

    options: Options = field(default_factory=Options)
    days: frozenset[str] = frozenset()

    def prepared(self, files: tuple[Path, ...]) -> "Ga4":
        """Returns the format that knows which daily tables there are."""
        tables = [found for file in files if (found := TABLE.search(file.name))]
        return replace(self, days=frozenset(table["day"] for table in tables if not table["intraday"]))

    def rows(self, file: Path) -> Iterable[Numbered]:
        """Returns each line with whether its file's name says that it comes from the daily table."""
        table = TABLE.search(file.name)
        return JsonRows(file, partial(Line, None if table is None else not table["intraday"]))

    def records(self, row: Line) -> Iterable[Record]:
        """Returns the event, who it was, and what they consent to."""
        found, daily = decoded(DECODER, row.text), row.daily
        if daily is False and found.event_date in self.days:
            return (Aside("intraday row of a day whose daily table is there"),)
        time = whole(found.event_timestamp)
        customer, anonymous = present(found.user_id), present(found.user_pseudo_id)
        known = self.options.known_at
        records: list[Record] = []
        storage = found.privacy_info.analytics_storage if found.privacy_info else None
        if storage in ("Yes", "No") and (customer or anonymous):
            state = GRANTED if storage == "Yes" else DENIED
            records.append(Consent(customer, anonymous, time, known, state, SOURCE))
        if storage == "No":
            records.append(Aside("no consent: analytics_storage is No"))
            return records
        if customer and anonymous:
            records.append(Link(customer, anonymous, time, known))
        records.append(self._event(found, time, daily))
        return records

    def _event(self, row: Row, time: int, daily: bool | None) -> Event:
        params = _params(row.event_params or [])
        orders, item = row.ecommerce or NO_ORDER, row.items[0] if row.items else NO_ITEM
        event, value = self._named(row.event_name, params, orders)
        channel, campaign = _channel(row, params)
        session = params.get("ga_session_id")
        parts = [f"{name}={_plain(found)}" for name, found in sorted(params.items())]
        spent = number(params.get("engagement_time_msec"))
        return Event(
            customer=present(row.user_id),
            anonymous=present(row.user_pseudo_id),
            time=time,
            event=event,
            event_id="ga4-"
            + key(row.event_date, row.stream_id, row.user_pseudo_id, session, row.event_name, time, *parts),
            known=self.options.known_at,
            revision=self._revision(row, daily),
            channel=channel,
            value=value,
            session_id=None if session is None else f"{row.user_pseudo_id}.{session}",
            order_id=present(orders.transaction_id) or text(params.get("transaction_id")),
            product_id=present(item.item_id),
            category=present(item.item_category),
            campaign=campaign,
            page=text(params.get("page_location")),
            device=present(row.device.category) if row.device else None,
            country=present(row.geo.country) if row.geo else None,
            currency=text(params.get("currency")),
            quantity=number(orders.total_item_quantity) or number(item.quantity),
            duration=None if spent is None else spent / 1000,
            engaged=flag(params.get("session_engaged")),
        )

    def _named(self, name: str, params: Params, orders: Ecommerce) -> tuple[str, float | None]:
        """Returns our name of an event and its value; what gives money back is a refund, whatever it is called."""
        value = number(params.get("value"))
        if name == "purchase":
            revenue = number(orders.purchase_revenue)
            value = value if revenue is None else revenue
        if name == "refund":
            given = number(orders.refund_value)
            value = refund(value if given is None else given)
        if name == "purchase" and value is not None and value < 0:
            name = "refund"
        return self.options.names.get(name) or NAMES.get(name, name), value

    def _revision(self, row: Row, daily: bool | None) -> int:
        if daily is None:
            daily = row.is_active_user is not None
        return DAILY_WINS * daily + (self.options.known_at or 0) // 10**6


def _params(listed: list[Param]) -> Params:
    """Returns each parameter's value, in whichever column it is."""
    return {
        param.key: value.string_value if value.string_value is not None else _number(value)
        for param in listed
        if (value := param.value) is not None
    }


def _number(value: Value) -> Number:
    if value.int_value is not None:
        return value.int_value
    return value.float_value if value.double_value is None else value.double_value


def _plain(found: str | float | None) -> str | float | None:
    """Returns a value as it is in every export: whole numbers may come as numbers or as texts."""
    return int(found) if isinstance(found, float) and found.is_integer() else found


def _channel(row: Row, params: Params) -> tuple[str | None, str | None]:
    """Returns channel and campaign of the session, or of this event; never those of the user's first visit."""
    click = row.session_traffic_source_last_click
    if click and click.manual_campaign and (found := click.manual_campaign) and (found.medium or found.source):
        return channel_of(found.medium, found.source), present(found.campaign_name)
    came = row.collected_traffic_source
    if came and (came.manual_medium or came.manual_source or came.gclid):
        return channel_of(came.manual_medium, came.manual_source) or PAID, present(came.manual_campaign_name)
    medium, source = text(params.get("medium")), text(params.get("source"))
    return channel_of(medium, source), text(params.get("campaign"))
