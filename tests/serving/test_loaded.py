from models.predictor import RegisteredPredictor
from serving.loaded import Loaded
from serving.schemas import ScoreRequest
from serving.store import Store

NOW = 1_720_000_000_000_000


def test_a_record_for_each_in_the_order_of_the_question(model: RegisteredPredictor, filled: tuple[str, Store]) -> None:
    loaded = Loaded(model, filled[1])
    names = ["c0005", "c0001", "c0005"]
    records = loaded.records(ScoreRequest(customer_ids=names), NOW)
    assert [record["customer_id"] for record in records] == names
    assert records[0] == records[2]


def test_what_the_first_request_needs_is_made_before(model: RegisteredPredictor, filled: tuple[str, Store]) -> None:
    loaded = Loaded(model, filled[1])
    loaded.prepare(["c0003", "c0004"])
    assert loaded.histories.customers() == ["c0003", "c0004"]
    assert "explainer" in vars(loaded)
