import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pandas as pd
import pytest

from features.journey import load_journey
from features.timestamps import parse_moment
from models.predictor import RegisteredPredictor
from serving import customer_view
from serving.consents import Consent, write_consents
from serving.customer_view import describe_customer, view_customer
from serving.errors import UnknownCustomerError
from serving.scorer import Scorer
from serving.store import Store

DAY = 86_400 * 10**6
MARCH = parse_moment("2024-03-01T00:00:00Z")


@pytest.fixture
def shop(store: Store) -> Store:
    days = ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-02-20"]
    rows = [{"customer_id": "ann", "timestamp": f"{day}T00:00:00Z", "event": "purchase", "value": 5} for day in days]
    store.add(pd.DataFrame([*rows, {**rows[0], "customer_id": "bob"}]))
    return store


def test_the_stage_and_how_it_came_about(shop: Store) -> None:
    view = describe_customer(shop, load_journey("retail"), "ann", MARCH, 2)
    assert (view["stage"], view["as_of"]) == ("occasional", "2024-03-01T00:00:00Z")
    assert view["timeline"] == [
        {"stage": "occasional", "entered_at": "2024-01-01T00:00:00Z", "left_at": "2024-01-04T00:00:00Z"},
        {"stage": "regular", "entered_at": "2024-01-04T00:00:00Z", "left_at": "2024-01-29T00:00:00Z"},
        {"stage": "occasional", "entered_at": "2024-01-29T00:00:00Z", "left_at": "2024-02-01T00:00:00Z"},
        {"stage": "lapsed", "entered_at": "2024-02-01T00:00:00Z", "left_at": "2024-02-20T00:00:00Z"},
        {"stage": "occasional", "entered_at": "2024-02-20T00:00:00Z", "left_at": None},
    ]
    assert view["events_total"] == 5
    assert [event["timestamp"][:10] for event in view["events"]] == ["2024-01-04", "2024-02-20"]


def test_a_window_that_ran_out_since_the_last_event_is_seen(shop: Store) -> None:
    view = describe_customer(shop, load_journey("retail"), "bob", MARCH, 0)
    assert (view["stage"], view["timeline"][-1]["stage"], view["events"]) == ("lapsed", "lapsed", [])


def test_attributes_are_those_that_hold_now(shop: Store) -> None:
    shop.set_attributes(pd.DataFrame({"customer_id": ["ann"], "age": [40]}))
    dates = ["2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", "2024-04-01T00:00:00Z"]
    plans = pd.DataFrame({"customer_id": "ann", "valid_from": dates, "plan": ["free", "pro", "gold"]})
    shop.set_attributes(plans)
    view = describe_customer(shop, load_journey("retail"), "ann", MARCH, 1)
    assert view["attributes"] == {"age": 40.0, "plan": "pro"}


def test_a_decision_is_told(shop: Store) -> None:
    assert describe_customer(shop, load_journey("retail"), "ann", MARCH, 1)["consent"] is None
    with shop.database.writing() as connection:
        write_consents(connection, [Consent("ann", "denied", 5, "form")])
    view = describe_customer(shop, load_journey("retail"), "ann", MARCH, 1)
    assert (view["consent"], view["suppressed"]) == ("denied", True)
    assert (view["stage"], view["timeline"], view["events_total"]) == (None, [], 5), (
        "events are facts, stages a profile"
    )


def test_of_whom_nothing_is_known_nothing_is_told(shop: Store) -> None:
    with pytest.raises(UnknownCustomerError, match="the store holds nothing about customer 'cid'"):
        describe_customer(shop, load_journey("retail"), "cid", MARCH, 1)


def test_the_scores_are_the_bytes_of_a_score_request(shop: Store, model: RegisteredPredictor) -> None:
    scorer = Scorer(model, shop)
    view = view_customer(scorer, "ann", MARCH, 2)
    question = {"customer_ids": ["ann"], "as_of": view["as_of"]}
    told = {"model": view["model"], "as_of": view["as_of"], "scores": [view["scores"]]}
    assert msgspec.json.encode(told) == scorer.answer(json.dumps(question).encode(), 0)
    assert "reasons" not in view["scores"]
    assert (view["scores"]["stage_current"], view["stage"]) == ("occasional", "occasional")
    told = view_customer(scorer, "ann", MARCH, 2, explain=True)
    assert msgspec.json.encode(told["scores"]) == msgspec.json.encode(
        json.loads(scorer.answer(json.dumps(question | {"explain": True}).encode(), 0))["scores"][0]
    )


def test_a_customer_without_events_is_shown_without_stage_and_scores(shop: Store, model: RegisteredPredictor) -> None:
    shop.set_attributes(pd.DataFrame({"customer_id": ["cid"], "age": [40]}))
    view = view_customer(Scorer(model, shop), "cid", MARCH, 2)
    assert (view["stage"], view["timeline"], view["scores"], view["events_total"]) == (None, [], None, 0)
    assert (view["attributes"], view["suppressed"], view["model"]["version"]) == ({"age": 40.0}, False, "1")


def test_who_opted_out_is_shown_as_a_score_request_answers(shop: Store, model: RegisteredPredictor) -> None:
    scorer = Scorer(model, shop)
    assert "churn_prob" in view_customer(scorer, "ann", MARCH, 2)["scores"]
    shop.add_consents([Consent("ann", "denied", 5, "form")])
    view = view_customer(scorer, "ann", MARCH, 2)
    assert view["scores"] == {"customer_id": "ann", "suppressed": True}
    assert (view["suppressed"], view["stage"], view["timeline"], view["events_total"]) == (True, None, [], 5)


def test_who_opts_out_while_the_view_is_read_is_not_profiled(
    shop: Store, model: RegisteredPredictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = customer_view.describe_customer

    def then_refused(store: Store, *rest: Any) -> Mapping[str, Any]:
        found = read(store, *rest)
        store.add_consents([Consent("ann", "denied", 5, "form")])
        return found

    monkeypatch.setattr(customer_view, "describe_customer", then_refused)
    view = view_customer(Scorer(model, shop), "ann", MARCH, 2)
    assert (view["suppressed"], view["stage"], view["timeline"]) == (True, None, [])
    assert view["scores"] == {"customer_id": "ann", "suppressed": True}
