import pyarrow as pa
import pyarrow.parquet as pq

from features.sources.importing.staging import Staging
from features.sources.importing.taking import staged_schema


def test_records_are_numbered_in_the_order_they_come(tmp_path):
    link = pa.table([["a"], ["x"], [1], [None]], staged_schema("links"))
    with Staging(tmp_path) as staging:
        for _ in range(3):
            staging.add("links", link)
        assert staging.count("links") == 3
    assert pq.read_table(staging.file("links"))["row"].to_pylist() == [0, 1, 2]
    assert pq.read_table(staging.file("events")).num_rows == 0
