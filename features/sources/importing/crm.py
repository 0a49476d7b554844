"""What exports of customer relationship systems have in common: tables of people and of deals.

What a CRM says about now says nothing about then: an event needs a column with its date, an attribute counts from the
day its row was last changed or exported, and what a deal is worth counts from the day it is won.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from features.sources.importing.cells import number, text
from features.sources.importing.lines import table_header, table_rows
from features.sources.importing.moments import moment, zone_named
from features.sources.importing.records import Aside, Consent, Event, Numbered, Options, Record, Refused, Trait

Names = tuple[str, ...]
"""What a column may be called; case does not matter."""

NO_DATE = "no date says since when the row holds; name it by --known-at"
SEVERAL = re.compile(r"\s*[;,]\s*")
WON, LOST = "Deal Won", "Deal Lost"
YES = frozenset({"true", "yes", "1", "y"})


class Row(dict[str, str]):
    """A row's cells by the names of their columns in small letters; ``names`` has them as they are written."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        super().__init__({name.lower(): value for name, value in cells.items()})
        self.names = tuple(cells)


@dataclass(frozen=True)
class People:
    """The columns of a table of people.

    Parameters
    ----------
    source
        Whose consent this is, as the consent table tells it.
    id, created, changed, deleted
        Who it is, and when the row came, changed last, and whether it is in the bin.
    traits
        Attributes that are taken and the columns they are in.
    consent
        Columns that tell of consent, and what their values mean, in small letters; other values say nothing.
    reached
        How the columns are called that say when somebody reached a stage, with its name as the group that is found.
    """

    source: str
    id: Names
    created: Names
    changed: Names
    traits: Mapping[str, Names]
    consent: Mapping[str, Mapping[str, str]]
    deleted: Names = ()
    reached: re.Pattern[str] = field(default=re.compile(r"(?!)"))


@dataclass(frozen=True)
class Deals:
    """The columns of a table of deals.

    Parameters
    ----------
    customers
        Whose deal it is; several ids are divided by semicolons.
    stage, stage_since
        The stage it is in, and since when.
    won, lost
        Columns that say so, and the values, in small letters, that mean it.
    won_at, lost_at
        When that was.
    reached
        How the columns are called that say when it reached a stage, with its name as the group that is found.
    """

    id: Names
    customers: Names
    created: Names
    amount: Names
    currency: Names
    stage: Names
    stage_since: Names
    won: Mapping[str, frozenset[str]]
    lost: Mapping[str, frozenset[str]]
    won_at: Names
    lost_at: Names
    deleted: Names = ()
    reached: re.Pattern[str] = field(default=re.compile(r"(?!)"))


def header_of(file: Path) -> set[str]:
    """Returns what the columns of a file are called, in small letters."""
    return {name.lower() for name in table_header(file)}


def rows_of(file: Path, table: str) -> Iterator[Numbered]:
    """Yields each row of a file with the table it is from."""
    for line, row in table_rows(file):
        yield line, row if isinstance(row, Refused) else (Row(row), table)


def cell(row: Row, names: Names) -> str | None:
    """Returns the first of some columns that says something."""
    return next((found for name in names if (found := text(row.get(name.lower())))), None)


def person_records(row: Row, people: People, options: Options) -> Iterable[Record]:
    """Returns when a person was made, reached stages, what holds of them, and what they consent to."""
    if (cell(row, people.deleted) or "").lower() in YES:
        return [Aside("the record is deleted")]
    customer = cell(row, people.id if options.customer is None else (options.customer,))
    if customer is None:
        raise Refused("the row names no customer")
    dates = _Dates(options)
    records: list[Record] = []
    created = cell(row, people.created)
    if created:
        event = Event(customer, None, dates.of(created), "Contact Created", f"{people.source}-contact-{customer}")
        records.append(event._replace(known=options.known_at))
    for stage, since in _reached(row, people.reached):
        name = options.names.get(stage, f"Lifecycle Stage {stage}")
        key = f"{people.source}-lifecycle-{customer}-{stage}"
        records.append(Event(customer, None, dates.of(since), name, key, options.known_at))
    stated = list(_stated(row, people, customer))
    if stated:
        changed = cell(row, people.changed)
        if changed is None and options.known_at is None:
            raise Refused(NO_DATE)
        at = dates.of(changed) if changed else options.known_at or 0
        records += [record._replace(time=at, known=options.known_at) for record in stated]
    return records or [Aside("the row tells of no event")]


def deal_records(row: Row, deals: Deals, options: Options, source: str) -> Iterable[Record]:
    """Returns what happened to a deal, for each of its customers."""
    if (cell(row, deals.deleted) or "").lower() in YES:
        return [Aside("the record is deleted")]
    deal = cell(row, deals.id)
    customers = cell(row, deals.customers if options.customer is None else (options.customer,))
    if deal is None or customers is None:
        raise Refused("the deal has no id" if deal is None else "the row names no customer", deal or "")
    moves = list(_moves(row, deals, _Dates(options), options))
    records: list[Record] = [
        Event(
            customer=customer,
            anonymous=None,
            time=time,
            event=options.names.get(name, name),
            event_id=f"{source}-deal-{deal}-{customer}-{name}-{time}",
            known=options.known_at,
            value=value,
            order_id=deal,
            currency=cell(row, deals.currency),
        )
        for customer in SEVERAL.split(customers)
        for name, time, value in moves
    ]
    return records or [Aside("the row tells of no event")]


@dataclass(frozen=True)
class _Dates:
    options: Options

    def of(self, date: str) -> int:
        return moment(date, zone_named(self.options.timezone), self.options.date_format)


def _moves(row: Row, deals: Deals, dates: _Dates, options: Options) -> Iterator[tuple[str, int, float | None]]:
    """Yields the events of a deal: name, time and value."""
    created = cell(row, deals.created)
    if created:
        yield "Deal Created", dates.of(created), None
    stages = list(_reached(row, deals.reached))
    since, stage = cell(row, deals.stage_since), cell(row, deals.stage)
    if not stages and stage and since:
        stages = [(stage, since)]
    for name, date in stages:
        yield options.names.get(name, f"Deal Stage {name}"), dates.of(date), None
    for event, marks, at in ((WON, deals.won, deals.won_at), (LOST, deals.lost, deals.lost_at)):
        if any((row.get(column.lower()) or "").strip().lower() in values for column, values in marks.items()):
            closed = cell(row, at)
            if closed is None:
                raise Refused("the deal is closed, but nothing says when")
            yield event, dates.of(closed), number(_amount(cell(row, deals.amount))) if event == WON else None


def _stated(row: Row, people: People, customer: str) -> Iterator[Trait | Consent]:
    for name, columns in people.traits.items():
        found = cell(row, columns)
        if found is not None:
            yield Trait(customer, None, 0, None, name, found)
    for column, meanings in people.consent.items():
        state = meanings.get((row.get(column.lower()) or "").strip().lower())
        if state is not None:
            yield Consent(customer, None, 0, None, state, f"{people.source} {column}")


def _reached(row: Row, pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for name in row.names:
        found, date = pattern.fullmatch(name), text(row[name.lower()])
        if found and date:
            yield next(filter(None, found.groups())), date


def _amount(written: str | None) -> str | None:
    """Returns a number without the commas between its thousands."""
    return None if written is None else re.sub(r",(?=\d{3}(\D|$))", "", written)
