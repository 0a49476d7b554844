"""Snowplow: atomic events, as enriched TSV without a header, or as a table of a warehouse (TSV, CSV or JSON lines).

https://docs.snowplow.io/docs/fundamentals/canonical-event/
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import msgspec

from features.errors import EventLogError
from features.sources.importing.cells import Number, decoded, number, refund, text
from features.sources.importing.channels import channel_of
from features.sources.importing.lines import JsonRows, byte_lines, tab_rows, table_rows
from features.sources.importing.moments import moment
from features.sources.importing.records import Aside, Event, Link, Numbered, Options, Record, Refused

COLUMNS = tuple(
    """app_id platform etl_tstamp collector_tstamp dvce_created_tstamp event event_id txn_id name_tracker v_tracker
    v_collector v_etl user_id user_ipaddress user_fingerprint domain_userid domain_sessionidx network_userid geo_country
    geo_region geo_city geo_zipcode geo_latitude geo_longitude geo_region_name ip_isp ip_organization ip_domain
    ip_netspeed page_url page_title page_referrer page_urlscheme page_urlhost page_urlport page_urlpath page_urlquery
    page_urlfragment refr_urlscheme refr_urlhost refr_urlport refr_urlpath refr_urlquery refr_urlfragment refr_medium
    refr_source refr_term mkt_medium mkt_source mkt_term mkt_content mkt_campaign contexts se_category se_action
    se_label se_property se_value unstruct_event tr_orderid tr_affiliation tr_total tr_tax tr_shipping tr_city tr_state
    tr_country ti_orderid ti_sku ti_name ti_category ti_price ti_quantity pp_xoffset_min pp_xoffset_max pp_yoffset_min
    pp_yoffset_max useragent br_name br_family br_version br_type br_renderengine br_lang br_features_pdf
    br_features_flash br_features_java br_features_director br_features_quicktime br_features_realplayer
    br_features_windowsmedia br_features_gears br_features_silverlight br_cookies br_colordepth br_viewwidth
    br_viewheight os_name os_family os_manufacturer os_timezone dvce_type dvce_ismobile dvce_screenwidth
    dvce_screenheight doc_charset doc_width doc_height tr_currency tr_total_base tr_tax_base tr_shipping_base
    ti_currency ti_price_base base_currency geo_timezone mkt_clickid mkt_network etl_tags dvce_sent_tstamp
    refr_domain_userid refr_dvce_tstamp derived_contexts domain_sessionid derived_tstamp event_vendor event_name
    event_format event_version event_fingerprint true_tstamp""".split()  # noqa: SIM905 - 131 names, in the order of the format
)
NAMES = {
    "page_view": "Page Viewed",
    "page_ping": "Page Pinged",
    "transaction": "Order Completed",
}
ECOMMERCE = "snowplow_ecommerce_action"
ACTIONS = {
    "product_view": "Product Viewed",
    "list_view": "Product List Viewed",
    "list_click": "Product Clicked",
    "add_to_cart": "Product Added",
    "remove_from_cart": "Product Removed",
    "checkout_step": "Checkout Step Completed",
    "transaction": "Order Completed",
    "refund": "Order Refunded",
    "promo_view": "Promotion Viewed",
    "promo_click": "Promotion Clicked",
}
"""Types of Snowplow's own e-commerce action."""

DECODER = msgspec.json.Decoder(dict[str, Any])
AnyRow = Mapping[str, Any]
Row = Mapping[str, Number]


@dataclass(frozen=True)
class Snowplow:
    """Atomic events; ``collector_tstamp`` says when each became known.

    ``options.names`` gives our names for the ``event_name`` of self-describing events and the ``se_action`` of
    structured ones.
    """

    options: Options = field(default_factory=Options)

    def prepared(self, files: tuple[Path, ...]) -> "Snowplow":
        """Returns itself after a look at each first line.

        Raises
        ------
        EventLogError
            If it is none of the three forms.
        """
        for file in files:
            _reader(file)
        return self

    def rows(self, file: Path) -> Iterable[Numbered]:
        """Returns each row by column, or the line of a JSON object."""
        return _reader(file)

    def records(self, row: bytes | AnyRow) -> Iterable[Record]:
        """Returns the event, and that a browser is a customer where a row says both."""
        cells: AnyRow = _object(row) if isinstance(row, bytes) else row
        kind = _text(cells, "event")
        if kind == "transaction_item":
            return (Aside("item of a transaction, which counts as a whole"),)
        known = moment(_text(cells, "collector_tstamp"), UTC)
        derived = _text(cells, "derived_tstamp")
        time = moment(derived, UTC) if derived else known
        customer, anonymous = _text(cells, "user_id"), _text(cells, "domain_userid")
        event = self._event(cells, time, known)
        linked = (Link(customer, anonymous, time, known),) if customer and anonymous else ()
        return (*linked, event)

    def _event(self, row: Row, time: int, known: int) -> Event:
        identity = _text(row, "event_id")
        if identity is None:
            raise Refused("the event has no event_id")
        name, value = self._named(row)
        medium, source = _text(row, "mkt_medium"), _text(row, "mkt_source")
        came = channel_of(medium, source) or channel_of(_text(row, "refr_medium"))
        return Event(
            customer=_text(row, "user_id"),
            anonymous=_text(row, "domain_userid"),
            time=time,
            event=name,
            event_id=f"snowplow-{identity}-{_text(row, 'event_fingerprint') or ''}",
            known=known,
            channel=came,
            value=value,
            session_id=_text(row, "domain_sessionid"),
            order_id=_text(row, "tr_orderid"),
            category=_text(row, "se_category"),
            campaign=_text(row, "mkt_campaign"),
            page=_text(row, "page_url"),
            device=_text(row, "dvce_type"),
            country=_text(row, "geo_country"),
            currency=_text(row, "tr_currency"),
        )

    def _named(self, row: Row) -> tuple[str, float | None]:
        """Returns our name of an event and its value; a transaction of less than nothing is a refund."""
        kind, told = _text(row, "event") or "", _text(row, "event_name")
        action, value = _action(row), number(row.get("tr_total"))
        if kind == "struct":
            told, value = _text(row, "se_action"), number(row.get("se_value"))
        elif action is not None:
            told, value = action
        own = self.options.names.get(told or "")
        name = own or (ACTIONS.get(told or "") if action else None) or NAMES.get(kind) or told or kind
        if name == "Order Refunded" or (name == "Order Completed" and value is not None and value < 0):
            return "Order Refunded", refund(value)
        return name, value


def _object(line: bytes) -> dict[str, Any]:
    return decoded(DECODER, line)


def _action(row: Row) -> tuple[str, float | None] | None:
    """Returns type and worth of an e-commerce action; None for any other event."""
    body = row.get("unstruct_event")
    if _text(row, "event_name") != ECOMMERCE or not isinstance(body, str) or not body:
        return None
    data: Any = decoded(DECODER, body.encode())
    while isinstance(data, dict) and "data" in data:
        data = data["data"]
    if not isinstance(data, dict):
        return None
    worth = data.get("transaction") or data.get("refund")
    amount = (worth.get("revenue") or worth.get("refund_amount")) if isinstance(worth, dict) else None
    return str(data.get("type")), number(amount)


def _text(row: Row, name: str) -> str | None:
    found = row.get(name)
    return None if isinstance(found, dict | list) else text(found)


def _reader(file: Path) -> Iterable[Numbered]:
    first = next(byte_lines(file), (1, b""))[1].decode("utf-8", errors="replace")
    if first.lstrip().startswith(("{", "[")):
        return JsonRows(file)
    cells = first.split("\t")
    if "event_id" in cells:
        return tab_rows(file)
    if len(cells) == len(COLUMNS):
        return tab_rows(file, COLUMNS)
    if "event_id" in first.replace('"', "").split(","):
        return table_rows(file)
    raise EventLogError(
        f"{file.name} has neither {len(COLUMNS)} tab-separated cells nor a column 'event_id'; "
        "give enriched TSV or an export of atomic.events"
    )
