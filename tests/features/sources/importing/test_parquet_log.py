import pytest

from features.errors import EventLogError
from features.sources.files import read_attributes, read_log
from features.sources.formats.segment import Segment
from features.sources.importing.importer import opened_import
from features.sources.importing.parquet_log import write_log
from tests.features.sources.conftest import GOLDEN


def write(path, file=GOLDEN / "segment.jsonl"):
    with opened_import(Segment(), [file]) as found:
        return write_log(found, path)


def test_the_log_is_read_like_any_other(tmp_path):
    path, _ = write(tmp_path / "new" / "log.parquet")
    log = read_log(path)
    assert (log.customers.tolist(), log.n_events) == (["crm-7"], 3)
    assert log.dimensions["channel"].names == ("email",)


def test_the_same_import_gives_the_same_bytes(tmp_path):
    path, _ = write(tmp_path / "log.parquet")
    before = path.read_bytes()
    write(path)
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["log-attributes.parquet", "log.parquet"]


def test_attributes_and_consents_stand_beside_it(tmp_path, json_lines):
    base = {"messageId": "1", "userId": "a", "timestamp": "2024-01-01T00:00:00Z"}
    rows = [
        base | {"type": "identify", "traits": {"plan": "pro"}},
        base | {"type": "track", "event": "Unsubscribed"},
    ]
    written = write(tmp_path / "log.parquet", json_lines(*rows))
    assert [path.name for path in written] == ["log.parquet", "log-attributes.parquet", "log-consent.parquet"]
    assert read_log(written[0], attributes=written[1]).dated is not None
    assert read_attributes(written[2])["consent_profiling"].tolist() == ["revoked"]


def test_a_log_needs_a_name_that_says_what_it_is(tmp_path):
    with pytest.raises(EventLogError, match=r"let it end in \.parquet"):
        write(tmp_path / "log.csv")
