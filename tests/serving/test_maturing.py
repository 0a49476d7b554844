"""What has come of a run is the target's own outcome on the log as it was when the horizon ended."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.durations import parse_duration
from features.events import EventLog
from features.ingest import log_from_frame
from features.snapshots import Snapshots
from features.targets import NO_LABEL
from models.predictor import Predictor, RegisteredPredictor
from models.target_model import TargetModel
from serving import maturing
from serving.batch import score_all
from serving.consents import Consent
from serving.maturing import complete_until, mature, passed
from serving.personal_data import erase_customer
from serving.runs import Run, read_runs
from serving.store import Store

DAY = 86_400 * 10**6


@pytest.fixture(scope="module")
def earlier(log: EventLog) -> int:
    """A cutoff with a longest horizon after it."""
    return log.end - 30 * DAY


@pytest.fixture(scope="module")
def unaware(model: RegisteredPredictor, earlier: int) -> RegisteredPredictor:
    """The model as if it had learnt of nothing after the cutoff: its skill is not what is tested here."""
    facts = {**model.predictor.facts, "end": earlier}
    return replace(model, predictor=replace(model.predictor, facts=facts))


def scored(store: Store, events: pd.DataFrame, model: RegisteredPredictor, as_of: int) -> Run:
    store.add(events)
    store.add_scores(score_all(store, model, as_of), model, scored_at=as_of)
    with store.database.reading() as connection:
        return read_runs(connection)[-1]


def questions(predictor: Predictor) -> list[tuple[TargetModel, str]]:
    return [(model, horizon) for model in predictor.models for horizon in model.target.horizons]


def test_an_outcome_is_the_targets_own_on_the_log_cut_off_where_the_horizon_ends(
    store: Store,
    events: pd.DataFrame,
    unaware: RegisteredPredictor,
    earlier: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(maturing, "BLOCK", 50)
    run = scored(store, events, unaware, earlier)
    shares: list[float] = []
    outcomes = mature(store, run, unaware.predictor, questions(unaware.predictor), shares.append)
    assert np.isclose(sum(shares), 1.0)
    assert len(outcomes) == 6
    for (model, horizon), outcome in zip(questions(unaware.predictor), outcomes, strict=True):
        cut = log_from_frame(events).until(earlier + parse_duration(horizon))
        snapshots = Snapshots.grid(cut, np.array([earlier]))
        y = model.target.labels(cut, unaware.predictor.journey, snapshots, horizon, cut.end)
        scores = next(
            each for each in unaware.predictor.score(cut, snapshots).targets if each.target.kind == outcome.kind
        )
        given, asked = scores.at(horizon)
        known = (y != NO_LABEL) & asked
        assert outcome.customer.tolist() == cut.customers[snapshots.customer][known].tolist()
        assert outcome.y.tolist() == y[known].tolist()
        np.testing.assert_allclose(outcome.probabilities, given[known], rtol=0, atol=1e-15)
        assert len(np.unique(outcome.y)) > 1


def test_what_becomes_known_after_the_horizon_changes_no_outcome(
    store: Store, events: pd.DataFrame, unaware: RegisteredPredictor, earlier: int
) -> None:
    run = scored(store, events, unaware, earlier)
    asked = [question for question in questions(unaware.predictor) if question[1] == "7d"]
    before = mature(store, run, unaware.predictor, asked)
    happened, heard = (pd.Timestamp(earlier + days * DAY, unit="us", tz="UTC") for days in (3, 8))
    rows = {"customer_id": store.customers(), "timestamp": happened, "known_at": heard, "event": "purchase", "value": 5}
    store.add(pd.DataFrame(rows))
    after = mature(store, run, unaware.predictor, asked)
    assert [each.y.tolist() for each in after] == [each.y.tolist() for each in before]


def test_who_opted_out_or_was_erased_is_not_there(
    store: Store, events: pd.DataFrame, unaware: RegisteredPredictor, earlier: int
) -> None:
    run = scored(store, events, unaware, earlier)
    first = next(question for question in questions(unaware.predictor) if question[0].target.kind == "purchase")
    whole = mature(store, run, unaware.predictor, [first])[0].customer.tolist()
    left, erased, *others = whole
    store.add_consents([Consent(left, "revoked", 1, "form")])
    erase_customer(store.database, erased, 2, "tests")
    assert mature(store, run, unaware.predictor, [first])[0].customer.tolist() == others


def test_a_horizon_has_passed_when_events_reach_its_end_and_never_within_the_fit(
    model: RegisteredPredictor, unaware: RegisteredPredictor, earlier: int
) -> None:
    run = Run(1, "small", "1", earlier, earlier, "finished", None, 0)
    for days, horizons in ((6, []), (7, ["7d"] * 3), (28, ["7d", "28d"] * 3)):
        assert [horizon for _, horizon in passed(run, unaware.predictor, earlier + days * DAY)] == horizons
    assert passed(run, model.predictor, earlier + 90 * DAY) == []


def test_events_are_complete_until_the_last_one_and_no_later_than_now(store: Store) -> None:
    with store.database.reading() as connection:
        assert complete_until(connection, 5) is None
    frame = pd.DataFrame({"customer_id": ["a"], "event": ["visit"], "timestamp": ["1970-01-01T00:00:01Z"]})
    store.add(frame.assign(known_at="1970-01-01T00:00:02Z"))
    with store.database.reading() as connection:
        assert complete_until(connection, 10**9) == 2_000_000
        assert complete_until(connection, 5) == 5
