import pandas as pd

from models.predictor import RegisteredPredictor
from serving.batch import score_all
from serving.gauges import readings
from serving.store import Store


def test_before_a_run_and_a_verdict_there_is_little_to_tell(
    store: Store, events: pd.DataFrame, model: RegisteredPredictor, cutoff: int
) -> None:
    with store.database.reading() as connection:
        assert readings(connection, 9.0) == []
    store.add(events)
    store.add_scores(score_all(store, model, cutoff), model, scored_at=2_000_000)
    with store.database.reading() as connection:
        (age,) = readings(connection, 9.0)
    assert (age.name, age.labels, age.value) == ("nextstage_scores_age_seconds", {}, 7.0)
