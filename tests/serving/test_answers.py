"""What the routes answer is what their description says."""

from dataclasses import asdict

import pandas as pd

from models.predictor import RegisteredPredictor
from serving.answers import CustomerExport, CustomerView, ErasureReceipt, KeptDecision
from serving.customer_routes import decide
from serving.customer_view import view_customer
from serving.openapi import CUSTOMER, DECISION, EXPORT, RECEIPT
from serving.personal_data import erase_customer, export_customer
from serving.scorer import Scorer
from serving.store import Store


def test_answers_have_every_described_field_and_no_other(
    store: Store, events: pd.DataFrame, model: RegisteredPredictor
) -> None:
    store.add(events[events["customer_id"] == "c0001"])
    store.set_attributes(pd.DataFrame({"customer_id": ["c0001"], "tier": ["gold"], "visits": [1.5]}))
    now = 2_000_000_000_000_000
    view = view_customer(Scorer(model, store), "c0001", now, 5)
    assert CustomerView.model_validate(view).model_dump() == view
    kept = decide(store, "c0001", b'{"decision": "granted"}', now, "me")
    assert KeptDecision.model_validate(kept).model_dump() == kept
    everything = export_customer(store.database, "c0001", now, "me")
    assert CustomerExport.model_validate(everything).model_dump() == everything
    receipt = asdict(erase_customer(store.database, "c0001", now, "me"))
    assert ErasureReceipt.model_validate(receipt).model_dump() == receipt


def test_examples_are_answers() -> None:
    for answer, example in (
        (CustomerView, CUSTOMER),
        (KeptDecision, {"customer_id": "352", **DECISION}),
        (CustomerExport, EXPORT),
        (ErasureReceipt, RECEIPT),
    ):
        assert answer.model_validate(example, strict=True).model_dump() == example
