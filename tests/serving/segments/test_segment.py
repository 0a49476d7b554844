import json
from pathlib import Path
from typing import Any

import pytest

from serving.segments.errors import ExpressionError, SegmentError
from serving.segments.segment import Segment

FULL = Segment(
    "win back",
    "stage=='loyal' AND churn_28d>=.4",
    "churn_28d",
    at_least=0.1,
    top_percent=10,
    top=500,
    cost=0.5,
    value=12,
    budget=100,
    within="stage",
)


def test_a_segment_is_rebuilt_from_its_plain_data() -> None:
    assert Segment.from_dict(json.loads(json.dumps(FULL.to_dict()))) == FULL
    assert Segment("x").to_dict() == {"name": "x"}
    assert Segment.from_dict({}, "y") == Segment("y")


def test_its_expression_is_kept_as_its_canonical_text() -> None:
    assert FULL.where == "stage == 'loyal' and churn_28d >= 0.4"
    assert Segment("everybody", "  ").expression is None


def test_a_file_gives_its_name(tmp_path: Path) -> None:
    path = tmp_path / "win-back.yaml"
    path.write_text("where: stage == 'loyal'\ntop: 5\n", encoding="utf-8")
    assert Segment.load(path) == Segment("win-back", "stage == 'loyal'", top=5)
    path.with_suffix(".json").write_text('{"name": "other", "top_percent": 5}', encoding="utf-8")
    assert Segment.load(path.with_suffix(".json")) == Segment("other", top_percent=5.0)
    path.write_text("wher: x", encoding="utf-8")
    with pytest.raises(SegmentError, match=r"win-back.yaml: unknown key 'wher'; did you mean 'where'\?"):
        Segment.load(path)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"topp": 5}, r"the segment: unknown key 'topp'; did you mean 'top'\?"),
        ({"top": 0}, "key 'top' is 0 and should be greater than or equal to 1"),
        ({"top": 2.5}, "key 'top'"),
        ({"top_percent": 101}, "key 'top_percent'"),
        ({"at_least": float("nan")}, "key 'at_least'"),
        ({"within": "country"}, "key 'within'"),
        ({"cost": 1}, "segment 'x': cost and value come together"),
        ({"budget": 5}, "a budget needs cost and value"),
        ({"cost": 1, "value": 1, "lowest_first": True}, "the most probable come first"),
        ([], "not keys and values"),
    ],
)
def test_what_is_no_segment_is_told(given: Any, says: str) -> None:
    with pytest.raises(SegmentError, match=says):
        Segment.from_dict(given, "x")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"top": 0}, "top is 0"),
        ({"top_percent": 0.0}, "top_percent is 0.0"),
        ({"cost": -1.0, "value": 1.0}, "cost is -1.0"),
        ({"cost": 1.0, "value": 0.0}, "value is 0.0"),
        ({"cost": 1.0, "value": 1.0, "budget": 0.0}, "budget is 0.0"),
        ({"cost": 1e13, "value": 1.0}, "cost is 1.*; give 0 to 1,000,000,000,000"),
        ({"cost": 1.0, "value": float("inf")}, "value is inf"),
        ({"at_least": float("nan")}, "at_least is no number"),
    ],
)
def test_numbers_have_bounds(given: dict[str, Any], says: str) -> None:
    with pytest.raises(SegmentError, match=says):
        Segment("x", **given)


def test_an_expression_that_cannot_be_read_is_told() -> None:
    with pytest.raises(ExpressionError, match="where, character 5"):
        Segment("x", "age =! 3")


@pytest.mark.parametrize("name", ["", "../outside", "a/b", "a\\b", ".hidden", "a\0", "a\n", "x" * 101])
def test_a_name_that_would_leave_the_folder_is_refused(name: str) -> None:
    with pytest.raises(SegmentError, match="is no file name"):
        Segment(name)
