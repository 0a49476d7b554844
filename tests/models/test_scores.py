from dataclasses import replace

import numpy as np
import pytest

from features.targets import NO_YES, Churn, NextStage
from models.ranking import Ranking
from models.scores import UNKNOWN, Scores, TargetScores

HORIZONS = ("7d", "28d")
DAY = 86_400_000_000


@pytest.fixture
def scores() -> Scores:
    stages = ("lapsed", "browsing", "buying")
    near, far = [[0.1, 0.8, 0.1], [0.7, 0.1, 0.2]], [[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]]
    vectors = np.stack([near, far], axis=1)
    churn = np.stack([[[0.5, 0.5], [0.2, 0.8]], [[0.75, 0.25], [0.4, 0.6]]], axis=1)
    waits = np.array([25.0, 12.0])
    rankings = (Ranking(tuple(np.arange(1, 100) / 200)), Ranking(tuple(np.arange(1, 100) / 100)))
    return Scores(
        customer_id=np.array(["a", "b"], dtype=object),
        horizon="28d",
        as_of=np.array([30 * DAY, 30 * DAY]),
        stage_current=np.array(["browsing", "lapsed"], dtype=object),
        stage_since=np.array([DAY, UNKNOWN]),
        last_event=np.array([2 * DAY, UNKNOWN]),
        targets=(
            TargetScores(
                NextStage(HORIZONS), stages, vectors, np.ones((2, 2), dtype=bool), np.array([np.nan, 9.5]), waits
            ),
            TargetScores(
                Churn(HORIZONS), NO_YES, churn, np.array([[False, True], [True, False]]), waits, waits, rankings
            ),
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


def test_percentile_decile_and_band_stand_beside_the_probability(scores: Scores) -> None:
    columns = scores.columns()
    assert columns["churn_percentile"] == [26, None]
    assert columns["churn_decile"] == [8, None]
    assert columns["churn_band"] == ["low", None]


def test_every_horizon_has_ranks_of_its_own(scores: Scores) -> None:
    columns = scores.columns()
    assert [columns[f"churn_7d_{part}"] for part in ("percentile", "decile", "band")] == [
        [None, 100],
        [None, 1],
        [None, "high"],
    ]
    assert [columns[f"churn_28d_{part}"] for part in ("percentile", "decile", "band")] == [
        columns[f"churn_{part}"] for part in ("percentile", "decile", "band")
    ], "the main horizon's are the same twice"
    first, second = scores.records()
    assert first["churn_rank"] == {"7d": None, "28d": {"percentile": 26, "decile": 8, "band": "low"}}
    assert second["churn_rank"] == {"7d": {"percentile": 100, "decile": 1, "band": "high"}, "28d": None}
    assert list(first).index("churn_rank") == list(first).index("churn") + 1
    assert "next_stage_rank" not in first


def test_many_customers_have_the_ranks_of_each_alone(scores: Scores) -> None:
    churn, rng = scores.targets[1], np.random.default_rng(0)
    chances = np.round(rng.random((100, 2)), 2)  # some of them are thresholds
    chances[:4] = [[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [0.005, 0.01]]
    many = replace(churn, probabilities=np.stack([1 - chances, chances], axis=2), is_asked=rng.random((100, 2)) < 0.8)
    alone = [
        replace(many, probabilities=many.probabilities[[row]], is_asked=many.is_asked[[row]]).nested_columns()
        for row in range(100)
    ]
    assert many.nested_columns()["churn_rank"] == [each["churn_rank"][0] for each in alone]


def test_without_rankings_there_is_the_probability_alone(scores: Scores) -> None:
    bare = replace(scores, targets=(scores.targets[0], replace(scores.targets[1], rankings=())))
    assert bare.columns()["churn_prob"] == scores.columns()["churn_prob"]
    assert not [name for name in (*bare.columns(), *bare.records()[0]) if name.endswith(("_rank", "_band"))]


def test_every_horizon_has_its_column(scores: Scores) -> None:
    columns = scores.columns()
    assert (columns["churn_7d"], columns["churn_28d"]) == ([None, 0.8], [0.25, None])
    assert columns["move_7d"] == pytest.approx([0.2, 0.3])
    assert columns["move_28d"] == pytest.approx([0.3, 0.5])
    assert columns["days_to_move_median"] == [None, 9.5]
    assert columns["days_to_move_expected"] == [25.0, 12.0]


def test_times_are_text_in_utc_and_unknown_ones_missing(scores: Scores) -> None:
    assert scores.columns()["stage_since"] == ["1970-01-02T00:00:00Z", None]
    assert scores.columns()["last_event"] == ["1970-01-03T00:00:00Z", None]


def test_records_nest_the_vector_by_horizon_and_stage(scores: Scores) -> None:
    first = scores.records()[0]
    assert first["next_stage"] == {
        "7d": {"lapsed": 0.1, "browsing": 0.8, "buying": 0.1},
        "28d": {"lapsed": 0.1, "browsing": 0.7, "buying": 0.2},
    }
    assert first["churn"] == {"7d": None, "28d": 0.25}
    assert not [name for name in first if name.startswith(("stage_next_prob_", "churn_2", "move_"))]


def test_the_frame_has_a_row_per_customer(scores: Scores) -> None:
    frame = scores.frame()
    assert frame["customer_id"].tolist() == ["a", "b"]
    assert list(frame.columns) == list(scores.columns())


def test_a_column_has_its_type_also_when_it_is_empty(scores: Scores) -> None:
    nobody = replace(scores.targets[1], is_asked=np.zeros((2, 2), dtype=bool))
    empty = replace(scores, targets=(scores.targets[0], nobody)).frame()
    assert empty.dtypes.to_dict() == scores.frame().dtypes.to_dict()
