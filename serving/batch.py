"""Scores every customer of the store, block by block, with the bits that the service would answer."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from features.errors import StoreError
from features.events import EventLog
from features.snapshots import Snapshots
from models.predictor import RegisteredPredictor
from models.scores import Scores
from models.spend import SpendScores
from serving.audit import last_erasure
from serving.changes import customers_to_rescore
from serving.consents import suppressed
from serving.occasion import Occasion
from serving.parquet_rows import erase_rows
from serving.persona_table import stored_personas
from serving.reports.gathering import Gathering
from serving.reports.run_report import RunReport, add_report
from serving.runs import (
    Run,
    customers_among,
    finish_run,
    latest_runs,
    read_runs,
    scored_customers,
    standing_runs,
    write_scores,
)
from serving.score_table import BLOCK, write_score_table
from serving.segments.refreshing import after_scoring
from serving.store import Store, read_log
from serving.tables import EVENTS
from serving.whole_file import unfinished_files, written_whole

STAGE = "stage_current"

Scored = tuple[EventLog, Scores]


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
    _finish(store, run, path, None if gathering is None else gathering.report(_personas(store)))
    after_scoring(store.database, model, occasion.now)
    return run


def _finish(store: Store, run: Run, path: Path, report: RunReport | None) -> None:
    """Writes the score table, and shows it and the run to readers, none without the other.

    That happens while nobody else can write: who is erased or opts out later is taken out of both by that, and who
    was since the table was begun is not in them.
    """
    with ExitStack() as opened:
        unfinished = opened.enter_context(written_whole(path))
        begun = write_score_table(store, run, unfinished)
        with store.database.writing() as connection:
            if last_erasure(connection) != begun.erasure:  # of somebody who may be in it, if it is still there
                begun = write_score_table(store, run, unfinished)
            left_out = suppressed(connection, None)
            if new := left_out - begun.opted_out:
                erase_rows(unfinished, sorted(new))
            if report is not None:
                add_report(connection, run.run_id, report)
            finish_run(connection, run, left_out)
            opened.close()


def _score_blocks(store: Store, model: RegisteredPredictor, run: Run, gathering: Gathering | None) -> Iterator[float]:
    """Scores who is still to be scored and yields the share of all that each block is.

    Whoever has been scored already is scored again only for ``gathering``, which needs everybody.
    """
    asked, done = _asked(store, run, _eligible(store))
    if done:
        for block in _blocks(sorted(done) if gathering is not None else []):
            _gather(gathering, _scored(store, model, run, block))
        yield len(done) / len(asked)
    for block in _blocks([customer for customer in asked if customer not in done]):
        _gather(gathering, _kept(store, model, run, block))
        yield len(block) / len(asked)


def _blocks(customers: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(customers), BLOCK):
        yield customers[first : first + BLOCK]


def _gather(gathering: Gathering | None, scored: Scored | None) -> None:
    if gathering is not None and scored is not None:
        gathering.add(*scored)


def _kept(store: Store, model: RegisteredPredictor, run: Run, block: list[str]) -> Scored | None:
    """Scores a block of customers, keeps the scores, and returns what ``_scored`` does."""
    with store.database.reading() as connection:
        before = last_erasure(connection)
    scored = _scored(store, model, run, block)
    with store.database.writing() as connection:
        if last_erasure(connection) != before:  # of somebody who may be among them; now nobody can be erased
            scored = _scored(store, model, run, block)
        if scored is not None:
            write_scores(connection, run, scored[1])
    return scored


def _scored(store: Store, model: RegisteredPredictor, run: Run, block: list[str]) -> Scored | None:
    """Returns the events and the scores of those of a block who are in the store; None if none is."""
    log = _read(store, block)
    return None if log is None else (log, model.predictor.score(log, Snapshots.at(log, run.as_of)))


def _read(store: Store, block: list[str]) -> EventLog | None:
    with store.database.reading() as connection:  # one moment: nobody is erased between the two
        left = customers_among(connection, EVENTS, block)
        return read_log(connection, sorted(left)) if left else None


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
