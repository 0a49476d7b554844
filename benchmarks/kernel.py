"""What computing features costs: per event, per row, per request, and in memory, on a generated log.

Run with ``python benchmarks/kernel.py``; ``--quick`` takes a tenth of the events. Times are CPU seconds, the best of
three, in a warm process. The log is generated: customers with 20 events on average over a year, 12 kinds of event.
"""

import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

sys.path[0] = str(Path(__file__).parent.parent)  # this folder's features.py would hide the package

import numpy as np

from benchmarks.bars import Bar, at_most, command_line, settle
from features.aggregations import (
    ActiveDays,
    Count,
    CurrentStage,
    Gaps,
    Max,
    Mean,
    Recency,
    StageChanges,
    Sum,
    Tenure,
    TimeInStage,
    Trend,
)
from features.durations import DAY
from features.events import Dimension, EventLog
from features.featureset import FeatureSet
from features.journey import Journey, load_journey
from features.program import warm
from features.snapshots import Snapshots, regular_cutoffs
from features.vocabulary import Vocabulary

START, DAYS = 20_089 * DAY, 365
CHANNELS = ("app", "email", "store", "web")
BOUGHT = "Order Completed"
WINDOWS = ("7d", "28d", "91d", "lifetime")


def main() -> int:
    """Measures every bar, prints the table, and returns 1 if one is missed."""
    arguments = command_line(__doc__, "100,000 events instead of a million").parse_args()
    events = 100_000 if arguments.quick else 1_000_000
    journey = load_journey("ecommerce")
    started = time.process_time()
    warm()
    bars = [at_most("compile or load the kernel, s", 10.0, time.process_time() - started)]
    for bench in (memory, grids, every_event, one_customer):
        bars += bench(events, journey)
    return settle(bars, f"Generated log, {events:,} events", arguments.json, events=events)


def generated_log(events: int, mean: int, journey: Journey, seed: int = 0) -> EventLog:
    """Returns a log of customers with ``mean`` events on average, their numbers geometrically distributed."""
    random = np.random.default_rng(seed)
    names = tuple(sorted(journey.events))[:12]
    names = tuple(sorted({*names, BOUGHT}))
    counts = random.geometric(1 / mean, size=events // mean)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    total = int(indptr[-1])
    owner = np.repeat(np.arange(len(counts)), counts)
    moment = START + random.integers(0, DAYS * DAY, size=total)
    event = random.integers(0, len(names), size=total).astype(np.int32)
    value = np.where(event == names.index(BOUGHT), random.gamma(2.0, 20.0, size=total).round(2), np.nan)
    return EventLog(
        customers=np.array([f"c{number:08d}" for number in range(len(counts))], dtype=object),
        indptr=indptr,
        time=moment[np.lexsort((moment, owner))],
        dimensions={
            "event": Dimension(event, names),
            "channel": Dimension(random.integers(-1, len(CHANNELS), size=total).astype(np.int32), CHANNELS),
        },
        measures={"value": value},
        end=START + DAYS * DAY,
    )


def feature_set(log: EventLog | Vocabulary, journey: Journey) -> FeatureSet:
    """Returns about 130 columns of every kind."""
    return FeatureSet(
        (
            Count(windows=WINDOWS),
            Count(by="stage", windows=("28d", "91d")),
            Count(by="channel", windows=("28d", "91d")),
            Recency(),
            Recency(by="stage"),
            Gaps(values=(BOUGHT,)),
            Gaps(by="all"),
            Trend(short="7d", long="28d"),
            Tenure(),
            ActiveDays(windows=WINDOWS),
            CurrentStage(),
            TimeInStage(),
            StageChanges(windows=("28d", "91d", "lifetime")),
            *(kind(values=(BOUGHT,), windows=WINDOWS) for kind in (Sum, Mean, Max)),
        )
    ).bind(log, journey)


def grids(events: int, journey: Journey) -> list[Bar]:
    """Returns the cost of the whole matrix at 12 cutoffs, and what 52 cutoffs cost by comparison."""
    log = generated_log(events, 20, journey)
    chosen = feature_set(log, journey)
    few, many = (Snapshots.grid(log, regular_cutoffs(START + 28 * DAY, log.end, DAYS * DAY // n)) for n in (13, 57))
    whole = seconds(lambda: chosen.compute(log, journey, few))
    streamed = [seconds(lambda rows=rows: drain(chosen, log, journey, rows)) for rows in (few, many)]
    name = f"{len(chosen.columns)} columns, {log.n_events:,} events, {len(few):,} rows (12 cutoffs)"
    return [
        at_most(f"{name}: whole matrix, s", 0.6 * events / 1e6, whole),
        at_most(f"{name}: streamed, s", 0.6 * events / 1e6, streamed[0]),
        at_most(f"{len(many) / len(few):.2f} x the rows (52 cutoffs): streamed, x", 4.5, streamed[1] / streamed[0]),
    ]


def every_event(events: int, journey: Journey) -> list[Bar]:
    """Returns the cost of a row at every event for short and long histories."""
    bars = []
    for mean in (20, 200, 2000):
        log = generated_log(events // 2, mean, journey)
        chosen, rows = feature_set(log, journey), Snapshots.every_event(log)
        spent = seconds(lambda log=log, chosen=chosen, rows=rows: drain(chosen, log, journey, rows))
        bars.append(at_most(f"a row at every event, {mean} per customer, ns", 600.0, spent / len(rows) * 1e9))
    return bars


def one_customer(events: int, journey: Journey) -> list[Bar]:
    """Returns the time of one customer's features through the Python API."""
    log = generated_log(events // 100, 200, journey)
    chosen = feature_set(log, journey)
    sizes = np.diff(log.indptr)
    alone = log.select(np.array([int(np.abs(sizes - 200).argmin())]))
    now = Snapshots.at(alone, log.end)
    calls = 2_000
    spent = seconds(lambda: [chosen.compute(alone, journey, now) for _ in range(calls)]) / calls
    return [at_most(f"one customer with {alone.n_events} events, one row, ms", 0.1, spent * 1e3)]


def memory(events: int, journey: Journey) -> list[Bar]:
    """Returns the peak of what arrays take beyond the log and one block, per event."""
    log = generated_log(events, 20, journey)
    chosen, rows = feature_set(log, journey), Snapshots.at(log, log.end)
    largest = 0
    tracemalloc.start()
    for _, block in chosen.blocks(log, journey, rows):
        largest = max(largest, block.nbytes)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    name = "memory beyond the log and one block, bytes per event"
    return [at_most(name, 60.0, (peak - largest) / log.n_events)]


def drain(chosen: FeatureSet, log: EventLog, journey: Journey, rows: Snapshots) -> int:
    """Streams every block and returns how many rows there were."""
    return sum(len(block) for _, block in chosen.blocks(log, journey, rows))


def seconds(work: Callable[[], object]) -> float:
    """Returns the CPU seconds of the best of three runs."""
    spent = []
    for _ in range(3):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return min(spent)


if __name__ == "__main__":
    sys.exit(main())
