"""Yandex.Metrica: visits and hits of the Logs API, as tab-separated text with a header.

https://yandex.ru/dev/metrika/ru/logs/
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any

from features.errors import EventLogError
from features.sources.importing.cells import number, refund, whole
from features.sources.importing.channels import DIRECT, ORGANIC, PAID, REFERRAL, SOCIAL, channel_of, present
from features.sources.importing.lines import byte_lines, tab_rows
from features.sources.importing.moments import fixed_zone, moment, zone_named
from features.sources.importing.records import Aside, Event, Numbered, Options, Record, Refused

VISIT, HIT = "ym:s:", "ym:pv:"
NEEDED = {VISIT: ("visitID", "clientID"), HIT: ("watchID", "clientID")}
UTC_IN_NAME = fixed_zone(3)
"""``dateTimeUTC`` is documented as three hours ahead of UTC."""

TRAFFIC = {
    "direct": DIRECT,
    "internal": DIRECT,
    "saved": DIRECT,
    "organic": ORGANIC,
    "ad": PAID,
    "referral": REFERRAL,
    "recommend": REFERRAL,
    "social": SOCIAL,
    "messenger": SOCIAL,
    "email": "email",
}
DEVICES = {"1": "desktop", "2": "mobile", "3": "tablet", "4": "tv"}
RENAMED = re.compile(r"^(?P<prefix>ym:s:)(?:products(?P<bought>[A-Z]\w*)|eventsProduct(?P<shown>[A-Z]\w*))$")
"""Product columns have two names, of which the old one is still in use."""

GOALS = ("goalsID", "goalsDateTime")
PURCHASES = ("purchaseID", "purchaseDateTime", "purchaseRevenue")
PURCHASED = ("purchasedProductPurchaseID", "purchasedProductID", "purchasedProductCategory", "purchasedProductQuantity")
IMPRESSIONS = ("impressionsDateTime", "impressionsProductID", "impressionsProductCategory")
PARALLEL = (
    (*GOALS, "goalsSerialNumber", "goalsPrice", "goalsOrder", "goalsCurrency"),
    (*PURCHASES, "purchaseCurrency", "purchaseTax", "purchaseShipping", "purchaseCoupon", "purchaseAffiliation"),
    PURCHASED,
    IMPRESSIONS,
)
"""Arrays that belong together, the same place in each being the same thing."""

TWO_TO_THE_TWENTY, MOST_PAGES = 1 << 20, 1 << 40
Row = Mapping[str, str]


@dataclass(frozen=True)
class Metrica:
    """Visits or hits of one counter.

    A visit gives a ``Session Started`` and an event for each goal, purchase and product shown; a hit that is a page
    view gives a ``Page Viewed``. ``options.names`` gives our names for goals, by their number; others are called
    ``Goal 201``.
    """

    options: Options = field(default_factory=Options)

    def prepared(self, files: tuple[Path, ...]) -> "Metrica":
        """Returns itself after a look at each header.

        Raises
        ------
        EventLogError
            If a file holds neither visits nor hits, or its times cannot be placed on the clock.
        """
        for file in files:
            self._check(file, _header(file))
        return self

    def rows(self, file: Path) -> Iterator[Numbered]:
        """Yields each row by the columns' present names, without their prefix, and whether it is a visit."""
        names = {name: _present_name(name) for name in _header(file)}
        visits = VISIT in next(iter(names), "")
        for line, row in tab_rows(file):
            yield line, row if isinstance(row, Refused) else (_renamed(row, names), visits)

    def records(self, row: tuple[Row, bool]) -> Iterable[Record]:
        """Returns what happened during a visit, or at a hit."""
        cells, visit = row
        return self._visit(cells) if visit else self._hit(cells)

    def _visit(self, row: Row) -> Iterator[Record]:
        arrays = _arrays(row)
        start, clock = self._start(row)
        pages, seconds = number(row.get("pageViews")), number(row.get("visitDuration"))
        visit = Event(
            customer=None,
            anonymous=present(row["clientID"]),
            time=start,
            event="Session Started",
            event_id=f"metrica-visit-{_id(row['visitID'])}",
            known=self.options.known_at,
            revision=self._revision(pages, seconds),
            session_id=row["visitID"],
            page=present(row.get("startURL")),
            pages=pages,
            duration=seconds,
            engaged=None if row.get("bounce") in (None, "") else float(row["bounce"] == "0"),
            **_where(row),
        )
        yield visit
        bare = visit._replace(pages=None, duration=None, engaged=None, page=None)
        yield from self._goals(bare, arrays, clock)
        yield from self._purchases(bare, arrays, clock)
        yield from self._impressions(bare, arrays, clock)

    def _hit(self, row: Row) -> Iterator[Record]:
        if row.get("isPageView") != "1":
            yield Aside("hit that is no page view")
            return
        yield Event(
            customer=None,
            anonymous=present(row["clientID"]),
            time=self._start(row)[0],
            event="Page Viewed",
            event_id=f"metrica-hit-{_id(row['watchID'])}",
            known=self.options.known_at,
            session_id=present(row.get("visitID")),
            page=present(row.get("URL")),
            **_where(row),
        )

    def _goals(self, visit: Event, arrays: Mapping[str, list[str]], clock: tzinfo | None) -> Iterator[Event]:
        for place, goal in enumerate(arrays.get(GOALS[0], ())):
            time = moment(arrays[GOALS[1]][place], clock) if GOALS[1] in arrays else visit.time
            price = _at(arrays, "goalsPrice", place)
            yield visit._replace(
                time=time,
                event=self.options.names.get(goal, f"Goal {goal}"),
                event_id=f"{visit.event_id}-goal-{goal}-{time}",
                value=number(price) or None,
                currency=_at(arrays, "goalsCurrency", place),
                order_id=_at(arrays, "goalsOrder", place),
            )

    def _purchases(self, visit: Event, arrays: Mapping[str, list[str]], clock: tzinfo | None) -> Iterator[Event]:
        for place, order in enumerate(arrays.get(PURCHASES[0], ())):
            value = number(_at(arrays, PURCHASES[2], place))
            back = value is not None and value < 0
            products = [spot for spot, name in enumerate(arrays.get(PURCHASED[0], ())) if name == order]
            counts = [number(_at(arrays, PURCHASED[3], spot)) or 0.0 for spot in products]
            time = moment(arrays[PURCHASES[1]][place], clock) if PURCHASES[1] in arrays else visit.time
            yield visit._replace(
                time=time,
                event="Order Refunded" if back else "Order Completed",
                event_id=f"{visit.event_id}-{'refund' if back else 'order'}-{order}-{time}",
                value=refund(value) if back else value,
                order_id=order,
                currency=_at(arrays, "purchaseCurrency", place),
                product_id=_at(arrays, PURCHASED[1], products[0]) if products else None,
                category=_at(arrays, PURCHASED[2], products[0]) if products else None,
                quantity=sum(counts) or None,
            )

    def _impressions(self, visit: Event, arrays: Mapping[str, list[str]], clock: tzinfo | None) -> Iterator[Event]:
        for place, product in enumerate(arrays.get(IMPRESSIONS[1], ())):
            time = moment(arrays[IMPRESSIONS[0]][place], clock) if IMPRESSIONS[0] in arrays else visit.time
            yield visit._replace(
                time=time,
                event="Product Viewed",
                event_id=f"{visit.event_id}-shown-{product}-{time}",
                product_id=product,
                category=_at(arrays, IMPRESSIONS[2], place),
            )

    def _start(self, row: Row) -> tuple[int, tzinfo | None]:
        """Returns when a row begins, and the counter's clock then: as named, or as its two times tell."""
        zone = zone_named(self.options.timezone)
        exact, wall = row.get("dateTimeUTC"), row.get("dateTime")
        if not exact:
            return moment(wall, zone), zone
        time = moment(exact, UTC_IN_NAME)
        if zone is None and wall:
            zone = timezone(timedelta(microseconds=moment(wall, UTC) - time))
        return time, zone

    def _revision(self, pages: float | None, seconds: float | None) -> int:
        """Returns what grows when a visit comes again: when it was fetched, else how much happened in it."""
        if self.options.known_at is not None:
            return self.options.known_at // 10**6 * TWO_TO_THE_TWENTY
        return min(int(pages or 0), MOST_PAGES) * TWO_TO_THE_TWENTY + min(int(seconds or 0), TWO_TO_THE_TWENTY - 1)

    def _check(self, file: Path, header: tuple[str, ...]) -> None:
        prefix = next((prefix for prefix in NEEDED if header and header[0].startswith(prefix)), None)
        if prefix is None:
            raise EventLogError(f"{file.name} begins with no 'ym:s:' or 'ym:pv:' column; give a part of the Logs API")
        names = {_present_name(name) for name in header}
        lacking = [name for name in NEEDED[prefix] if name not in names]
        if lacking:
            raise EventLogError(
                f"{file.name} has no column '{prefix}{lacking[0]}'; ask the Logs API for that field too"
            )
        if "dateTimeUTC" not in names and self.options.timezone is None:
            raise EventLogError(
                f"{file.name} gives times by the counter's clock; name its zone by --timezone, like Europe/Moscow"
            )


def _header(file: Path) -> tuple[str, ...]:
    return tuple(next(byte_lines(file), (1, b""))[1].decode("utf-8", errors="replace").split("\t"))


def _present_name(name: str) -> str:
    """Returns a column's name without its prefix, an old name of product columns replaced.

    Examples
    --------
    >>> _present_name("ym:s:productsPrice"), _present_name("ym:s:eventsProductID"), _present_name("ym:pv:URL")
    ('purchasedProductPrice', 'productID', 'URL')
    """
    old = RENAMED.match(name)
    if old is None:
        return name.removeprefix(VISIT).removeprefix(HIT)
    return f"purchasedProduct{old['bought']}" if old["bought"] else f"product{old['shown']}"


def _renamed(row: Row, names: Mapping[str, str]) -> Row:
    return {names[name]: cell for name, cell in row.items()}


def _id(text: str) -> str:
    """Returns an id as it is written: as a float it would lose its last digits."""
    whole(text)
    return text


def _where(row: Row) -> dict[str, Any]:
    medium, source = present(row.get("UTMMedium")), present(row.get("UTMSource"))
    traffic = present(row.get("lastTrafficSource"))
    return {
        "channel": channel_of(medium, source) or (TRAFFIC.get(traffic, traffic) if traffic else None),
        "campaign": present(row.get("UTMCampaign")),
        "device": DEVICES.get(row.get("deviceCategory", ""), present(row.get("deviceCategory"))),
        "country": present(row.get("regionCountry")),
    }


def _arrays(row: Row) -> dict[str, list[str]]:
    """Returns the arrays that are read; those that belong together must be of one length.

    Raises
    ------
    Refused
        If one is shorter than another: which thing each value belongs to is then unknown.
    """
    found: dict[str, list[str]] = {}
    for together in PARALLEL:
        arrays = {name: array_of(row[name]) for name in together if row.get(name)}
        lengths = {name: len(array) for name, array in arrays.items()}
        if len(set(lengths.values())) > 1:
            raise Refused("arrays that belong together differ in length", lengths)
        found |= arrays
    return found


def array_of(cell: str) -> list[str]:
    r"""Returns the items of an array as the Logs API writes it: strings between \' marks, or nothing around them.

    Raises
    ------
    Refused
        If it does not stand in brackets.

    Examples
    --------
    >>> array_of("[201,305]"), array_of("[]"), array_of("['a,b','c']")
    (['201', '305'], [], ['a,b', 'c'])
    """
    inside = cell.removeprefix("[").removesuffix("]")
    if len(inside) + 2 != len(cell):
        raise Refused("the array does not stand in brackets", cell)
    if not inside:
        return []
    for item, mark in ITEMS:
        if inside.startswith(mark):
            return _quoted(inside, item)
    return inside.split(",")


ITEMS = (
    (re.compile(r"\\'((?:\\\\\\'|(?!\\').)*)\\'(?:,|$)", re.DOTALL), "\\'"),
    (re.compile(r"'((?:\\'|[^'])*)'(?:,|$)", re.DOTALL), "'"),
)
"""A quoted item of an array, as it comes and as loaders rewrite it, and how it begins."""


def _quoted(inside: str, item: "re.Pattern[str]") -> list[str]:
    items, place = [], 0
    while place < len(inside):
        found = item.match(inside, place)
        if found is None:
            raise Refused("the array's quotes do not match", inside)
        items.append(found[1].replace("\\\\\\'", "'").replace("\\'", "'"))
        place = found.end()
    return items


def _at(arrays: Mapping[str, list[str]], name: str, place: int) -> str | None:
    return present(arrays[name][place]) if name in arrays else None
