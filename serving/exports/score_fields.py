"""The columns of a score table that leave the house, and what they are called elsewhere."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from features.errors import ConfigError
from features.ingest import CUSTOMER

TEXT, NUMBER, SHARE, MOMENT = "text", "number", "share", "moment"
PREFIX = "nextstage_"
EMAIL = "email"
DIGITS = 6
Row = Mapping[str, Any]


@dataclass(frozen=True)
class ScoreField:
    """One column of the score table.

    Parameters
    ----------
    column
        Its name here.
    kind
        What it holds: a text, a number, a share from 0 to 1, or a moment as ISO 8601.
    label
        What people read.
    """

    column: str
    kind: str
    label: str

    @property
    def name(self) -> str:
        """The name of the field elsewhere; a prefix tells it from fields of others."""
        return PREFIX + self.column


RANKS = (("percentile", NUMBER), ("decile", NUMBER), ("band", TEXT))
BASES = {"next_stage": "Next stage", "next_event": "Next event", "churn": "Churn", "purchase": "Purchase"}
FIELDS = (
    ScoreField("scored_at", MOMENT, "Scored at"),
    ScoreField("as_of", MOMENT, "Scored as of"),
    ScoreField("model_name", TEXT, "Model"),
    ScoreField("model_version", TEXT, "Model version"),
    ScoreField("stage_current", TEXT, "Stage"),
    ScoreField("stage_since", MOMENT, "Stage since"),
    ScoreField("last_event", MOMENT, "Last event"),
    ScoreField("stage_next", TEXT, "Next stage"),
    ScoreField("stage_next_prob", SHARE, "Next stage probability"),
    ScoreField("days_to_move_median", NUMBER, "Days to the next stage, median"),
    ScoreField("days_to_move_expected", NUMBER, "Days to the next stage, expected"),
    ScoreField("event_next", TEXT, "Next event"),
    ScoreField("event_next_prob", SHARE, "Next event probability"),
    ScoreField("horizon_days", NUMBER, "Horizon in days"),
    ScoreField("churn_prob", SHARE, "Churn probability"),
    *(ScoreField(f"churn_{rank}", kind, f"Churn {rank}") for rank, kind in RANKS),
    ScoreField("purchase_prob", SHARE, "Purchase probability"),
    *(ScoreField(f"purchase_{rank}", kind, f"Purchase {rank}") for rank, kind in RANKS),
    ScoreField("clv_expected", NUMBER, "Expected value"),
    ScoreField("clv_low", NUMBER, "Expected value, low"),
    ScoreField("clv_high", NUMBER, "Expected value, high"),
    *(ScoreField(f"{kind}_basis", TEXT, f"{label} predicted by") for kind, label in BASES.items()),
    *(ScoreField(f"reason_{place}", TEXT, f"Reason {place}") for place in (1, 2, 3)),
    *(ScoreField(f"reason_{place}_code", TEXT, f"Reason {place}, code") for place in (1, 2, 3)),
    ScoreField("purchase_uplift", NUMBER, "Effect of a campaign on purchase"),
    ScoreField("churn_uplift", NUMBER, "Effect of a campaign on staying"),
    ScoreField("next_channel", TEXT, "Next channel"),
    ScoreField("next_send_hour", NUMBER, "Next hour to write"),
    ScoreField("holdout", NUMBER, "Left alone to compare"),
    ScoreField("campaign", TEXT, "Campaign"),
)
BY_HORIZON = {
    "churn": (SHARE, "Churn within"),
    "purchase": (SHARE, "Purchase within"),
    "move": (SHARE, "Another stage within"),
    "spend": (NUMBER, "Expected value within"),
}
HORIZON = re.compile(rf"({'|'.join(BY_HORIZON)})_(\d+[a-z]+)")


def present_fields(frame: pd.DataFrame) -> tuple[ScoreField, ...]:
    """Returns the fields that a score table has, in their order, and after them those of each horizon.

    The probability of every single stage or event is not among them: a receiver's fields have fixed names. Nor are the
    ranks of each horizon: those of the main one do, and receivers take few fields.

    Examples
    --------
    >>> frame = pd.DataFrame(columns=["churn_7d", "churn_prob", "stage_next_prob_new"])
    >>> [field.label for field in present_fields(frame)]
    ['Churn probability', 'Churn within 7d']
    """
    named = (HORIZON.fullmatch(str(column)) for column in frame.columns)
    every = (ScoreField(it[0], BY_HORIZON[it[1]][0], f"{BY_HORIZON[it[1]][1]} {it[2]}") for it in named if it)
    return (*(field for field in FIELDS if field.column in frame.columns), *every)


def exported_rows(frame: pd.DataFrame, key: str = CUSTOMER) -> Iterator[dict[str, Any]]:
    """Yields plain rows, None where a cell is missing.

    Raises
    ------
    ConfigError
        If the table lacks the column that the receiver knows customers by, or it is empty in a row.
    """
    if key not in frame.columns:
        raise ConfigError(f"the scores have no column '{key}', by which the receiver knows customers; add it to them")
    columns = (CUSTOMER, EMAIL, key, *(field.column for field in present_fields(frame)))
    names = list(dict.fromkeys(name for name in columns if name in frame))
    for cells in zip(*(frame[name].astype(object).tolist() for name in names), strict=True):
        row = {name: None if pd.isna(cell) else cell for name, cell in zip(names, cells, strict=True)}
        if row[key] is None:
            raise ConfigError(f"customer {row.get(CUSTOMER)!r} has no '{key}'; fill it in or leave the customer out")
        yield row


def plain(field: ScoreField, cell: Any) -> str | int | float | None:
    """Returns a cell as JSON takes it: shares and numbers as numbers, everything else as text."""
    if cell is None:
        return None
    if field.kind == SHARE:
        return round(float(cell), DIGITS)
    if field.kind == NUMBER:
        number = float(cell)
        return int(number) if number.is_integer() else round(number, DIGITS)
    return str(cell)


def written(field: ScoreField, cell: Any) -> str | None:
    """Returns a cell as text."""
    value = plain(field, cell)
    return None if value is None else str(value)


def milliseconds(cell: str) -> str:
    """Returns a moment as milliseconds since 1970, in digits."""
    return str(int(datetime.fromisoformat(cell).timestamp() * 1000))
