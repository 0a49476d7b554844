from pathlib import Path

import pandas as pd
import pytest

from features.errors import ConfigError
from serving.segments import Segment, write_audience

FRAME = pd.DataFrame(
    {
        "customer_id": ["d", "a", "c", "b", "=1+1"],
        "stage_current": ["loyal", "loyal", "regular", "loyal", "loyal"],
        "stage_next": ["lapsed", "loyal", "regular", "lapsed", "lapsed"],
        "stage_next_prob": [0.5, 0.9, 0.8, 0.6, 0.7],
        "stage_next_prob_lapsed": [0.5, 0.1, 0.1, 0.6, 0.7],
        "stage_next_prob_regular": [0.0, 0.0, 0.8, 0.2, 0.0],
        "stage_next_prob_loyal": [0.5, 0.9, 0.1, 0.2, 0.3],
        "churn_prob": [0.3, 0.3, 0.9, None, 0.2],
        "purchase_prob": [0.1, 0.2, 0.3, 0.4, 0.5],
    }
)


def members(segment: Segment) -> list[str]:
    return list(segment.select(FRAME)["customer_id"])


def test_the_highest_score_comes_first_and_equal_ones_by_id() -> None:
    assert members(Segment("risk", "churn")) == ["c", "a", "d", "=1+1"]


def test_a_threshold_is_inclusive_and_a_missing_score_never_belongs() -> None:
    assert members(Segment("risk", "churn", at_least=0.3)) == ["c", "a", "d"]
    assert members(Segment("risk", "churn", at_least=0.0)) == ["c", "a", "d", "=1+1"]


def test_stages_narrow_the_audience() -> None:
    leaving = Segment("leaving", "stage_next", stage_current="loyal", stage_next="lapsed", at_least=0.55)
    assert members(leaving) == ["=1+1", "b"]


def test_top_takes_the_best() -> None:
    assert members(Segment("best", "purchase", top=2)) == ["=1+1", "b"]


def test_an_audience_may_be_empty() -> None:
    audience = Segment("none", "churn", at_least=1.0).select(FRAME)
    assert len(audience) == 0
    assert "customer_id" in audience.columns


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        (Segment("s", "chrun"), "segment 's': no score 'chrun'; did you mean 'churn'"),
        (Segment("s", "churn", stage_current="loyl"), "segment 's': no stage 'loyl'; did you mean 'loyal'"),
        (Segment("s", "churn", stage_next="zzz"), "no stage 'zzz'; known: lapsed, loyal, regular"),
    ],
)
def test_an_unknown_name_gets_a_hint(segment: Segment, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        segment.select(FRAME)


@pytest.mark.parametrize("at_least", [-0.1, 1.1, float("nan")])
def test_a_threshold_is_a_probability(at_least: float) -> None:
    with pytest.raises(ConfigError, match="give a probability from 0 to 1"):
        Segment("s", "churn", at_least=at_least)


def test_top_is_positive() -> None:
    with pytest.raises(ConfigError, match="top is 0"):
        Segment("s", "churn", top=0)


def test_a_cell_that_a_spreadsheet_would_run_is_defused(tmp_path: Path) -> None:
    ids = ["=1+1", "+1", "-1", "@x", "\tx", "plain", 'a,"b"']
    path = tmp_path / "new" / "audience.csv"
    write_audience(pd.DataFrame({"customer_id": ids, "churn_prob": [-0.5] * len(ids)}), path)
    written = pd.read_csv(path, dtype={"customer_id": "str"})
    assert list(written["customer_id"]) == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "plain", 'a,"b"']
    assert list(written["churn_prob"]) == [-0.5] * len(ids)
    assert [file.name for file in path.parent.iterdir()] == ["audience.csv"]


@pytest.mark.parametrize("name", ["", "../outside", "a/b", "a\\b", ".hidden", "a\0"])
def test_a_name_that_would_leave_the_folder_is_refused(name):
    with pytest.raises(ConfigError, match="is no file name"):
        Segment(name, "churn")
