import json
from typing import Any

import pytest

from features.errors import EventLogError
from models.predictor import Predictor, RegisteredPredictor
from serving.errors import RequestError
from serving.scorer import Scorer
from serving.store import Store

EVENT = {"customer_id": "a", "timestamp": "2024-01-01T00:00:00Z", "event": "purchase", "value": 2.0}
NOW = 1_720_000_000_000_000


@pytest.fixture
def scorer(model: RegisteredPredictor, filled: tuple[str, Store]) -> Scorer:
    return Scorer(model, filled[1])


def ask(scorer: Scorer, **question: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(scorer.answer(json.dumps(question).encode(), NOW))
    return answer


def test_the_clock_is_handed_in(scorer: Scorer) -> None:
    assert ask(scorer, events=[EVENT])["as_of"] == "2024-07-03T09:46:40Z"


def test_a_customer_before_the_first_event_is_answered_without_nan(scorer: Scorer) -> None:
    record = ask(scorer, events=[EVENT], as_of="2023-01-01T00:00:00Z")["scores"][0]
    assert (record["last_event"], record["stage_current"], record["churn_prob"]) == (None, "lapsed", None)


def test_events_after_the_cutoff_change_nothing(scorer: Scorer) -> None:
    later = EVENT | {"timestamp": "2024-03-01T00:00:00Z"}
    late = EVENT | {"timestamp": "2024-01-02T00:00:00Z", "known_at": "2024-03-01T00:00:00Z"}
    alone = ask(scorer, events=[EVENT], as_of="2024-02-01T00:00:00Z")
    assert ask(scorer, events=[EVENT, later, late], as_of="2024-02-01T00:00:00Z") == alone


def test_reasons_come_only_when_asked_for_and_explain_every_target(scorer: Scorer) -> None:
    plain, told = (ask(scorer, events=[EVENT], as_of="2024-01-20T00:00:00Z", explain=each) for each in (False, True))
    assert "reasons" not in plain["scores"][0]
    reasons = told["scores"][0].pop("reasons")
    assert told == plain
    assert reasons.keys() == {"next_stage", "churn", "purchase"}
    for own in reasons.values():
        assert 0 < len(own) <= 3
        assert {"feature", "value", "direction", "words"} <= own[0].keys()


def test_only_the_targets_that_are_named_are_scored(scorer: Scorer) -> None:
    every, one = (ask(scorer, events=[EVENT], **named)["scores"][0] for named in ({}, {"targets": ["purchase"]}))
    assert {"churn", "next_stage"} & one.keys() == set()
    assert one == {name: every[name] for name in one}


def test_an_inline_event_id_counts_once(scorer: Scorer) -> None:
    named = EVENT | {"event_id": "1"}
    assert ask(scorer, events=[named, named]) == ask(scorer, events=[named])


def test_another_model_takes_over_between_two_requests(
    model: RegisteredPredictor, filled: tuple[str, Store], predictor: Predictor
) -> None:
    scorer = Scorer(model, filled[1])
    before = ask(scorer, customer_ids=["c0001"])
    scorer.replace(RegisteredPredictor(predictor, "small", "2"))
    after = ask(scorer, customer_ids=["c0001"])
    assert (before["model"]["version"], after["model"]["version"], scorer.model.version) == ("1", "2", "2")
    assert after["scores"] == before["scores"]
    assert scorer._loaded.histories.customers() == ["c0001"]


def test_a_score_carries_all_that_a_crm_asks_for(scorer: Scorer) -> None:
    question = {"customer_ids": ["c0001"], "as_of": "2024-06-20T00:00:00Z", "explain": True}
    record = ask(scorer, **question)["scores"][0]
    horizons = ["7d", "28d"]
    assert {"customer_id", "as_of", "last_event", "stage_current", "stage_since", "horizon_days"} <= record.keys()
    assert {"stage_next", "stage_next_prob", "days_to_move_median", "days_to_move_expected", "reasons"} <= record.keys()
    for kind in ("churn", "purchase"):
        assert {f"{kind}_prob", f"{kind}_percentile", f"{kind}_decile", f"{kind}_band"} <= record.keys()
        assert list(record[kind]) == horizons
    for vector in record["next_stage"].values():
        assert sum(vector.values()) == pytest.approx(1.0)
    assert list(record["next_stage"]) == horizons


def test_the_model_is_described_with_journey_metrics_and_periods(scorer: Scorer) -> None:
    told = scorer.describe_model()
    assert {"name", "version", "fingerprint", "stages", "journey", "horizon", "targets", "facts"} <= told.keys()
    assert told["journey"]["name"] == "retail"
    assert {"metrics", "periods"} <= told["facts"].keys()
    assert told["data"]["start"] < told["data"]["end"] <= "2024-08"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"as_of": "2024-01-01T00:00:00"}, "as_of .* is no time with a zone"),
        ({"targets": ["chrun"]}, "target 'chrun' is not predicted; did you mean 'churn'"),
        ({"as_of": "now"}, "as_of .* is no time with a zone"),
        ({"as_of": ""}, "as_of .* is no time with a zone"),
        ({"as_of": "0001-01-01T00:00:00+14:00"}, "as_of .* is no time with a zone"),
        ({"attributes": {"a": {"tier": 3}}}, "attribute 'tier' is no text, but was one in training; give a text"),
        ({"attributes": {"a": {"visits": "3"}}}, "attribute 'visits' is no number, but was one in training"),
        ({"attributes": {"a": {"customer_id": "b"}}}, "attribute 'customer_id' is a text and a number, or has a taken"),
        ({"events": [EVENT | {"dimensions": {"value": "x"}}]}, "'value' is used for two things"),
        ({"events": [EVENT | {"dimensions": {"x": "x"}, "measures": {"x": 1}}]}, "'x' is used for two things"),
    ],
)
def test_a_question_that_makes_no_sense_is_one_sentence(scorer: Scorer, question: dict[str, Any], words: str) -> None:
    with pytest.raises((RequestError, EventLogError), match=words):
        ask(scorer, **({"events": [EVENT]} | question))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"timestamp": "2024-01-01T00:00:00"}, "no time zone in event 2"),
        ({"timestamp": "soon"}, "cannot be read as a time in event 2: 'soon'"),
        ({"timestamp": "2024-02-30T00:00:00Z"}, "cannot be read as a time in event 2"),
        ({"known_at": "2024-01-01"}, "column 'known_at' has no time zone in event 2"),
    ],
)
def test_a_bad_time_names_its_event(scorer: Scorer, change: dict[str, Any], words: str) -> None:
    with pytest.raises(EventLogError, match=words):
        ask(scorer, events=[EVENT, EVENT | change])


def test_an_attribute_is_of_one_kind(scorer: Scorer) -> None:
    events = [EVENT, EVENT | {"customer_id": "b"}]
    with pytest.raises(RequestError, match="attribute 'tier' is a text and a number"):
        ask(scorer, events=events, attributes={"a": {"tier": 1}, "b": {"tier": "gold"}})
    missing = {"a": {"tier": None, "visits": None}, "b": {}}
    assert ask(scorer, events=events, attributes=missing) == ask(scorer, events=events)
