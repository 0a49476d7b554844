import json

import pandas as pd
from sqlalchemy import select

from models.predictor import RegisteredPredictor
from serving.batch import score_all
from serving.store import Store
from serving.tables import RUNS, SCORES


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
    assert [tuple(run)[1:] for run in runs] == [("small", "1", cutoff, moment) for moment in (5, 6)]
    found = {row.customer_id: json.loads(row.scores) for row in kept}
    names, *columns = scores.columns().values()
    expected = [dict(zip(scores.columns(), row, strict=True)) for row in zip(names, *columns, strict=True)]
    assert [found[name] for name in scores.customer_id] == expected
