import numpy as np
import pytest

from features.targets import Churn, NextStage
from models.scores import UNKNOWN, Scores, TargetScores

DAY = 86_400_000_000


@pytest.fixture
def scores() -> Scores:
    stages = ("lapsed", "browsing", "buying")
    vectors = np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]])
    churn = np.array([[0.75, 0.25], [0.4, 0.6]])
    return Scores(
        customer_id=np.array(["a", "b"], dtype=object),
        as_of=np.array([30 * DAY, 30 * DAY]),
        stage_current=np.array(["browsing", "lapsed"], dtype=object),
        stage_since=np.array([DAY, UNKNOWN]),
        last_event=np.array([2 * DAY, UNKNOWN]),
        targets=(
            TargetScores(NextStage("28d"), stages, vectors, np.array([True, True])),
            TargetScores(Churn("28d"), ("no", "yes"), churn, np.array([True, False])),
        ),
    )


def test_the_next_stage_is_the_most_probable_entry(scores: Scores) -> None:
    columns = scores.columns()
    assert columns["stage_next"] == ["browsing", "lapsed"]
    assert columns["stage_next_prob"] == [0.7, 0.5]
    assert columns["stage_next_prob_buying"] == [0.2, 0.3]
    assert columns["horizon_days"] == [28, 28]


def test_a_question_that_makes_no_sense_has_no_answer(scores: Scores) -> None:
    assert scores.columns()["churn_prob"] == [0.25, None]


def test_times_are_text_in_utc_and_unknown_ones_missing(scores: Scores) -> None:
    assert scores.columns()["stage_since"] == ["1970-01-02T00:00:00Z", None]
    assert scores.columns()["last_event"] == ["1970-01-03T00:00:00Z", None]


def test_records_nest_the_vector_by_horizon_and_stage(scores: Scores) -> None:
    first = scores.records()[0]
    assert first["next_stage"] == {"28d": {"lapsed": 0.1, "browsing": 0.7, "buying": 0.2}}
    assert not [name for name in first if name.startswith("stage_next_prob_")]


def test_the_frame_has_a_row_per_customer(scores: Scores) -> None:
    frame = scores.frame()
    assert frame["customer_id"].tolist() == ["a", "b"]
    assert list(frame.columns) == list(scores.columns())
