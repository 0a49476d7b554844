from pathlib import Path

import pandas as pd

from models.period_shift import period_shifts
from models.predictor import RegisteredPredictor
from serving.batch import read_scores, run_batch
from serving.occasion import Occasion
from serving.segments.interval import captured
from serving.segments.latest import Latest, latest_scores
from serving.segments.segment import Segment
from serving.segments.stored import last_members, read_segment, save_segment
from serving.store import Store

DAY = 86_400 * 10**6


def test_a_scoring_run_refreshes_what_is_kept_by_the_scores_that_it_wrote(
    tmp_path: Path, events: pd.DataFrame, model: RegisteredPredictor, cutoff: int
) -> None:
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store:
        store.add(events)
        run_batch(store, model, Occasion(1, cutoff), tmp_path / "scores.parquet")
        save_segment(store.database, Segment("best", order_by="purchase_28d", top=10), Latest().table, 2, "me")
        run_batch(store, model, Occasion(3, cutoff + 14 * DAY), tmp_path / "scores.parquet")
        frame = read_scores(tmp_path / "scores.parquet")
        with store.database.reading() as connection:
            stored, members = read_segment(connection, "best"), last_members(connection, "best")
            assert latest_scores(connection)[1] == period_shifts(model.predictor.facts)
    best = frame.sort_values(["purchase_28d", "customer_id"], ascending=[False, True])[:10]
    assert members == set(best["customer_id"])
    assert (stored.refresh, stored.refreshed_at, stored.as_of) == (2, 3, cutoff + 14 * DAY)
    promised = captured(best["purchase_28d"].to_numpy(), period_shifts(model.predictor.facts)["purchase_28d"])
    assert (stored.preview["captures"][0]["low"], stored.preview["captures"][0]["high"]) == promised[1:]
