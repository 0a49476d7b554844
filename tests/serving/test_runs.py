"""Of several runs the latest score of each customer counts, and of one that is not finished none."""

import json

import pandas as pd
import pytest
from sqlalchemy import select

from features.errors import StoreError
from features.snapshots import Snapshots
from features.timestamps import to_iso
from models.predictor import RegisteredPredictor
from models.scores import typed
from serving.batch import score_all
from serving.occasion import Occasion
from serving.runs import (
    begin_run,
    discard_run,
    finish_run,
    latest_runs,
    read_runs,
    read_score_rows,
    read_score_table,
    scored_customers,
    standing_runs,
    write_scores,
)
from serving.store import Store
from serving.tables import RUNS, SCORES


def test_the_table_of_scores_holds_what_its_rows_hold(
    store: Store, events: pd.DataFrame, model: RegisteredPredictor, cutoff: int
) -> None:
    store.add(events)
    store.add_scores(score_all(store, model, cutoff), model, scored_at=5)
    with store.database.writing() as connection:
        later = begin_run(connection, model, as_of=cutoff + 1, scored_at=6, since=cutoff, changes_seen=0)
    few = store.log(store.customers()[:3])
    with store.database.writing() as connection:
        write_scores(connection, later, model.predictor.score(few, Snapshots.at(few, cutoff + 1)))
        finish_run(connection, later, ())
    with store.database.reading() as connection:
        runs = standing_runs(read_runs(connection))
        latest = latest_runs(connection, runs)
        rows = typed(pd.DataFrame(read_score_rows(connection, latest, sorted(latest))))
        table = read_score_table(connection, runs)
        assert read_score_table(connection, []).empty
    assert sum(run == later.run_id for run in latest.values()) == 3
    pd.testing.assert_frame_equal(table, rows)


def test_a_run_of_scores_is_kept_row_by_row(
    store: Store, events: pd.DataFrame, model: RegisteredPredictor, cutoff: int
) -> None:
    store.add(events)
    scores = score_all(store, model, cutoff)
    for moment in (5, 6):
        store.add_scores(scores, model, scored_at=moment)
    with store.database.reading() as connection:
        runs = connection.execute(select(RUNS).order_by(RUNS.c.run_id)).all()
        kept = connection.execute(select(SCORES).where(SCORES.c.run_id == runs[1].run_id)).all()
    assert [tuple(run)[1:6] for run in runs] == [("small", "1", cutoff, moment, "finished") for moment in (5, 6)]
    found = {row.customer_id: json.loads(row.scores) for row in kept}
    names, *columns = scores.columns().values()
    expected = [dict(zip(scores.columns(), row, strict=True)) for row in zip(names, *columns, strict=True)]
    assert [found[name] for name in scores.customer_id] == expected
    vectors = {row.customer_id: json.loads(row.vectors)["next_stage"] for row in kept}
    assert [vectors[name] for name in scores.customer_id] == scores.targets[0].probabilities.tolist()


def test_readers_take_each_latest_score_of_finished_runs(
    store: Store, events: pd.DataFrame, model: RegisteredPredictor, cutoff: int
) -> None:
    store.add(events)
    first, second = store.customers()[:2]
    for moment in (cutoff, cutoff + 1):
        store.add_scores(score_all(store, model, moment), model, scored_at=moment)
    log = store.log([first])
    part = model.predictor.score(log, Snapshots.at(log, cutoff + 2))
    run = Occasion(9, cutoff + 2, only_changed=True).open_run(store, model)
    for finished in (False, True):
        with store.database.writing() as connection:
            if finished:
                finish_run(connection, run, ())
            else:
                write_scores(connection, run, part)
                write_scores(connection, run, part)  # as two processes that go on with one run would
                assert scored_customers(connection, run) == {first}
        with store.database.reading() as connection:
            runs = read_runs(connection)
            standing = standing_runs(runs)
            rows = read_score_rows(connection, latest_runs(connection, standing), [second, first])
        assert standing == runs[1:]
        assert [row["as_of"] for row in rows] == [to_iso(cutoff + 1), to_iso(cutoff + (2 if finished else 1))]


def test_a_run_whose_place_was_taken_writes_no_more(
    store: Store, events: pd.DataFrame, model: RegisteredPredictor, cutoff: int
) -> None:
    store.add(events)
    scores = score_all(store, model, cutoff)
    run = Occasion(9, cutoff).open_run(store, model)
    with store.database.writing() as connection:
        discard_run(connection, run)
    for end in (lambda connection: write_scores(connection, run, scores), lambda c: finish_run(c, run, ())):
        with (
            pytest.raises(StoreError, match="another scoring run has taken the place of this one"),
            store.database.writing() as connection,
        ):
            end(connection)
