"""Removes customers from a Parquet table, as a whole file or not at all."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.ingest import CUSTOMER
from serving.whole_file import written_whole


def erase_rows(path: Path, ids: Sequence[str]) -> int:
    """Removes the rows of some customers from a table, if it has a column of customers, and returns their number."""
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        if CUSTOMER not in schema.names:
            return 0
        named = pa.array(ids, pa.string())
        theirs = sum(pc.sum(_is_in(batch, named)).as_py() or 0 for batch in file.iter_batches(columns=[CUSTOMER]))
        if theirs:
            with written_whole(path) as unfinished, pq.ParquetWriter(unfinished, schema) as writer:
                for batch in file.iter_batches():
                    writer.write_batch(_forgetful(batch.filter(pc.invert(_is_in(batch, named)))))
    return int(theirs)


def _is_in(batch: pa.RecordBatch, named: pa.Array) -> pa.Array:
    return pc.is_in(batch.column(CUSTOMER).cast(pa.string()), named)


def _forgetful(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Returns rows whose dictionary of customers holds no id that none of them has."""
    place = batch.schema.get_field_index(CUSTOMER)
    kind = batch.schema.field(place).type
    if not pa.types.is_dictionary(kind):
        return batch
    return batch.set_column(place, batch.schema.field(place), batch.column(place).cast(kind.value_type).cast(kind))
