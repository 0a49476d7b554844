"""Whether the implementations compute the same: every column of every row of a small log."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from benchmarks.rivals.bars import OURS
from benchmarks.rivals.columns import columns, window_starts

KEY = ["customer_id", "cutoff"]
RELATIVE, ABSOLUTE = 1e-4, 1e-4
"""Ours are float32. The absolute part is 9 seconds in days: others lose as much where gaps are nearly equal."""


def disagreements(names: list[str], log: Path, cutoffs: list[int]) -> dict[str, str]:
    """Returns for each implementation that cannot be used why not: another answer, or a package that is missing."""
    expected = ordered(OURS, log, cutoffs)
    found = {}
    for name in names:
        try:
            problem = difference(expected, ordered(name, log, cutoffs))
        except ImportError as missing:
            problem = f"{missing}; install the project with its extra 'benchmarks'"
        if problem:
            found[name] = problem
    return found


def events_in_windows(log: Path, cutoffs: list[int]) -> int:
    """Returns the number of events in all windows of all rows."""
    time = np.sort(pq.read_table(log, columns=["timestamp"])["timestamp"].cast("int64").to_numpy())
    bounds = [(start, cutoff) for cutoff in cutoffs for start in window_starts(cutoff).values()]
    return int(np.diff(np.searchsorted(time, bounds, side="right"), axis=1).sum())


def ordered(name: str, log: Path, cutoffs: list[int]) -> pd.DataFrame:
    """Returns an implementation's features by customer and cutoff."""
    frame = import_module(f"benchmarks.rivals.{name}").frame(log, cutoffs)
    return frame.assign(customer_id=frame["customer_id"].astype(str)).sort_values(KEY, ignore_index=True)


def difference(expected: pd.DataFrame, given: pd.DataFrame) -> str:
    """Returns where two tables differ, or nothing."""
    if len(expected) != len(given) or not (expected[KEY] == given[KEY]).to_numpy().all():
        return f"has other rows than ours: {len(given):,}, and ours are {len(expected):,}"
    ours, theirs = (table[columns()].to_numpy(dtype=np.float64) for table in (expected, given))
    differ = ~np.isclose(theirs, ours, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)
    if not differ.any():
        return ""
    row, column = np.argwhere(differ)[0]
    return (
        f"differs from ours in {differ.sum():,} cells, first {columns()[column]} of "
        f"{expected['customer_id'][row]}: {theirs[row, column]:g}, and ours is {ours[row, column]:g}"
    )
