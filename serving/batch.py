"""Scores every customer of the store, block by block, with the bits that the service would answer."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import StoreError
from features.events import EventLog
from features.snapshots import Snapshots
from models.predictor import RegisteredPredictor
from models.scores import Scores, typed
from models.spend import SpendScores
from serving.changes import customers_to_rescore
from serving.consents import suppressed
from serving.occasion import Occasion
from serving.persona_table import stored_personas
from serving.reports.gathering import Gathering
from serving.reports.run_report import add_report
from serving.runs import (
    Run,
    finish_run,
    latest_runs,
    read_runs,
    read_score_rows,
    scored_customers,
    standing_runs,
    write_scores,
)
from serving.segments.refreshing import after_scoring
from serving.store import Store
from serving.whole_file import unfinished_files, written_whole

BLOCK = 1_000  # customers in memory at once
STAGE = "stage_current"


def run_batch(
    store: Store,
    model: RegisteredPredictor,
    occasion: Occasion,
    path: Path,
    on_progress: Callable[[float], None] | None = None,
) -> Run:
    """Scores customers block by block into the store, writes the latest scores to a file, and refreshes segments.

    What is interrupted goes on where it was when it is started again with the same model and cutoff: scores are kept
    block by block, and nobody sees them before all are there. A run of everybody also keeps what the dashboard shows.

    Parameters
    ----------
    path
        Where the score table goes; a file that is there is replaced at once or not at all.
    on_progress
        Called with the share of the work done since the last call; the shares sum to one.

    Raises
    ------
    StoreError
        If the store holds nobody to score, or another run begins meanwhile.
    """
    for leftover in unfinished_files(path):
        leftover.unlink()
    run = occasion.open_run(store, model)
    gathering = Gathering(model.predictor.journey, run.as_of) if run.is_whole else None
    for share in _score_blocks(store, model, run, gathering):
        if on_progress is not None:
            on_progress(share)
    report = None if gathering is None else gathering.report(_personas(store))
    with written_whole(path) as unfinished:
        _write_table(store, run, unfinished)
        with store.database.writing() as connection:  # none is kept without the others
            if report is not None:
                add_report(connection, run.run_id, report)
            finish_run(connection, run, suppressed(connection, None))
    after_scoring(store.database, model, occasion.now)
    return run


def _score_blocks(store: Store, model: RegisteredPredictor, run: Run, gathering: Gathering | None) -> Iterator[float]:
    """Scores who is still to be scored and yields the share of all that each block is.

    Whoever has been scored already is scored again only for ``gathering``, which needs everybody.
    """
    asked, done = _asked(store, run, _eligible(store))
    if done:
        if gathering is not None:
            for _, log, scores in _blocks(store, model, run, sorted(done)):
                gathering.add(log, scores)
        yield len(done) / len(asked)
    for size, log, scores in _blocks(store, model, run, [customer for customer in asked if customer not in done]):
        if gathering is not None:
            gathering.add(log, scores)
        with store.database.writing() as connection:
            write_scores(connection, run, scores)
        yield size / len(asked)


def _blocks(
    store: Store, model: RegisteredPredictor, run: Run, customers: list[str]
) -> Iterator[tuple[int, EventLog, Scores]]:
    """Yields the size, the events and the scores of each block of customers, without who was erased meanwhile."""
    for first in range(0, len(customers), BLOCK):
        block = customers[first : first + BLOCK]
        if left := store.customers(block):
            log = store.log(left)
            yield len(block), log, model.predictor.score(log, Snapshots.at(log, run.as_of))


def _asked(store: Store, run: Run, everybody: list[str]) -> tuple[list[str], set[str]]:
    """Returns who is to be scored in a run, in order, and who of them has been already."""
    with store.database.reading() as connection:
        done = scored_customers(connection, run)
        if run.since is None:
            return everybody, done.intersection(everybody)
        standing = standing_runs(read_runs(connection))
        changed = customers_to_rescore(connection, standing[-1].changes_seen, run.since)
        known = latest_runs(connection, standing).keys()
    asked = [customer for customer in everybody if customer in changed or customer not in known]
    return asked, done.intersection(asked)


def _personas(store: Store) -> dict[str, str]:
    with store.database.reading() as connection:
        return stored_personas(connection)


def _eligible(store: Store) -> list[str]:
    opted_out = store.suppressed()
    customers = [customer for customer in store.customers() if customer not in opted_out]
    if not customers:
        raise StoreError("the event store is empty, or all opted out, so nobody can be scored; add events first")
    return customers


def _write_table(store: Store, run: Run, path: Path) -> None:
    """Writes everybody's latest scores, those of this run included, in the order of ids."""
    everybody, writer = _eligible(store), None
    with store.database.reading() as connection, ExitStack() as opened:
        runs = [*(standing_runs(read_runs(connection)) if run.since is not None else ()), run]
        latest = latest_runs(connection, runs)
        scored = [customer for customer in everybody if customer in latest]
        for first in range(0, len(scored), BLOCK):
            rows = read_score_rows(connection, latest, scored[first : first + BLOCK])
            frame = typed(pd.DataFrame(rows))
            frame = frame.assign(model_version=run.model_version)  # of all these runs
            table = pa.Table.from_pandas(frame, writer.schema if writer else None, preserve_index=False)
            writer = writer or opened.enter_context(pq.ParquetWriter(path, table.schema))
            writer.write_table(table)


def score_all(
    store: Store, model: RegisteredPredictor, as_of: int, on_progress: Callable[[float], None] | None = None
) -> Scores:
    """Returns the scores of every customer who has not opted out, at one cutoff, in the order of their ids."""
    customers = _eligible(store)
    blocks = []
    for first in range(0, len(customers), BLOCK):
        block = customers[first : first + BLOCK]
        log = store.log(block)
        blocks.append(model.predictor.score(log, Snapshots.at(log, as_of)))
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


def read_scores(path: Path, prefixes: tuple[str, ...] = ("",)) -> pd.DataFrame:
    """Returns a score table that a batch run wrote.

    Parameters
    ----------
    prefixes
        Only columns whose names begin so, and the current stage; all of them if left out.

    Raises
    ------
    StoreError
        If it is not there or is no score table.
    """
    try:
        named = pq.read_schema(path).names
        frame = pd.read_parquet(path, columns=[name for name in named if name.startswith((*prefixes, STAGE))])
    except FileNotFoundError:
        raise StoreError(f"no scores at {path}; run 'nextstage score' first") from None
    except (OSError, ValueError) as problem:
        raise StoreError(f"{path} is no score table ({problem}); run 'nextstage score' again") from None
    if STAGE not in frame.columns:
        raise StoreError(f"{path} has no column '{STAGE}', so it is no score table; run 'nextstage score' again")
    return frame
