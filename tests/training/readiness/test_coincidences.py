import pandas as pd

from features.ingest import log_from_frame
from features.journey import Journey
from tests.training.readiness.conftest import HORIZON
from training.readiness.coincidences import coincidences
from training.readiness.finding import Finding, Verdict


def found_in(events: pd.DataFrame, more: pd.DataFrame, journey: Journey) -> tuple[Finding, ...]:
    return coincidences(log_from_frame(pd.concat([events, more], ignore_index=True)), journey, HORIZON)


def beside_purchases(events: pd.DataFrame, **after: float) -> pd.DataFrame:
    bought = events[events["event"] == "purchase"][["customer_id", "timestamp"]]
    return bought.assign(event="paid", timestamp=bought["timestamp"] + pd.Timedelta(**after))


def last_activity(events: pd.DataFrame, days: float) -> pd.DataFrame:
    bought = events[events["event"] == "purchase"].groupby("customer_id")["timestamp"].max().reset_index()
    return bought.assign(event="left", timestamp=bought["timestamp"] + pd.Timedelta(days=days))


def test_the_log_itself_gives_nothing_away(shop: pd.DataFrame, journey: Journey) -> None:
    assert found_in(shop, shop.head(0), journey) == ()


def test_a_visit_drawn_to_come_before_each_purchase_does(events: pd.DataFrame, journey: Journey) -> None:
    assert [found.subject for found in found_in(events, events.head(0), journey)] == ["leak: event 'visit'"]


def test_an_event_just_before_every_purchase_is_a_warning(shop: pd.DataFrame, journey: Journey) -> None:
    (found,) = found_in(shop, beside_purchases(shop, hours=-3), journey)
    assert found.subject == "leak: event 'paid'"
    assert found.verdict is Verdict.WARNING
    assert found.numbers["followed"] == 1.0


def test_at_the_purchase_or_after_it_is_fine(shop: pd.DataFrame, journey: Journey) -> None:
    assert found_in(shop, beside_purchases(shop, hours=0), journey) == ()
    assert found_in(shop, beside_purchases(shop, hours=3), journey) == ()


def test_before_half_of_the_purchases_is_fine(shop: pd.DataFrame, journey: Journey) -> None:
    asked = pd.concat([beside_purchases(shop, hours=-3), beside_purchases(shop, days=2)], ignore_index=True)
    assert found_in(shop, asked, journey) == ()


def test_an_event_at_the_last_activity_of_those_who_left_is_a_warning(shop: pd.DataFrame, journey: Journey) -> None:
    (found,) = found_in(shop, last_activity(shop, days=0.01), journey)
    assert found.subject == "leak: event 'left'"
    assert found.numbers["after"] == 0.0
    assert found_in(shop, last_activity(shop, days=20), journey) == ()


def test_a_rare_event_is_not_judged(shop: pd.DataFrame, journey: Journey) -> None:
    assert found_in(shop, beside_purchases(shop, hours=-3).head(49), journey) == ()
