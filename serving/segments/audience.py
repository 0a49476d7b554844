"""The members of a segment with their scores, best first, as a table and as a file that people open."""

from pathlib import Path

import pandas as pd

from features.arrays import Ints
from features.ingest import CUSTOMER
from models.scores import VECTOR
from serving.formulas import defused
from serving.segments.table import CustomerTable
from serving.whole_file import written_whole


def audience_of(scores: pd.DataFrame, table: CustomerTable, members: Ints) -> pd.DataFrame:
    """Returns the rows of a score table that are members, in their order, without the vectors by class.

    Parameters
    ----------
    members
        Rows of ``table``, which was made of ``scores``.
    """
    plain = [name for name in scores.columns if not name.startswith(VECTOR)]
    rows = scores[plain].set_index(CUSTOMER, drop=False).loc[table.customer_id[members].tolist()]
    return rows.reset_index(drop=True)


def write_audience(frame: pd.DataFrame, path: Path) -> None:
    """Writes an audience as UTF-8 CSV, as a whole or not at all.

    A text that a spreadsheet would run as a formula gets an apostrophe in front: ids and stages come from outside.
    """
    with written_whole(path) as unfinished:
        safe(frame).to_csv(unfinished, index=False, encoding="utf-8")


def safe(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns a frame in which a spreadsheet runs nothing."""
    texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name].dtype)]
    return frame.assign(
        **{name: [defused(cell) if isinstance(cell, str) else cell for cell in frame[name]] for name in texts}
    )
