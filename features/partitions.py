"""A log divided by customer into a folder of Parquet files, and functions mapped over its parts."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from features.errors import EventLogError, PartitionError
from features.events import EventLog
from features.ingest import Schema, log_from_columns, parse_frame
from features.manifest import MANIFEST, Manifest
from features.sources.files import read_table

CONNECT_SECONDS = 10
FEW_EVENTS = 1_000_000
"""Up to so many are read in this process, sooner than another one starts."""
LONG_AGO = -(2**63)

Answer = TypeVar("Answer")
Advance = Callable[[float], None]


@dataclass(frozen=True)
class Partitions:
    """A log divided by customer: every event of a customer is in one partition."""

    folder: Path
    manifest: Manifest

    @classmethod
    def open(cls, folder: str | Path) -> "Partitions":
        """Returns the partitions in a folder.

        Raises
        ------
        PartitionError
            If it is no finished partition folder.
        """
        place = Path(folder).resolve()
        return cls(place, Manifest.load(place))

    def __len__(self) -> int:
        return len(self.manifest.events)

    @property
    def start(self) -> int:
        """The time of the first event of the whole log."""
        return self.manifest.start

    @property
    def end(self) -> int:
        """The instant until which the whole log is complete."""
        return self.manifest.end

    def log(self, number: int) -> EventLog:
        """Returns the log of one partition, counted from 0; its end is that of the whole log.

        Raises
        ------
        PartitionError
            If the file is missing or damaged.
        """
        manifest, path = self.manifest, events_file(self.folder, number)
        schema = Schema(None, manifest.dimensions, manifest.measures)
        log = read_partition(self.folder, number, schema, manifest.has_attributes, manifest.end)
        if (log.n_events, log.n_customers) != (manifest.events[number], manifest.customers[number]):
            raise PartitionError(
                f"{path} holds {log.n_events} events of {log.n_customers} customers, and {MANIFEST} says "
                f"{manifest.events[number]} of {manifest.customers[number]}; partition the events again"
            )
        return log


def events_file(folder: Path, number: int) -> Path:
    """Returns where the events of a partition are."""
    return folder / "events" / f"{number:05d}.parquet"


def attributes_file(folder: Path, number: int) -> Path:
    """Returns where the attributes of a partition's customers are."""
    return folder / "attributes" / f"{number:05d}.parquet"


def read_partition(folder: Path, number: int, schema: Schema, has_attributes: bool, end: int = LONG_AGO) -> EventLog:
    """Returns the log of one partition by the reading path of every source; it may be empty."""
    try:
        frame, row_name = read_table(events_file(folder, number))
        attributes = read_table(attributes_file(folder, number))[0] if has_attributes else None
    except EventLogError as problem:
        raise PartitionError(f"partition {number} of {folder} is damaged: {problem}") from None
    return log_from_columns(parse_frame(frame, schema, row_name), end, attributes, schema)


def map_partitions(
    function: Callable[[Partitions, int], Answer],
    partitions: Partitions,
    dask: str | None = None,
    on_progress: Advance | None = None,
    workers: int | None = None,
) -> Iterator[Answer]:
    """Yields what a function answers for each partition, in their order; no more than a few answers wait.

    Parameters
    ----------
    function
        Takes the partitions and a number, and can be pickled: it runs in other processes, perhaps on other machines.
    dask
        The address of a Dask scheduler whose workers see the folder under the same path; without one, processes of
        this machine do the work.
    on_progress
        Called with the share of the work done since the last call; the shares sum to one.
    workers
        How many processes of this machine; as many as it has cores when left out. One works in this very process.

    Raises
    ------
    PartitionError
        If no scheduler answers, or a worker dies.
    """
    task, total = partial(function, partitions), len(partitions)
    if dask is not None:
        answers = _on_dask(task, total, dask)
    else:
        answers = map_here(task, total, workers or workers_for(sum(partitions.manifest.events)))
    for answer in answers:
        yield answer
        if on_progress is not None:
            on_progress(1.0 / total)


def workers_for(events: int) -> int:
    """Returns how many processes so many events are worth."""
    return 1 if events <= FEW_EVENTS else os.cpu_count() or 1


def map_here(task: Callable[[int], Answer], total: int, workers: int) -> Iterator[Answer]:
    """Yields the answers to the numbers below ``total`` in order, from processes of this machine.

    Raises
    ------
    PartitionError
        If a process dies.
    """
    if min(workers, total) <= 1:
        yield from map(task, range(total))
        return
    with ProcessPoolExecutor(min(workers, total), mp_context=get_context("spawn")) as pool:
        try:
            yield from _in_order(lambda number: pool.submit(task, number), total, workers)
        except BrokenProcessPool:
            raise PartitionError(
                "a process that worked on a partition died, as it does when memory runs out; "
                "partition the events into more parts, or work on a machine with more memory"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


def _on_dask(task: Callable[[int], Answer], total: int, address: str) -> Iterator[Answer]:
    with dask_client(address) as client:
        workers = sum(client.ncores().values())
        yield from _in_order(lambda number: client.submit(task, number, pure=False), total, workers)


@contextmanager
def dask_client(address: str) -> Iterator[Any]:
    """Yields a client of a Dask cluster.

    Raises
    ------
    PartitionError
        If Dask is not installed, no scheduler answers at the address, it has no workers, or a worker dies.
    """
    try:
        from distributed import Client, KilledWorker  # an optional extra, and slow to import
        from distributed.client import FutureCancelledError
        from distributed.comm import CommClosedError
    except ImportError:
        raise PartitionError("Dask is not installed; install nextstage with its extra 'scale'") from None
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as problem:
        raise PartitionError(
            f"no Dask scheduler answers at {address} ({type(problem).__name__}); "
            "start one with 'dask scheduler' and give its address, like tcp://10.0.0.1:8786"
        ) from None
    with client:
        if not client.ncores():
            raise PartitionError(
                f"the Dask scheduler at {address} has no workers; start some with 'dask worker {address}'"
            )
        try:
            yield client
        except (KilledWorker, FutureCancelledError, CommClosedError) as problem:
            raise PartitionError(
                f"a worker of the Dask cluster at {address} died ({type(problem).__name__}), as it does when memory "
                "runs out; give workers more memory, or partition the events into more parts"
            ) from None


def _in_order(submit: Callable[[int], "Future[Answer]"], total: int, workers: int) -> Iterator[Answer]:
    """Yields the answers in order; at most twice as many as there are workers are under way."""
    waiting: deque[Future[Answer]] = deque()
    for number in range(total):
        waiting.append(submit(number))
        if len(waiting) >= 2 * workers:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
