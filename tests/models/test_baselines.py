import numpy as np
import pytest

from features.journey import load_journey
from models.baselines import BASELINES, MarkovChain, Prevalence, RecencyFrequency

EVENTS = ("purchase", "campaign_mailed")


def test_prevalence_is_the_share_of_each_class() -> None:
    baseline = Prevalence(2)
    baseline.fit(np.zeros((99, 1), dtype=np.float32), np.array([1] * 33 + [0] * 66))
    assert baseline.predict_proba(np.zeros((1, 1), dtype=np.float32))[0] == pytest.approx([66.5 / 100, 33.5 / 100])


def test_markov_chain_counts_moves_from_each_stage() -> None:
    stage = np.repeat([0, 1], 1000)[:, None].astype(np.float32)
    moved = np.concatenate([np.repeat([0, 1], [900, 100]), np.repeat([0, 1], [300, 700])])
    baseline = MarkovChain(2)
    baseline.fit(stage, moved)
    share = baseline.predict_proba(np.array([[0.0], [1.0]], dtype=np.float32))
    assert share[:, 1] == pytest.approx([0.1, 0.7], abs=0.002)


def test_markov_chain_answers_for_a_stage_it_never_saw() -> None:
    baseline = MarkovChain(2)
    baseline.fit(np.zeros((100, 1), dtype=np.float32), np.repeat([0, 1], 50))
    assert baseline.predict_proba(np.array([[4.0]], dtype=np.float32))[0] == pytest.approx([0.5, 0.5])


def test_recency_frequency_ranks_the_recent_above_the_long_gone() -> None:
    rng = np.random.default_rng(0)
    recency = rng.uniform(0, 100, 2000)
    X = np.column_stack([recency, *rng.uniform(0, 5, (4, 2000))]).astype(np.float32)
    baseline = RecencyFrequency(2)
    baseline.fit(X, (recency < 30).astype(np.int64))
    recent, gone = baseline.predict_proba(np.array([[1, 1, 1, 1, 1], [np.nan, 1, 1, 1, 1]], dtype=np.float32))[:, 1]
    assert recent > 0.9
    assert gone < 0.1


@pytest.mark.parametrize("kind", BASELINES)
def test_rows_sum_to_one_even_with_a_class_that_never_came(kind: type[Prevalence]) -> None:
    features = kind(3).features(load_journey("retail"), EVENTS)
    X = np.random.default_rng(1).integers(0, 4, (200, len(features.columns))).astype(np.float32)
    baseline = kind(3)
    baseline.fit(X, np.arange(200) % 2)
    probabilities = baseline.predict_proba(X)
    assert np.allclose(probabilities.sum(axis=1), 1.0)
    assert (probabilities > 0).all()
