import numpy as np
import pandas as pd
import pytest

from features.ingest import log_from_frame
from features.journey import load_journey
from features.touches import Paths, purchase_paths

DAY = 86_400 * 10**6
RETAIL = load_journey("retail")


def paths_of(*rows: tuple[str, float, str, str | None], value: float = 1.0) -> Paths:
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "event", "channel"])
    start = pd.Timestamp("2024-01-01", tz="UTC")
    frame["timestamp"] = start + pd.to_timedelta(frame.pop("day"), unit="D")
    return purchase_paths(log_from_frame(frame.assign(value=value)), RETAIL, 30 * DAY)


def told(paths: Paths) -> list[tuple[str, bool]]:
    names = np.array(paths.channels, dtype=object)[paths.code]
    parts = np.split(names, paths.indptr[1:-1])
    return [("".join(part), bool(end)) for part, end in zip(parts, paths.converted, strict=True)]


def test_a_path_ends_with_a_purchase_and_the_next_one_begins():
    paths = paths_of(("a", 0, "visit", "A"), ("a", 1, "visit", "B"), ("a", 2, "purchase", "C"), ("a", 3, "visit", "B"),
                     ("a", 4, "purchase", None), ("b", 0, "visit", "A"), ("z", 99, "visit", "A"))  # fmt: skip
    assert told(paths) == [("AB", True), ("B", True), ("A", False)]


def test_a_path_ends_when_nothing_follows_for_so_long():
    paths = paths_of(
        ("a", 0, "visit", "A"), ("a", 30, "visit", "B"), ("a", 60.01, "purchase", None), ("z", 99, "x", None)
    )
    assert told(paths) == [("AB", False)]
    assert paths.untouched == 1


def test_one_that_may_still_go_on_is_left_out():
    assert told(paths_of(("a", 0, "visit", "A"), ("b", 10, "visit", "B"), ("c", 30, "x", None))) == [("A", False)]


def test_the_same_channel_in_a_row_is_one_touch_and_not_across_paths():
    paths = paths_of(("a", 0, "visit", "A"), ("a", 1, "visit", "A"), ("a", 2, "purchase", None), ("b", 0, "visit", "A"),
                     ("b", 1, "visit", "B"), ("b", 2, "visit", "A"), ("b", 3, "purchase", None))  # fmt: skip
    assert told(paths) == [("A", True), ("ABA", True)]


@pytest.mark.parametrize("event", ["refund", "visit"])
def test_without_a_channel_or_with_money_alone_there_is_no_path(event):
    channel = "C" if event == "refund" else None
    paths = paths_of(("a", 0, event, channel), ("a", 1, "purchase", "C"))
    assert (len(paths), paths.untouched) == (0, 1)


def test_a_log_without_channels_and_purchases_has_no_path():
    assert len(paths_of(("a", 0, "visit", None))) == 0
