"""Scores a partitioned log, one Parquet file per partition; what is finished stays when the run is started again."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from features.errors import StoreError
from features.events import EventLog
from features.partitions import Partitions, map_partitions
from features.snapshots import Snapshots
from models.predictor import Predictor, RegisteredPredictor
from models.scores import Scores
from serving.batch import concatenate
from serving.whole_file import written_whole

RUN = "_run.json"  # readers of a folder of Parquet pass over a name that begins so
BLOCK = 20_000
"""Customers whose features are in memory at once."""


@dataclass(frozen=True)
class ScoringRun:
    """What decides every score of a run, so that files of different runs are never mixed."""

    data_hash: str
    fingerprint: str
    as_of: int
    model_version: str


def score_partitions(
    partitions: Partitions,
    model: RegisteredPredictor,
    as_of: int,
    folder: Path,
    dask: str | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> int:
    """Scores every customer of every partition and returns how many there are.

    Parameters
    ----------
    as_of
        The cutoff in UTC microseconds.
    folder
        Where the score tables go, one per partition, each whole or not there; those of an interrupted run with the same
        data, model and cutoff are kept. On a cluster the workers write to it.
    dask, on_progress
        As for ``map_partitions``.

    Raises
    ------
    StoreError
        If the folder holds something else than the scores of this very run.
    PartitionError
        If a partition is damaged or a worker dies.
    """
    run = ScoringRun(partitions.manifest.data_hash, model.predictor.fingerprint, as_of, model.version)
    _begin(folder, run)
    task = partial(_score_one, model, as_of, folder.resolve())
    return sum(map_partitions(task, partitions, dask, on_progress))


def score_log(predictor: Predictor, log: EventLog, as_of: int) -> Scores:
    """Returns the scores of every customer of a log at one cutoff, computed a block of customers at a time."""
    blocks = []
    for first in range(0, max(1, log.n_customers), BLOCK):
        block = log.select(np.arange(first, min(first + BLOCK, log.n_customers)))
        blocks.append(predictor.score(block, Snapshots.at(block, as_of)))
    return concatenate(blocks)


def _score_one(model: RegisteredPredictor, as_of: int, folder: Path, partitions: Partitions, number: int) -> int:
    path, customers = folder / f"{number:05d}.parquet", partitions.manifest.customers[number]
    if customers and not path.exists():
        frame = score_log(model.predictor, partitions.log(number), as_of).frame().assign(model_version=model.version)
        with written_whole(path) as unfinished:
            frame.to_parquet(unfinished, index=False)
    return customers


def _begin(folder: Path, run: ScoringRun) -> None:
    known = folder / RUN
    if known.exists():
        if json.loads(known.read_text(encoding="utf-8")) != asdict(run):
            raise StoreError(f"{folder} holds scores of other data, another model or another moment; give a new folder")
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder} is not empty and holds no scores of this run; give a new folder")
    with written_whole(known) as unfinished:
        unfinished.write_text(json.dumps(asdict(run), indent=2) + "\n", encoding="utf-8")
