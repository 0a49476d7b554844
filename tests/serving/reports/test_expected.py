import numpy as np

from models.scores import Scores
from serving.reports.expected import Expected


def test_flows_are_the_sums_of_the_vectors(expected: Expected, scores: Scores) -> None:
    moves = next(scored for scored in scores.targets if scored.target.kind == "next_stage")
    for place, horizon in enumerate(expected.horizons):
        flows = expected.flows(horizon)
        np.testing.assert_allclose(flows.sum(axis=0), moves.probabilities[:, place].sum(axis=0))
        np.testing.assert_allclose(flows.sum(axis=1), np.bincount(expected.stage, minlength=len(flows)))


def test_who_moves_does_not_stay(expected: Expected) -> None:
    vector = expected.vectors[3, expected.horizons.index(expected.horizon)]
    assert expected.moving()[3] == 1.0 - vector[expected.stage[3]]


def test_some_customers_keep_their_scores(expected: Expected) -> None:
    chosen = np.arange(len(expected.stage)) % 3 == 0
    some = expected.take(chosen)
    np.testing.assert_array_equal(some.stage, expected.stage[chosen])
    np.testing.assert_array_equal(some.yes["churn"], expected.yes["churn"][chosen])
