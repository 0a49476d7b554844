import pandas as pd

from features.events import Dimension
from features.ingest import log_from_frame
from features.sources.importing.traits import attribute_table, trait_records

COLUMNS = ["customer_id", "valid_from", "name", "text", "number"]


def table(*rows: tuple[object, ...]) -> pd.DataFrame:
    return attribute_table(pd.DataFrame(rows, columns=COLUMNS))


def test_a_trait_said_again_makes_no_row():
    assert len(table(("a", 0, "plan", "free", None), ("a", 5, "plan", "free", None))) == 1


def test_a_trait_of_numbers_and_texts_is_text():
    found = table(("a", 0, "size", None, 5.0), ("b", 0, "size", "large", None))
    assert found["size"].tolist() == ["5", "large"]


def test_a_log_takes_the_table():
    found = table(("a", 0, "plan", "free", None), ("a", 9, "plan", "pro", None), ("a", 9, "seats", None, 2.0))
    events = pd.DataFrame({"customer_id": ["a"], "timestamp": ["2024-01-01T00:00:00Z"], "event": ["view"]})
    dated = log_from_frame(events, attributes=found).dated
    assert dated is not None
    plan = dated.columns["plan"]
    assert isinstance(plan, Dimension)
    assert plan.texts().tolist() == ["free", "pro"]
    assert dated.valid_from.tolist() == [0, 9]


def test_one_by_one_a_trait_that_some_call_a_text_is_one():
    rows = [("a", 0, "plan", "free", None), ("a", 9, "plan", None, 7.0), ("b", 9, "seats", None, 3.0)]
    records, kinds = trait_records(pd.DataFrame([*rows, ("b", 9, "nothing", None, None)], columns=COLUMNS))
    assert records == [("a", 0, {"plan": "free"}), ("a", 9, {"plan": 7.0}), ("b", 9, {"seats": 3.0})]
    assert kinds == {"plan": "text", "seats": "number"}


def test_no_traits_are_an_empty_table():
    assert attribute_table(pd.DataFrame(columns=COLUMNS)).empty
