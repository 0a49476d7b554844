import pytest

from features.errors import ConfigError
from features.events import EventLog
from features.snapshots import Snapshots
from models.predictor import Predictor
from serving.exports.score_fields import (
    FIELDS,
    ScoreField,
    exported_rows,
    milliseconds,
    plain,
    present_fields,
    written,
)
from serving.segments.table import RANKS
from tests.serving.exports.conftest import table


def test_only_what_a_table_has_is_exported(scores):
    assert [field.column for field in present_fields(scores)][:3] == ["scored_at", "model_version", "stage_current"]
    assert len({field.name for field in FIELDS}) == len(FIELDS)


def test_what_a_model_says_is_exported_but_for_vectors_and_ranks_of_each_horizon(
    log: EventLog, predictor: Predictor, cutoff: int
):
    frame = predictor.score(log, Snapshots.at(log, cutoff)).frame()
    left = {name for name in frame.columns if name not in {field.column for field in present_fields(frame)}}
    vectors = {name for name in frame.columns if name.startswith("stage_next_prob_")}
    chances = ("churn_7d", "churn_28d", "purchase_7d", "purchase_28d")
    assert left == {"customer_id", *vectors, *(f"{chance}_{rank}" for chance in chances for rank in RANKS)}
    assert {"churn_7d", "purchase_28d", "move_7d", "spend_28d", "purchase_decile", "churn_basis"}.isdisjoint(left)
    fields = {field.column: field for field in present_fields(frame)}
    rows = list(exported_rows(frame.assign(reason_1="bought twice")))
    assert len(rows) == len(frame)
    assert {row["reason_1"] for row in rows} == {"bought twice"}
    for row in rows[:20]:
        assert {type(plain(field, row[name])) for name, field in fields.items()} <= {str, int, float, type(None)}
        assert row["churn_7d"] is None or 0.0 <= float(written(fields["churn_7d"], row["churn_7d"]) or "") <= 1.0


def test_a_customer_whom_the_receiver_could_not_know_is_an_error(scores):
    with pytest.raises(ConfigError, match="the scores have no column 'phone'"):
        list(exported_rows(scores, "phone"))
    with pytest.raises(ConfigError, match="customer 'crm-7' has no 'email'"):
        list(exported_rows(table({"email": None}), "email"))


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("share", 0.1234567891, 0.123457),
        ("number", 28, 28),
        ("number", 1.5, 1.5),
        ("text", "x", "x"),
        ("share", None, None),
    ],
)
def test_cells_are_plain_data(kind, cell, value):
    field = ScoreField("x", kind, "X")
    assert plain(field, cell) == value
    assert written(field, cell) == (None if value is None else str(value))


def test_moments_can_be_milliseconds():
    assert milliseconds("2024-09-05T00:00:00Z") == "1725494400000"
