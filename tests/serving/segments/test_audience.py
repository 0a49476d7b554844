from pathlib import Path

import numpy as np
import pandas as pd

from serving.segments.audience import audience_of, write_audience
from serving.segments.table import CustomerTable


def test_members_come_in_their_order_with_their_scores_and_without_vectors(scores: pd.DataFrame) -> None:
    table = CustomerTable.of(scores)
    frame = audience_of(scores, table, np.array([6, 0]))
    assert frame["customer_id"].tolist() == ["g", "a"]
    assert frame["churn_prob"].tolist() == [0.9, 0.5]
    assert not [name for name in frame.columns if name.startswith("stage_next_prob_")]
    assert "customer_id" in audience_of(scores, table, np.array([], dtype=np.int64)).columns


def test_a_cell_that_a_spreadsheet_would_run_is_defused(tmp_path: Path) -> None:
    ids = ["=1+1", "+1", "-1", "@x", "\tx", "plain", 'a,"b"']
    path = tmp_path / "new" / "audience.csv"
    write_audience(pd.DataFrame({"customer_id": ids, "churn_prob": [-0.5] * len(ids)}), path)
    written = pd.read_csv(path, dtype={"customer_id": "str"})
    assert list(written["customer_id"]) == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "plain", 'a,"b"']
    assert list(written["churn_prob"]) == [-0.5] * len(ids)
    assert [file.name for file in path.parent.iterdir()] == ["audience.csv"]
