import numpy as np
import pyarrow.parquet as pq
import pytest

from features.durations import DAY
from features.featureset import FeatureSet
from features.matrix import Grid, write_matrices, write_matrix
from features.snapshots import Snapshots
from features.sources.files import read_log
from features.sources.partitioner import Division, write_partitions
from tests.data import generated_events


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("matrix") / "events.parquet"
    generated_events(80).to_parquet(path)
    return path


@pytest.fixture(scope="module")
def grid(source, journey):
    log = read_log(source)
    return Grid(FeatureSet.default(log, journey), journey, log.end - DAY * np.array([90, 30, 0]))


def rows_of(table):
    """Returns the bytes of each row of features by customer and cutoff."""
    matrix = np.column_stack([column.to_numpy() for column in table.columns[2:]])
    keys = zip(table["customer_id"].to_pylist(), table["cutoff"].cast("int64").to_pylist(), strict=True)
    return {key: row.tobytes() for key, row in zip(keys, matrix, strict=True)}


def test_the_file_holds_what_compute_returns(source, grid, tmp_path):
    log = read_log(source)
    snapshots = Snapshots.grid(log, grid.cutoffs)
    assert write_matrix(log, snapshots, grid, tmp_path / "matrix.parquet") == len(snapshots)
    file = pq.ParquetFile(tmp_path / "matrix.parquet")
    table = file.read()
    assert table.column_names == ["customer_id", "cutoff", *grid.feature_set.columns]
    assert {str(field.type) for field in table.schema} == {"string", "timestamp[us, tz=UTC]", "float"}
    computed = grid.feature_set.compute(log, grid.journey, snapshots)
    keys = zip(log.customers[snapshots.customer].tolist(), snapshots.cutoff.tolist(), strict=True)
    assert rows_of(table) == {key: row.tobytes() for key, row in zip(keys, computed, strict=True)}
    first = file.metadata.row_group(0).column(2)
    assert (first.compression, first.has_dictionary_page) == ("ZSTD", False)


def test_partitions_give_the_rows_of_the_whole_log(source, grid, tmp_path):
    log = read_log(source)
    parts = write_partitions(source, tmp_path / "parts", Division(3))
    told = []
    rows = write_matrices(parts, grid, tmp_path / "matrix", on_progress=told.append)
    assert rows == write_matrix(log, Snapshots.grid(log, grid.cutoffs), grid, tmp_path / "whole.parquet")
    files = sorted((tmp_path / "matrix").iterdir())
    assert [file.name for file in files] == ["00000.parquet", "00001.parquet", "00002.parquet"]
    dealt = {key: row for file in files for key, row in rows_of(pq.read_table(file)).items()}
    assert dealt == rows_of(pq.read_table(tmp_path / "whole.parquet"))
    assert sum(told) == pytest.approx(1.0)


def test_who_has_no_event_yet_has_no_row_and_nobody_is_no_error(source, grid, tmp_path):
    log = read_log(source)
    nobody = log.select(np.empty(0, dtype=np.int64))
    assert write_matrix(nobody, Snapshots.grid(nobody, grid.cutoffs), grid, tmp_path / "none.parquet") == 0
    assert pq.read_table(tmp_path / "none.parquet").num_columns == 2 + len(grid.feature_set.columns)
