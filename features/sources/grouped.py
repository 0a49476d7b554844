"""Reads Parquet files group by group straight into sorted columns.

No column but the customers' is ever held as it came: memory that is touched for the first time costs more than the
reading itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from features.arrays import Codes, Floats, Ints, Places
from features.events import CHANNEL, EVENT, VALUE, Dimension, EventLog
from features.ingest import CUSTOMER, EVENT_ID, KNOWN_AT, TIMESTAMP, Schema
from features.kernel.counting import count_codes
from features.kernel.order import assign_places, scatter
from features.sorting import in_order, order_within
from features.sources.typed import DoubtError, codes_of, customer_codes, numbers_of, times_of


def read_grouped(files: list[Path], schema: Schema) -> EventLog | None:
    """Returns the EventLog of Parquet files whose columns are beyond doubt; None leaves them to the parser.

    Rows that may repeat, and those that were known later, are in doubt.
    """
    parts = [pq.ParquetFile(file, read_dictionary=texts_of(pq.read_schema(file))) for file in files]
    names = parts[0].schema_arrow.names
    asked = {CUSTOMER, TIMESTAMP, EVENT, *schema.dimensions, *schema.measures}
    if any(not part.schema_arrow.equals(parts[0].schema_arrow) for part in parts) or len(set(names)) < len(names):
        return None
    if not asked <= set(names) or {EVENT_ID, KNOWN_AT} & set(names) or not sum(p.metadata.num_rows for p in parts):
        return None
    wanted = [name for name in (EVENT, CHANNEL, *schema.dimensions, VALUE, *schema.measures) if name in names]
    try:
        customers = customer_codes([part.read([CUSTOMER])[CUSTOMER] for part in parts])
        columns = SortedColumns.of(customers, schema, wanted)
        for group in _groups(parts, [TIMESTAMP, *dict.fromkeys(wanted)]):
            columns.take(group, schema.latest)
    except DoubtError:
        return None
    return columns.log()


def texts_of(kinds: pa.Schema) -> list[str]:
    """Returns the columns that are read as codes: texts, but not ids of which every row has its own."""
    is_text = (pa.types.is_string, pa.types.is_large_string)
    return [field.name for field in kinds if field.name != EVENT_ID and any(holds(field.type) for holds in is_text)]


def _groups(parts: list[pq.ParquetFile], names: list[str]) -> Iterator[pa.Table]:
    for part in parts:
        for number in range(part.num_row_groups):
            yield part.read_row_group(number, columns=names)


@dataclass(eq=False)
class SortedColumns:
    """The columns of a log that is being read: each row goes at once to where it belongs.

    Parameters
    ----------
    customers
        Those of all rows, in the order of the files.
    indptr, following
        Where each customer's rows begin, and where the next one goes.
    """

    customers: Dimension
    indptr: Ints
    following: Ints
    time: Ints
    codes: dict[str, Codes]
    measures: dict[str, Floats]
    names: dict[str, dict[str, int]]
    read: int = field(default=0)

    @classmethod
    def of(cls, customers: Dimension, schema: Schema, wanted: list[str]) -> "SortedColumns":
        """Returns the columns, with nothing in them yet."""
        rows = len(customers.codes)
        indptr = np.zeros(len(customers.names) + 1, dtype=np.int64)
        count_codes(customers.codes, indptr)
        np.cumsum(indptr, out=indptr)
        texts = dict.fromkeys(name for name in wanted if name not in (VALUE, *schema.measures))
        return cls(
            customers=customers,
            indptr=indptr,
            following=indptr[:-1].copy(),
            time=np.empty(rows, dtype=np.int64),
            codes={name: np.empty(rows, dtype=np.int32) for name in texts},
            measures={name: np.empty(rows, dtype=np.float64) for name in wanted if name not in texts},
            names={name: {} for name in texts},
        )

    def take(self, group: pa.Table, latest: int | None) -> None:
        """Puts the rows of a group, the next ones of the files, to where they belong.

        Raises
        ------
        DoubtError
            If a column is not beyond doubt.
        """
        place = np.empty(len(group), dtype=np.uint32)
        assign_places(self.customers.codes[self.read : self.read + len(group)], self.following, place)
        self.read += len(group)
        _put(times_of(group[TIMESTAMP], latest), place, self.time)
        for name, into in self.codes.items():
            _put(codes_of(group[name], self.names[name], required=name == EVENT), place, into)
        for name, numbers in self.measures.items():
            _put(numbers_of(group[name]).view(np.int64), place, numbers.view(np.int64))

    def log(self) -> EventLog:
        """Returns the EventLog of what was read."""
        order = order_within(self.time, self.indptr)
        codes = {CHANNEL: np.full(self.read, -1, dtype=np.int32)} | self.codes
        measures = {VALUE: np.full(self.read, np.nan)} if VALUE not in self.measures else {}
        put = {name: column if order is None else in_order(column, order) for name, column in codes.items()}
        return EventLog(
            customers=np.array(self.customers.names, dtype=object),
            indptr=self.indptr,
            time=self.time if order is None else in_order(self.time, order),
            dimensions={name: Dimension.of(column, tuple(self.names.get(name, ()))) for name, column in put.items()},
            measures={
                name: column if order is None else in_order(column, order)
                for name, column in (measures | self.measures).items()
            },
            end=int(self.time.max()),
        )


def _put(column: NDArray[Any], place: Places, into: NDArray[Any]) -> None:
    scatter(np.require(column, requirements=["C", "W"]), place, into)
