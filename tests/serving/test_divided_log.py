from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import PartitionError
from features.partitions import Partitions
from features.sources.partitioner import Division, write_partitions
from serving.divided_log import erase_from_log

WHO, COUNT = "ann-4711", 3


@pytest.fixture
def parts(tmp_path: Path) -> Partitions:
    customers = [WHO, *(f"c{number}" for number in range(20))]
    rows = [(name, f"2024-01-{day:02d}T00:00:00Z", "visit") for name in customers for day in (1, 2)]
    table = pd.DataFrame(rows, columns=["customer_id", "timestamp", "event"])
    table.to_parquet(tmp_path / "events.parquet", index=False)
    pd.DataFrame({"customer_id": customers, "age": 5}).to_csv(tmp_path / "people.csv", index=False)
    division = Division(COUNT, attributes=tmp_path / "people.csv")
    return write_partitions(tmp_path / "events.parquet", tmp_path / "parts", division)


def test_who_is_erased_is_in_no_partition_and_the_others_are_as_before(parts: Partitions) -> None:
    before = {number: parts.log(number) for number in range(COUNT)}
    assert erase_from_log(parts.folder, [WHO, "nobody"]) == 3
    assert not any(WHO.encode() in path.read_bytes() for path in parts.folder.rglob("*") if path.is_file())
    after = Partitions.open(parts.folder)
    assert (sum(after.manifest.events), sum(after.manifest.customers)) == (40, 20)
    assert (after.start, after.end) == (parts.start, parts.end)
    assert after.manifest.data_hash != parts.manifest.data_hash
    for number, log in before.items():
        others = np.array([place for place, name in enumerate(log.customers) if name != WHO], dtype=np.int64)
        assert after.log(number).fingerprint() == log.select(others).fingerprint()


def test_who_is_not_in_it_changes_nothing(parts: Partitions) -> None:
    assert erase_from_log(parts.folder, ["nobody"]) == 0
    assert Partitions.open(parts.folder).manifest == parts.manifest


def test_a_partition_may_lose_everybody(tmp_path: Path) -> None:
    table = pd.DataFrame({"customer_id": [WHO], "timestamp": ["2024-01-01T00:00:00Z"], "event": ["visit"]})
    table.to_csv(tmp_path / "events.csv", index=False)
    write_partitions(tmp_path / "events.csv", tmp_path / "parts", Division(1))
    assert erase_from_log(tmp_path / "parts", [WHO]) == 1
    assert Partitions.open(tmp_path / "parts").log(0).n_events == 0


def test_a_damaged_log_is_one_sentence(parts: Partitions) -> None:
    (parts.folder / "partitions.json").write_text("{}", encoding="utf-8")
    with pytest.raises(PartitionError, match="partition the events again"):
        erase_from_log(parts.folder, [WHO])
