"""Turns a table of events into an EventLog, or says in one sentence why it cannot."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from features.arrays import Bools, Floats, Ints, Places, Texts
from features.dictionary import encode_column
from features.durations import DAY
from features.errors import EventLogError, RowName, did_you_mean, numbered_row
from features.events import CHANNEL, EVENT, VALUE, DatedAttributes, Dimension, EventLog
from features.sorting import in_order, sorted_by_customer
from features.timestamps import to_iso, to_microseconds

logger = logging.getLogger(__name__)

CUSTOMER, TIMESTAMP, EVENT_ID, KNOWN_AT = "customer_id", "timestamp", "event_id", "known_at"
VALID_FROM = "valid_from"
REQUIRED = (CUSTOMER, TIMESTAMP, EVENT)
LARGEST = 1e15  # sums of such numbers still fit the float32 of a feature


@dataclass(frozen=True)
class Schema:
    """What a table of events holds beyond its standard columns.

    Parameters
    ----------
    timezone
        The zone of timestamps that carry none; None refuses them.
    dimensions, measures
        Extra columns to keep: texts to count by, numbers to sum.
    latest
        UTC microseconds; an event more than a day later is refused, for one wrong year would stretch everything.
    """

    timezone: str | None = None
    dimensions: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    latest: int | None = None


@dataclass(frozen=True, eq=False)
class EventColumns:
    """Parsed columns of equal length, in the order of receipt: what every source hands over."""

    customer: Dimension
    time: Ints
    dimensions: Mapping[str, Dimension]
    measures: Mapping[str, Floats]

    @classmethod
    def encode(
        cls, customer: Texts, time: Ints, dimensions: Mapping[str, Texts], measures: Mapping[str, Floats]
    ) -> "EventColumns":
        """Returns the columns with their texts encoded; None is missing."""
        encoded = {name: Dimension.encode(column) for name, column in dimensions.items()}
        return cls(Dimension.encode(customer), time, encoded, measures)

    def take(self, rows: Ints) -> "EventColumns":
        """Returns some of the rows, in the order given."""
        return EventColumns(
            customer=self.customer.take(rows),
            time=self.time[rows],
            dimensions={name: column.take(rows) for name, column in self.dimensions.items()},
            measures={name: column[rows] for name, column in self.measures.items()},
        )

    def without(self, rows: Bools) -> "EventColumns":
        """Returns the other rows; a name that occurs in none of them is forgotten."""
        rest = self.take(np.flatnonzero(~rows))
        named = {name: Dimension.of(column.codes, column.names) for name, column in rest.dimensions.items()}
        return EventColumns(Dimension.of(rest.customer.codes, rest.customer.names), rest.time, named, rest.measures)


def log_from_frame(
    frame: pd.DataFrame,
    schema: Schema | None = None,
    attributes: pd.DataFrame | None = None,
    end: int | None = None,
    row_name: RowName = numbered_row,
) -> EventLog:
    """Returns the EventLog of a frame with the columns customer_id, timestamp, event and optionally more.

    Parameters
    ----------
    frame
        One row per event; ``channel``, ``value``, ``event_id`` and ``known_at`` are optional. Of rows with
        the same ``event_id`` the earliest counts.
    schema
        The time zone and the extra columns.
    attributes
        A second table with one row per ``customer_id``; every other column becomes an attribute. With a column
        ``valid_from`` a customer may have several rows, each of which holds from its time until the next one's.
    end
        UTC microseconds until which events are complete; the last event's time when not given.
    row_name
        How to call each row in an error, such as its file and line.

    Raises
    ------
    EventLogError
        If the frame is empty, a column is missing, or a cell cannot be read.
    """
    schema = schema or Schema()
    columns = parse_frame(frame, schema, row_name)
    if len(columns.time) == 0:
        raise EventLogError("the table of events is empty; give at least one row")
    return log_from_columns(columns, int(columns.time.max()) if end is None else end, attributes, schema)


def parse_frame(frame: pd.DataFrame, schema: Schema, row_name: RowName = numbered_row) -> EventColumns:
    """Returns the parsed columns of a frame of events, rows with a repeated event_id left out.

    Rows stay in their order, but with ``known_at`` one that was known earlier comes first, as it did live.
    """
    for name in (*REQUIRED, *schema.dimensions, *schema.measures):
        if name not in frame.columns:
            raise EventLogError(
                f"column '{name}' is missing, and events need {', '.join(REQUIRED)}; "
                f"{did_you_mean(name, map(str, frame.columns))}"
            )
    if not frame.columns.is_unique:
        name = frame.columns[frame.columns.duplicated()][0]
        raise EventLogError(f"two columns are called '{name}'; remove or rename one of them")
    time = to_microseconds(frame[TIMESTAMP], schema.timezone, row_name)
    if schema.latest is not None and (ahead := time > schema.latest + DAY).any():
        row = int(ahead.argmax())
        raise EventLogError(f"{row_name(row)} lies in the future, at {to_iso(time[row])}; correct its {TIMESTAMP}")
    known = time
    if KNOWN_AT in frame.columns:
        known = known_times(time, frame[KNOWN_AT], schema.timezone, row_name)
        time = np.maximum(time, known)
    dimensions = {EVENT: _required(frame[EVENT], row_name)}
    dimensions |= {name: encode_column(frame[name]) for name in (CHANNEL, *schema.dimensions) if name in frame.columns}
    measures = {name: _numbers(frame[name], row_name) for name in (VALUE, *schema.measures) if name in frame.columns}
    columns = EventColumns(_required(frame[CUSTOMER], row_name), time, dimensions, measures)
    if EVENT_ID in frame.columns:
        repeated = _repeats(frame[EVENT_ID], np.lexsort((known, time)))
        if repeated.any():
            logger.warning("%d of %d events repeat an earlier event_id and count once", repeated.sum(), len(frame))
            columns, known = columns.without(repeated), known[~repeated]
    return columns.take(np.argsort(known, kind="stable")) if KNOWN_AT in frame.columns else columns


def log_from_columns(
    columns: EventColumns, end: int, attributes: pd.DataFrame | None = None, schema: Schema | None = None
) -> EventLog:
    """Returns the EventLog of parsed columns, sorted once by customer and time.

    ``end`` moves to the last event if that is later; of the schema only the time zone of ``valid_from`` is read.
    """
    customers = np.array(columns.customer.names, dtype=object)
    indptr, order = sorted_by_customer(columns.customer.codes, columns.time, len(customers))
    log = EventLog(
        customers=customers,
        indptr=indptr,
        time=in_order(columns.time, order),
        dimensions={
            name: _coded(columns.dimensions.get(name), order) for name in dict.fromkeys((CHANNEL, *columns.dimensions))
        },
        measures={
            name: _measured(columns.measures.get(name), order) for name in dict.fromkeys((VALUE, *columns.measures))
        },
        end=max(end, int(columns.time.max(initial=end))),
    )
    return log if attributes is None else with_attributes(log, attributes, (schema or Schema()).timezone)


def with_attributes(log: EventLog, attributes: pd.DataFrame, timezone: str | None) -> EventLog:
    """Returns a log with the attributes of a table; ``timezone`` is that of a ``valid_from`` that carries none."""
    if VALID_FROM in attributes.columns:
        return replace(log, dated=date_attributes(attributes, log.customers, timezone))
    return replace(log, attributes=align_attributes(attributes, log.customers))


def _coded(column: Dimension | None, order: Places) -> Dimension:
    if column is None:
        return Dimension(np.full(len(order), -1, dtype=np.int32), ())
    return Dimension(in_order(column.codes, order), column.names)


def _measured(column: Floats | None, order: Places) -> Floats:
    return np.full(len(order), np.nan) if column is None else in_order(column, order)


def known_times(time: Ints, known_at: pd.Series, timezone: str | None, row_name: RowName) -> Ints:
    """Returns when each event became known, UTC microseconds: at its own time where ``known_at`` is missing."""
    given = known_at.notna().to_numpy()
    if not given.any():
        return time
    rows = np.flatnonzero(given)
    known = np.array(time)
    known[given] = to_microseconds(known_at[given], timezone, lambda row: row_name(int(rows[row])))
    return known


def _required(column: pd.Series, row_name: RowName) -> Dimension:
    encoded = encode_column(column)
    missing = encoded.codes < 0
    if missing.any():
        row = int(missing.argmax())
        raise EventLogError(
            f"column '{column.name}' is empty in {row_name(row)}; "
            "every event needs one, so fill it in or remove the row"
        )
    return encoded


def _numbers(column: pd.Series, row_name: RowName) -> Floats:
    if pd.api.types.is_numeric_dtype(column.dtype):
        numbers: Floats = column.to_numpy(dtype=np.float64, na_value=np.nan)
        bad = np.abs(numbers) > LARGEST
    else:
        blank = column.isna() | (column.astype("str").str.strip() == "")
        numbers = pd.to_numeric(column.mask(blank), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        bad = ~(np.abs(numbers) <= LARGEST) & ~blank.to_numpy(dtype=bool)
    if bad.any():
        row = int(bad.argmax())
        raise EventLogError(
            f"column '{column.name}' is no number up to {LARGEST:g} in {row_name(row)}: "
            f"'{column.iloc[row]}'; give a number or leave it empty"
        )
    return numbers


def _repeats(ids: pd.Series, by_time: Ints) -> Bools:
    """Says for each event whether its id came before: sent twice, it is known once the first copy is."""
    ordered = ids.iloc[by_time]
    repeated = np.zeros(len(ids), dtype=bool)
    repeated[by_time] = (ordered.duplicated() & ordered.notna() & (ordered.astype("str") != "")).to_numpy()
    return repeated


def align_attributes(table: pd.DataFrame, customers: Texts) -> dict[str, Floats | Dimension]:
    """Returns each column of an attribute table in the order of ``customers``; missing for one it does not list."""
    if VALID_FROM in table.columns:
        raise EventLogError(
            f"the attribute table has a column '{VALID_FROM}'; give only what holds now, one row per customer"
        )
    ids = _attribute_ids(table)
    if len(set(ids)) < len(ids):
        row = int(pd.Series(ids).duplicated().to_numpy().argmax())
        raise EventLogError(
            f"the attribute table lists customer {ids[row]!r} twice, in row {row + 1}; "
            f"keep one row each, or say in a column '{VALID_FROM}' since when each holds"
        )
    rows = pd.Series(np.arange(len(ids)), index=ids).reindex(customers, fill_value=-1).to_numpy(dtype=np.int64)
    return _attribute_columns(table, rows)


def date_attributes(table: pd.DataFrame, customers: Texts, timezone: str | None) -> DatedAttributes:
    """Returns an attribute table with ``valid_from``, its rows sorted by customer and time; others are left out.

    Raises
    ------
    EventLogError
        If a cell cannot be read, or two rows of a customer begin at the same time.
    """
    ids = _attribute_ids(table)
    since = to_microseconds(table[VALID_FROM], timezone)
    repeated = pd.DataFrame({"id": ids, "since": since}).duplicated().to_numpy()
    if repeated.any():
        row = int(repeated.argmax())
        raise EventLogError(
            f"the attribute table lists customer {ids[row]!r} twice with the same '{VALID_FROM}', in row {row + 1}; "
            "keep one of them"
        )
    owner = pd.Series(np.arange(len(customers)), index=customers).reindex(ids, fill_value=-1).to_numpy(dtype=np.int64)
    rows = np.lexsort((since, owner))
    rows = rows[owner[rows] >= 0]
    counts = np.bincount(owner[rows], minlength=len(customers))
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return DatedAttributes(indptr, since[rows], _attribute_columns(table.drop(columns=VALID_FROM), rows))


def _attribute_ids(table: pd.DataFrame) -> Texts:
    if CUSTOMER not in table.columns:
        raise EventLogError(f"the attribute table has no column '{CUSTOMER}'; it needs one row per customer")
    return _required(table[CUSTOMER], numbered_row).texts()


def _attribute_columns(table: pd.DataFrame, rows: Ints) -> dict[str, Floats | Dimension]:
    """Returns the rows of each attribute in the order given; row -1 is missing."""
    nothing: Texts = np.array([None], dtype=object)
    attributes: dict[str, Floats | Dimension] = {}
    for name in table.columns.drop(CUSTOMER):
        column = table[name]
        if pd.api.types.is_numeric_dtype(column.dtype):
            attributes[str(name)] = np.append(_numbers(column, numbered_row), np.nan)[rows]
        else:
            attributes[str(name)] = Dimension.encode(np.append(encode_column(column).texts(), nothing)[rows])
    return attributes
