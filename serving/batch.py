"""Scores every customer of the store, block by block, with the bits that the service would answer."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from features.errors import StoreError
from features.events import EventLog
from features.snapshots import Snapshots
from models.predictor import RegisteredPredictor
from models.scores import Scores
from models.spend import SpendScores
from serving.reports.gathering import Gathering
from serving.segments.refreshing import after_scoring
from serving.store import Store
from serving.whole_file import written_whole

BLOCK = 1_000  # customers in memory at once


def run_batch(
    store: Store,
    model: RegisteredPredictor,
    as_of: int,
    scored_at: int,
    path: Path,
    on_progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Scores every customer, keeps the run, writes it to a Parquet file, refreshes segments and returns the table.

    Parameters
    ----------
    as_of, scored_at
        The cutoff, and when the run takes place, both in UTC microseconds.
    path
        Where the score table goes; a file that is there is replaced at once or not at all.
    on_progress
        Called with the share of the work done since the last call; the shares sum to one.

    Raises
    ------
    StoreError
        If the store holds no events.
    """
    gathering = Gathering(model.predictor.journey, as_of)
    scores = score_all(store, model, as_of, on_progress, gathering.add)
    frame = scores.frame().assign(model_version=model.version)
    with written_whole(path) as unfinished:
        frame.to_parquet(unfinished, index=False)
        store.add_scores(scores, model, scored_at, gathering.report())  # neither is kept without the other
    after_scoring(store.database, model, scored_at)
    return frame


def score_all(
    store: Store,
    model: RegisteredPredictor,
    as_of: int,
    on_progress: Callable[[float], None] | None = None,
    on_block: Callable[[EventLog, Scores], None] | None = None,
) -> Scores:
    """Returns the scores of every customer who has not opted out, at one cutoff, in the order of their ids.

    Parameters
    ----------
    on_block
        Called with the log and the scores of each block of customers, in their order: whoever needs their events as
        well need not read them again.
    """
    opted_out = store.suppressed()
    customers = [customer for customer in store.customers() if customer not in opted_out]
    if not customers:
        raise StoreError("the event store is empty, or all opted out, so nobody can be scored; add events first")
    blocks = []
    for first in range(0, len(customers), BLOCK):
        block = customers[first : first + BLOCK]
        log = store.log(block)
        blocks.append(model.predictor.score(log, Snapshots.at(log, as_of)))
        if on_block is not None:
            on_block(log, blocks[-1])
        if on_progress is not None:
            on_progress(len(block) / len(customers))
    return concatenate(blocks)


def concatenate(blocks: list[Scores]) -> Scores:
    """Returns the scores of blocks by one predictor below each other."""
    targets = zip(*(block.targets for block in blocks), strict=True)
    return Scores(
        customer_id=np.concatenate([block.customer_id for block in blocks]),
        horizon=blocks[0].horizon,
        as_of=np.concatenate([block.as_of for block in blocks]),
        stage_current=np.concatenate([block.stage_current for block in blocks]),
        stage_since=np.concatenate([block.stage_since for block in blocks]),
        last_event=np.concatenate([block.last_event for block in blocks]),
        targets=tuple(
            replace(
                parts[0],
                probabilities=np.concatenate([part.probabilities for part in parts]),
                is_asked=np.concatenate([part.is_asked for part in parts]),
                median_days=np.concatenate([part.median_days for part in parts]),
                expected_days=np.concatenate([part.expected_days for part in parts]),
            )
            for parts in targets
        ),
        spend=SpendScores.concatenate([block.spend for block in blocks if block.spend is not None]),
    )


def read_scores(path: Path) -> pd.DataFrame:
    """Returns a score table that a batch run wrote.

    Raises
    ------
    StoreError
        If it is not there or is no score table.
    """
    try:
        frame = pd.read_parquet(path)
    except FileNotFoundError:
        raise StoreError(f"no scores at {path}; run 'nextstage score' first") from None
    except (OSError, ValueError) as problem:
        raise StoreError(f"{path} is no score table ({problem}); run 'nextstage score' again") from None
    if "stage_current" not in frame.columns:
        raise StoreError(f"{path} has no column 'stage_current', so it is no score table; run 'nextstage score' again")
    return frame
