import numpy as np
import pandas as pd
import pytest

from features.events import EventLog
from models.predictor import RegisteredPredictor
from models.stability import Distribution, stability_by_chance, stability_index
from serving import drift
from serving.drift import Drift, count_features, count_scores, drifts, some_of
from serving.store import Store


def test_drift_is_the_index_of_the_counts_the_largest_first() -> None:
    reference = {name: Distribution.of(np.arange(200.0)) for name in ("a", "b")}
    present = {name: reference[name].count(np.arange(200.0) + more) for name, more in (("a", 0), ("b", 90))}
    before = np.array(reference["b"].counts)
    found = drifts(reference, present)
    assert [each.name for each in found] == ["b", "a"]
    assert found[0].index == stability_index(before, present["b"])
    assert found[0].by_chance == stability_by_chance(before, present["b"])
    assert found[1] == Drift("a", 0.0, found[1].by_chance, 200)
    assert [each.is_large for each in found] == [True, False]
    assert found[0].to_dict()["is_large"] is True


def test_features_and_scores_of_the_reference_itself_have_not_drifted(
    filled: tuple[str, Store], log: EventLog, model: RegisteredPredictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift, "BLOCK", 50)
    store, reference = filled[1], model.predictor.reference
    assert reference is not None
    ids = store.customers()
    features = count_features(store, model.predictor, reference, ids, reference.cutoff)
    assert {each.index for each in drifts(reference.features, features)} == {0.0}
    moved = count_features(store, model.predictor, reference, ids, log.end + 40 * 86_400 * 10**6)
    assert max(each.index for each in drifts(reference.features, moved)) > 0.25


def test_a_score_that_is_not_there_counts_nowhere(model: RegisteredPredictor) -> None:
    reference = model.predictor.reference
    assert reference is not None
    counts = count_scores(reference, [{"churn_7d": 0.5}, {"churn_7d": None}, {}])
    assert counts["churn_7d"].sum() == 1
    assert counts["purchase_28d"].sum() == 0
    assert counts.keys() == reference.scores.keys()


@pytest.mark.parametrize(("customers", "looked_at"), [(0, 0), (10, 10), (11, 6), (25, 9)])
def test_of_many_customers_some_are_looked_at(customers: int, looked_at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift, "MOST", 10)
    assert len(some_of([str(number) for number in range(customers)])) == looked_at
    assert pd.Index(some_of(list("abcdefghijk"))).tolist() == list("acegik")
