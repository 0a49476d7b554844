"""Copies and later versions give the same store in whatever order they come."""

from itertools import permutations
from pathlib import Path

import pandas as pd

from features.ingest import Schema
from serving.store import Store
from serving.versions import Stored, revised

SCHEMA = Schema(measures=("pages",))
DAY = "2024-01-01T00:00:{:02d}Z"


def visits(*rows: dict[str, object]) -> pd.DataFrame:
    base = {
        "customer_id": "a",
        "timestamp": DAY.format(0),
        "event": "visit",
        "event_id": "v1",
        "known_at": None,
        "pages": 1.0,
        "revision": 0,
    }
    return pd.DataFrame([base | row for row in rows])


def test_the_same_import_again_changes_nothing(store: Store) -> None:
    frame = visits({}, {"event_id": "v2", "revision": 7})
    assert store.add_imported(frame, SCHEMA) == (2, 0)
    before = store.log().fingerprint()
    assert store.add_imported(frame, SCHEMA) == (0, 0)
    assert store.log().fingerprint() == before


def test_a_newer_version_gives_the_values_and_the_first_known_time_stays(tmp_path: Path) -> None:
    versions = [
        visits({"revision": revision, "pages": float(revision), "known_at": DAY.format(known)})
        for revision, known in ((1, 10), (2, 20), (3, 30))
    ]
    for number, order in enumerate(permutations(versions)):
        with Store(f"sqlite:///{tmp_path}/{number}.db") as store:
            for frame in order:
                store.add_imported(frame, SCHEMA)
            log = store.log()
            assert log.measures["pages"].tolist() == [3.0]
            assert log.time.tolist() == [1_704_067_210_000_000]


def test_of_copies_of_one_revision_the_one_known_first_is_kept(store: Store) -> None:
    late, early = visits({"known_at": DAY.format(9), "pages": 9.0}), visits({"known_at": DAY.format(3), "pages": 3.0})
    assert [store.add_imported(frame, SCHEMA) for frame in (late, early, late)] == [(1, 0), (0, 1), (0, 0)]
    assert store.log().measures["pages"].tolist() == [3.0]


def test_an_event_without_a_known_time_was_known_when_it_happened(store: Store) -> None:
    store.add_imported(visits({"known_at": DAY.format(9)}), SCHEMA)
    store.add_imported(visits({}), SCHEMA)
    assert store.log().time.tolist() == [1_704_067_200_000_000]


def test_what_a_row_changes_is_told_by_revision_and_then_by_time() -> None:
    row = {"event_id": "x", "timestamp": 5, "known_at": None, "revision": 1} | dict.fromkeys(
        ("customer_id", "event", "channel", "value", "extra")
    )
    assert revised([row], {}) == ([], [])
    assert revised([row], {"x": Stored(5, None, 1)}) == ([], [])
    assert [change["known_at"] for change in revised([row], {"x": Stored(3, 4, None)}).changes] == [4]
    assert revised([row], {"x": Stored(5, 9, 2)}).sooner == [{"name": "x", "known": 5}]


def test_nothing_to_import_is_nothing(store: Store) -> None:
    assert store.add_imported(visits({})[:0], SCHEMA) == (0, 0)
    assert store.add_aliases([]) == 0
