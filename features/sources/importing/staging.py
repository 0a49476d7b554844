"""Records on their way: written to Parquet as they are read, so that files of any size can be imported."""

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from features.sources.importing.taking import KINDS, staged_schema

ROW = "row"


class Staging:
    """The records of one import, one file per kind in a folder; ``row`` numbers them in the order they came."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written = dict.fromkeys(KINDS, 0)
        self._writers = {
            kind: pq.ParquetWriter(
                self.file(kind), staged_schema(kind).append(pa.field(ROW, pa.int64())), compression="lz4"
            )
            for kind in KINDS
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers.values():
            writer.close()

    def file(self, kind: str) -> Path:
        """Returns where records of a kind are."""
        return self._folder / f"{kind}.parquet"

    def count(self, kind: str) -> int:
        """Returns how many records of a kind came."""
        return self._written[kind]

    def add(self, kind: str, table: pa.Table) -> None:
        """Keeps records of one kind."""
        first = self._written[kind]
        numbers = pa.array(np.arange(first, first + len(table)))
        self._writers[kind].write_table(table.append_column(ROW, numbers))
        self._written[kind] += len(table)
