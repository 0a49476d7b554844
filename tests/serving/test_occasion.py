from dataclasses import replace

import pandas as pd

from features.durations import DAY
from models.predictor import RegisteredPredictor
from serving.batch import score_all
from serving.occasion import Occasion
from serving.runs import RUNNING, discard_run, finish_run, read_runs, write_scores
from serving.store import Store


def test_the_same_model_and_cutoff_go_on_and_anything_else_begins_anew(
    store: Store, events: pd.DataFrame, model: RegisteredPredictor, cutoff: int
) -> None:
    store.add(events)
    run = Occasion(5, cutoff).open_run(store, model)
    with store.database.writing() as connection:
        write_scores(connection, run, score_all(store, model, cutoff))
    assert Occasion(9, cutoff).open_run(store, model) == run
    assert store.count_scores(run) > 0
    other = Occasion(9, cutoff + 1).open_run(store, model)
    assert other.as_of == cutoff + 1
    with store.database.reading() as connection:
        assert read_runs(connection, RUNNING) == [other]
    assert store.count_scores(other) == 0, "of the run before nothing is left"
    newer = Occasion(9, cutoff + 1).open_run(store, replace(model, version="2"))
    assert newer.model_version == "2"
    assert newer.scored_at == 9


def test_without_a_cutoff_a_run_of_less_than_a_day_ago_goes_on(store: Store, model: RegisteredPredictor) -> None:
    run = Occasion(5 * DAY).open_run(store, model)
    assert run.as_of == run.scored_at == 5 * DAY
    assert Occasion(6 * DAY - 1).open_run(store, model) == run
    assert Occasion(6 * DAY).open_run(store, model).as_of == 6 * DAY
    named = Occasion(7 * DAY, 3 * DAY).open_run(store, model)
    assert Occasion(7 * DAY + 1).open_run(store, model).as_of != named.as_of, "that was not the clock"


def test_only_changes_are_asked_of_a_model_that_has_scored_everybody(store: Store, model: RegisteredPredictor) -> None:
    assert Occasion(5, only_changed=True).open_run(store, model).is_whole
    whole = Occasion(5, 4).open_run(store, model)
    with store.database.writing() as connection:
        finish_run(connection, whole, ())
    last = Occasion(9, only_changed=True).open_run(store, model)
    assert (last.since, last.as_of) == (4, 9)
    assert Occasion(9, only_changed=True, since=2).open_run(store, model).since == 2
    assert Occasion(9, only_changed=True).open_run(store, replace(model, version="2")).is_whole
    with store.database.writing() as connection:
        discard_run(connection, whole)
    assert Occasion(9, only_changed=True).open_run(store, model).is_whole
