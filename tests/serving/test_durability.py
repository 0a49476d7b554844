"""Processes that are killed in the middle of their work; benchmarks/ingest.py does it more often."""

from pathlib import Path

from benchmarks.ingest import killed


def test_what_was_acknowledged_is_there_once_after_kills(tmp_path: Path) -> None:
    lost, doubled, torn, acknowledged = killed(tmp_path, 3)
    assert acknowledged > 0
    assert (lost, doubled, torn) == (0, 0, 0)
