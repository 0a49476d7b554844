"""What a log that does not fit in memory costs: to partition, read, featurise, store, train and score.

Run with ``python -m benchmarks.scale``; ``--events N`` for another size than 100 million, ``--quick`` for half a
million in under a minute. The log is generated (synthetic), 20 events per customer on average over a year, in the order
of time, and written in chunks. Every step is a process of its own with children; CPU seconds and the largest memory are
those of all of them.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from benchmarks.bars import at_most, command_line, settle
from benchmarks.kernel import feature_set
from features.durations import DAY
from features.journey import load_journey
from features.matrix import Grid, write_matrices
from features.partitions import Partitions, map_partitions
from features.snapshots import Snapshots, regular_cutoffs
from features.sources.partitioner import Division, write_partitions
from models.classifier import BoostingOptions
from models.predictor import Predictor, RegisteredPredictor
from serving.partitioned import score_partitions
from training.config import PeriodConfig
from training.distributed import train_partitions
from training.train import Recipe

START, DAYS = 20_089 * DAY, 365
END = START + DAYS * DAY
CHUNK = 1_000_000
CHANNELS = ("app", "email", "store", "web")
BOUGHT = "Order Completed"
JOURNEY = load_journey("ecommerce")
CUTOFFS = regular_cutoffs(START + 28 * DAY, END, DAYS * DAY // 13)
MOST_GIGABYTES = 16.0
SAMPLE = 10_000_000
"""Events of the partitions that are read alone, stored as a matrix and scored: a share is enough to know the cost."""
ROUNDS = 20
"""Of boosting, a tenth of the usual: the cost of a fit grows with them."""


@dataclass(frozen=True)
class Cost:
    """What one step took, and of how much: events, customers, rows, bytes on disk."""

    step: str
    cpu: float
    wall: float
    gigabytes: float
    done: dict[str, int]


def main() -> int:
    """Measures every step, prints the table, and returns 1 if a bar is missed."""
    parser = command_line(__doc__, "half a million events, under a minute")
    parser.add_argument("--events", type=int, default=100_000_000, help="how many events, 100 million if left out")
    parser.add_argument("--folder", type=Path, help="where the data goes for as long as this runs")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    events = 500_000 if arguments.quick else arguments.events
    if arguments.step:
        print(json.dumps(STEPS[arguments.step](arguments.folder, events)))
        return 0
    folder = Path(tempfile.mkdtemp(dir=arguments.folder))
    try:
        costs = [measure(step, folder, events) for step in STEPS]
    finally:
        shutil.rmtree(folder)
    show(costs, events)
    bars = [
        at_most(f"{cost.step}: memory of all processes, GB", MOST_GIGABYTES, cost.gigabytes)
        for cost in costs
        if cost.step != "generate"
    ]
    return settle(bars, "Memory", arguments.json, events=events, costs=[vars(cost) for cost in costs])


def measure(step: str, folder: Path, events: int) -> Cost:
    """Runs one step in a process of its own and returns what it and its children took."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.scale",
        "--step",
        step,
        "--folder",
        str(folder),
        "--events",
        str(events),
    ]
    before, started, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), 0
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent)  # noqa: S603
    while process.poll() is None:
        peak = max(peak, memory_of(process.pid))
        time.sleep(0.2)
    after, told = resource.getrusage(resource.RUSAGE_CHILDREN), process.stdout.read() if process.stdout else ""
    if process.returncode != 0:
        raise SystemExit(f"step {step} failed")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    cost = Cost(step, cpu, time.monotonic() - started, peak / 1e9, json.loads(told.splitlines()[-1]))
    print(cost, file=sys.stderr, flush=True)
    return cost


def memory_of(root: int) -> int:
    """Returns the resident bytes of a process and its descendants; what they share counts once for each."""
    total = 0
    try:
        process = psutil.Process(root)
        for each in (process, *process.children(recursive=True)):
            total += each.memory_info().rss
    except psutil.Error:
        pass  # it ended meanwhile
    return total


def generate(folder: Path, events: int) -> dict[str, int]:
    """Writes the synthetic log, a slice of the year at a time."""
    random = np.random.default_rng(0)
    names = pa.array(sorted({*sorted(JOURNEY.events)[:12], BOUGHT}))
    bought, customers = names.index(BOUGHT).as_py(), max(1, events // 20)
    path, written = folder / "events.parquet", 0
    writer: pq.ParquetWriter | None = None
    while written < events:
        size = min(CHUNK, events - written)
        slices = [START + (END - START) * row // events for row in (written, written + size)]
        event = random.integers(0, len(names), size)
        value = np.where(event == bought, random.gamma(2.0, 20.0, size).round(2), np.nan)
        number = pc.cast(pa.array((customers * random.random(size) ** 2).astype(np.int64)), pa.string())
        table = pa.table(
            {
                "customer_id": pc.binary_join_element_wise("c", pc.utf8_lpad(number, 9, "0"), ""),
                "timestamp": pa.array(np.sort(random.integers(*slices, size))).cast(pa.timestamp("us", tz="UTC")),
                "event": names.take(pa.array(event)),
                "channel": pa.array(CHANNELS).take(pa.array(random.integers(0, len(CHANNELS), size))),
                "value": pa.array(value),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
        written += size
    if writer is not None:
        writer.close()
    return {"events": events, "bytes": path.stat().st_size}


def partition(folder: Path, events: int) -> dict[str, int]:
    """Partitions the whole log."""
    del events
    made = write_partitions(folder / "events.parquet", folder / "partitions", Division())
    return {**size_of(made), "bytes": bytes_in(folder / "partitions"), "partitions": len(made)}


def read(folder: Path, events: int) -> dict[str, int]:
    """Reads a share of the partitions."""
    del events
    partitions = sample(Partitions.open(folder / "partitions"), SAMPLE)
    for _ in map_partitions(_read_one, partitions):
        pass
    return size_of(partitions)


def featurise(folder: Path, events: int) -> dict[str, int]:
    """Computes the features of every customer at twelve cutoffs and lets them go."""
    del events
    partitions = Partitions.open(folder / "partitions")
    grid = chosen_grid(partitions)
    return {
        **size_of(partitions),
        "rows": sum(map_partitions(Drain(grid), partitions)),
        "columns": len(grid.feature_set.columns),
    }


def store(folder: Path, events: int) -> dict[str, int]:
    """Writes the same features of a share of the partitions to Parquet."""
    del events
    share = sample(Partitions.open(folder / "partitions"), SAMPLE)
    rows = write_matrices(share, chosen_grid(share), folder / "matrix")
    size = bytes_in(folder / "matrix")
    shutil.rmtree(folder / "matrix")
    return {**size_of(share), "rows": rows, "bytes": size}


def train(folder: Path, events: int) -> dict[str, int]:
    """Trains on one partition at cutoffs 28 days apart, with a tenth of the usual rounds."""
    del events
    share = sample(Partitions.open(folder / "partitions"), 1)
    training = train_partitions(
        share, JOURNEY, Recipe(periods=PeriodConfig(every="28d"), options=BoostingOptions(rounds=ROUNDS))
    )
    training.predictor.save(folder / "predictor")
    return size_of(share)


def score(folder: Path, events: int) -> dict[str, int]:
    """Scores a share of the partitions with that model."""
    del events
    share = sample(Partitions.open(folder / "partitions"), SAMPLE)
    model = RegisteredPredictor(Predictor.load(folder / "predictor"), "scale", "1")
    rows = score_partitions(share, model, END, folder / "scores")
    return {**size_of(share), "rows": rows, "bytes": bytes_in(folder / "scores")}


STEPS: dict[str, Callable[[Path, int], dict[str, int]]] = {
    step.__name__: step for step in (generate, partition, read, featurise, store, train, score)
}


@dataclass(frozen=True, eq=False)
class Drain:
    """Computes the features of a partition block by block and returns how many rows there were."""

    grid: Grid

    def __call__(self, partitions: Partitions, number: int) -> int:
        """Returns the number of rows of one partition."""
        log = partitions.log(number)
        rows = Snapshots.grid(log, self.grid.cutoffs)
        return sum(len(block) for _, block in self.grid.feature_set.blocks(log, self.grid.journey, rows))


def _read_one(partitions: Partitions, number: int) -> int:
    return partitions.log(number).n_events


def chosen_grid(partitions: Partitions) -> Grid:
    """Returns the features of benchmarks/kernel.py at twelve cutoffs."""
    return Grid(feature_set(partitions.manifest.vocabulary, JOURNEY), JOURNEY, CUTOFFS)


def sample(partitions: Partitions, events: int) -> Partitions:
    """Returns the first partitions that together have so many events, as if there were no others."""
    manifest = partitions.manifest
    count = int(np.searchsorted(np.cumsum(manifest.events), min(events, sum(manifest.events)))) + 1
    return replace(
        partitions, manifest=replace(manifest, events=manifest.events[:count], customers=manifest.customers[:count])
    )


def size_of(partitions: Partitions) -> dict[str, int]:
    """Returns how many events and customers partitions have."""
    return {"events": sum(partitions.manifest.events), "customers": sum(partitions.manifest.customers)}


def bytes_in(folder: Path) -> int:
    """Returns the size of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def show(costs: list[Cost], events: int) -> None:
    """Prints what every step costs."""
    title = f"Generated log, {events:,} events, {os.cpu_count()} cores"
    table = Table(
        "step",
        "events",
        "rows",
        "CPU s",
        "wall s",
        "GB memory",
        "CPU s/M events",
        "/M customers",
        "/M rows",
        "B on disk/event",
        title=title,
    )
    for cost in costs:
        per = [
            cost.cpu / (cost.done[what] / 1e6) if cost.done.get(what) else None
            for what in ("events", "customers", "rows")
        ]
        disk = cost.done["bytes"] / cost.done["events"] if "bytes" in cost.done else None
        figures: list[Any] = [
            cost.done["events"],
            cost.done.get("rows"),
            cost.cpu,
            cost.wall,
            cost.gigabytes,
            *per,
            disk,
        ]
        table.add_row(
            cost.step, *("" if f is None else f"{f:,}" if isinstance(f, int) else f"{f:,.1f}" for f in figures)
        )
    Console(width=140).print(table)


if __name__ == "__main__":
    sys.exit(main())
