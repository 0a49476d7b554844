"""getML community: FastProp over one join with the log for each window.

It runs in an environment of its own, the engine in a process of its own, and on a sample of the customers. A kind of
event is a column of ones and zeros, whose sum is a count; FastProp then makes the sum, mean and maximum of every column
in every window. Reading, handing over and transforming are measured; fitting on the small log is not.
"""

import atexit
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import getml
import numpy as np
import pandas as pd
import psutil
from getml.feature_learning import FastProp, loss_functions
from getml.feature_learning.aggregations import AVG, COUNT, MAX, SUM

from benchmarks.rivals.columns import DAY, GROUPS, WINDOWS
from benchmarks.rivals.memory import peak_bytes

ROLES = getml.data.roles
MADE: list[getml.Pipeline] = []
"""The pipeline that the first call fits: later ones transform with it."""


def stream(path: Path, cutoffs: list[int]) -> Iterator[np.ndarray]:
    """Yields the features of every row at once."""
    if not MADE:
        start_engine()
    log = read(path)
    schema = joined(rows_of(log, cutoffs), events_of(log))
    if not MADE:
        learner = FastProp(
            loss_function=loss_functions.SquareLoss,
            aggregation=[SUM, AVG, MAX, COUNT],
            num_features=1000,
            num_threads=os.cpu_count() or 1,
        )
        MADE.append(getml.Pipeline(data_model=schema.data_model, feature_learners=[learner]))
        MADE[0].fit(schema.train, check=False)
    yield MADE[0].transform(schema.train)


def cells(table: np.ndarray) -> int:
    """Returns how many features a table holds."""
    return table.size


def counted(table: np.ndarray) -> int:
    """Returns the number of events in all windows of all rows."""
    return int(table[:, ["COUNT( * )" in str(feature.sql) for feature in MADE[0].features]].sum())


def start_engine() -> None:
    """Starts the engine that the package brings along, as a child of this process."""
    getml.engine.launch(launch_browser=False)
    if not psutil.Process().children():
        raise RuntimeError("a getML engine runs on this machine already; shut it down")
    atexit.register(getml.engine.shutdown)
    getml.set_project("benchmark")


def others() -> tuple[float, int]:
    """Returns the CPU seconds and the peak memory in bytes of the engine so far."""
    seconds, peak = 0.0, 0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error, OSError):
            spent = process.cpu_times()
            seconds += spent.user + spent.system
            peak += peak_bytes(process.pid)
    return seconds, peak


def read(path: Path) -> pd.DataFrame:
    """Returns the log with times without a zone, as getML takes them."""
    log = pd.read_parquet(path)
    time = log["timestamp"].dt.tz_localize(None).astype("datetime64[ns]")
    return log.assign(timestamp=time)


def rows_of(log: pd.DataFrame, cutoffs: list[int]) -> getml.DataFrame:
    """Returns a row for each cutoff and each customer who has an event at or before it; the target means nothing."""
    first = log.groupby("customer_id")["timestamp"].min()
    moments = pd.to_datetime(cutoffs, unit="us").as_unit("ns")
    rows = [pd.DataFrame({"customer_id": first.index[first <= moment], "time": moment}) for moment in moments]
    table = pd.concat(rows, ignore_index=True)
    table["target"] = np.arange(len(table)) % 7.0
    roles = {ROLES.join_key: ["customer_id"], ROLES.time_stamp: ["time"], ROLES.target: ["target"]}
    return getml.DataFrame.from_pandas(table, "rows", roles=roles)


def events_of(log: pd.DataFrame) -> getml.DataFrame:
    """Returns the events with their day, their value and a column of ones and zeros for each group."""
    members = {group: (log[column] == name).astype("float64") for group, (column, name) in GROUPS.items()}
    numbers = {"value": log["value"], "day": log["timestamp"].astype("int64") / (DAY * 1000), **members}
    table = pd.DataFrame({"customer_id": log["customer_id"], "timestamp": log["timestamp"], **numbers})
    roles = {ROLES.join_key: ["customer_id"], ROLES.time_stamp: ["timestamp"], ROLES.numerical: list(numbers)}
    return getml.DataFrame.from_pandas(table, "events", roles=roles)


def joined(rows: getml.DataFrame, events: getml.DataFrame) -> getml.data.StarSchema:
    """Returns the rows with one join for each window."""
    schema = getml.data.StarSchema(train=rows, alias="rows")
    for window, days in WINDOWS.items():
        memory = None if days is None else getml.data.time.days(days)
        schema.join(events, alias=f"w{window}", on="customer_id", time_stamps=("time", "timestamp"), memory=memory)
    return schema
