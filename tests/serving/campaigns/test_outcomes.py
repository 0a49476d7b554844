import pandas as pd
import pytest

from features.errors import ConfigError
from features.journey import load_journey
from features.timestamps import parse_moment, to_iso
from serving.campaigns.outcomes import ObservedMembers, Outcome, observe
from serving.store import Store

DAY = 86_400 * 10**6
SENT = parse_moment("2024-03-01T00:00:00Z")
LATE = parse_moment("2024-06-01T00:00:00Z")
RETAIL = load_journey("retail")


def rows(*done: tuple[str, float, str, float | None]) -> pd.DataFrame:
    """Returns events of customers, days after the sending."""
    moments = [to_iso(SENT + round(days * DAY)) for _, days, _, _ in done]
    frame = pd.DataFrame(done, columns=["customer_id", "days", "event", "value"])
    return frame.drop(columns="days").assign(timestamp=moments)


def members(*customers: str, control: str = "", at: int = SENT) -> pd.DataFrame:
    frame = pd.DataFrame({"customer_id": list(customers)})
    frame["arm"] = ["control" if name in control else "treated" for name in customers]
    frame = frame.assign(assigned_at=at, sent_at=at, stage="new", decile=1, score=0.5)
    return frame.astype({"decile": "Int64"})


@pytest.fixture
def shop(store: Store) -> Store:
    store.add(
        rows(
            ("at_start", 0, "purchase", 1.0),  # at the moment of sending: before it
            ("bought", -3, "purchase", 7.0),
            ("bought", 0.5, "purchase", 10.0),
            ("bought", 28, "purchase", 5.0),  # exactly at the end: inside
            ("too_late", -1, "purchase", 2.0),
            ("too_late", 28.001, "purchase", 2.0),
            ("gave_back", 1, "refund", -9.0),
            ("gave_back", 2, "purchase", -9.0),
            ("visited", 3, "visit", None),
            ("last", 80, "visit", None),
        )
    )
    return store


ALL = ("at_start", "bought", "too_late", "gave_back", "visited")


def happened(seen: ObservedMembers) -> dict[str, bool]:
    return dict(zip(seen.customer_id.tolist(), seen.happened.tolist(), strict=True))


def test_a_purchase_counts_after_the_sending_and_up_to_the_last_day(shop: Store) -> None:
    seen = observe(shop, RETAIL, members(*ALL, control="visited"), Outcome(), LATE)
    assert happened(seen) == dict.fromkeys(ALL, False) | {"bought": True}
    assert dict(zip(seen.customer_id, seen.spend, strict=True)) == dict.fromkeys(ALL, 0.0) | {"bought": 15.0}
    assert seen.is_treated.tolist() == [name != "visited" for name in seen.customer_id]


def test_churn_is_asked_of_who_was_active_before(shop: Store) -> None:
    seen = observe(shop, RETAIL, members(*ALL), Outcome("churn"), LATE)
    assert happened(seen) == {"at_start": True, "bought": False, "too_late": True}
    assert seen.not_asked == 2


def test_any_event_may_be_the_outcome(shop: Store) -> None:
    assert happened(observe(shop, RETAIL, members(*ALL), Outcome("event", 28, "visit"), LATE))["visited"]
    with pytest.raises(ConfigError, match="nobody has ever done an event 'vist'; did you mean 'visit'"):
        observe(shop, RETAIL, members(*ALL), Outcome("event", 28, "vist"), LATE)


def test_a_horizon_counts_when_it_is_over_by_the_clock_and_by_the_data(shop: Store) -> None:
    later = pd.concat([members("bought"), members("visited", at=SENT + 60 * DAY)], ignore_index=True)
    by_data = observe(shop, RETAIL, later, Outcome(), LATE)
    assert (happened(by_data), by_data.too_early) == ({"bought": True}, 1)
    assert by_data.complete_at == SENT + 88 * DAY
    by_clock = observe(shop, RETAIL, later, Outcome(), SENT + 28 * DAY - 1)
    assert (happened(by_clock), by_clock.too_early) == ({}, 2)
    assert observe(shop, RETAIL, later, Outcome(), SENT + 28 * DAY).too_early == 1


def test_what_a_member_does_under_another_id_counts_once(shop: Store) -> None:
    shop.add_aliases([("visited", SENT + DAY, "known"), ("twin", SENT + DAY, "known")])
    shop.add(rows(("known", 5, "purchase", 3.0)))
    seen = observe(shop, RETAIL, members("twin", "visited", "nobody"), Outcome(), LATE)
    assert (happened(seen), seen.not_asked) == ({"known": True}, 2)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("purchas",), "did you mean 'purchase'"),
        (("event",), "needs the name of an event"),
        (("purchase", 28, "visit"), "no other outcome takes one"),
        (("purchase", 0), "days is 0; give a whole number from 1 to 366"),
    ],
)
def test_an_outcome_that_is_none_is_one_sentence(arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Outcome(*arguments)  # type: ignore[arg-type]
