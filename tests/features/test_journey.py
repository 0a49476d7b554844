import copy

import pandas as pd
import pytest
from hypothesis import given

from features.errors import JourneyError
from features.ingest import log_from_frame
from features.journey import READY, Journey, load_journey
from features.labels import Labels
from features.timeline import stage_timeline
from tests.laws import journeys

SHOP = {
    "name": "shop",
    "activity": ["view", "buy"],
    "purchase": ["buy"],
    "refund": ["refund"],
    "stages": [
        {"name": "looks", "rules": [{"events": ["view"], "within": "30d"}]},
        {"name": "buys", "rules": [{"events": ["buy"], "at_least": 2}]},
    ],
}


def shop(**changes):
    return Journey.from_dict(copy.deepcopy(SHOP) | changes)


WALKS = {
    "retail": ["campaign_mailed", *["purchase"] * 9],
    "ecommerce": [
        "Email Opened", "Product Viewed", "Product Shared", "Cart Viewed", "Order Completed", "Order Completed",
    ],
    "funnel": [
        "Page Viewed", "Products Searched", "Product Viewed", "Product Viewed", "Product Viewed", "Product Added",
        "Checkout Started", "Order Completed", "Page Viewed", "Order Completed",
    ],
    "omnichannel": [
        "Promotion Viewed", "Products Searched", "Product Viewed", "Application Installed", "Application Opened",
        "Product Added", "Payment Info Entered", "Order Completed", "Order Completed", "Product Reviewed",
    ],
    "subscription": [
        "Page Viewed", "Signed Up", "Trial Started", "Signed In", "Account Added User", "Signed In", "Signed In",
        "Signed In", "Order Completed", "Invite Sent",
    ],
    "compact": [
        "Email Opened", "Page Viewed", "Product List Viewed", "Product Viewed", "Cart Viewed", "Order Completed",
        "Order Completed",
    ],
    "relationship": [
        "Promotion Clicked", "Live Chat Conversation Started", "Product Viewed", "Checkout Started", "Order Completed",
        "Order Updated", "Order Completed", "Invite Sent",
    ],
}  # fmt: skip
"""For each ready journey one customer's events, a day apart, that lead through all of its stages."""


@pytest.mark.parametrize("name", WALKS)
def test_a_ready_journey_loads_by_name(name):
    journey = load_journey(name)
    assert journey.name == name
    assert journey.stage_names[0] == "lapsed"
    assert set(journey.purchase) <= set(journey.events)


@pytest.mark.parametrize("name", WALKS)
def test_a_customer_can_walk_through_every_stage_of_a_ready_journey_in_order(name):
    journey, events = load_journey(name), WALKS[name]
    days = pd.date_range("2026-01-01", periods=len(events), tz="UTC")
    log = log_from_frame(pd.DataFrame({"customer_id": "ann", "timestamp": days, "event": events}))
    assert tuple(stage_timeline(log, journey).frame(log, journey)["stage"]) == journey.stage_names[1:]


@pytest.mark.parametrize("name", WALKS)
@pytest.mark.parametrize("language", Labels.model_fields)
def test_a_ready_journey_and_its_stages_have_a_label_of_their_own_in_every_language(name, language):
    journey = load_journey(name)
    labels = [getattr(part.labels, language) for part in (journey, *journey.stages)]
    assert all(labels)
    assert len({*labels[1:], journey.stage_label("lapsed", language)}) == len(journey.stage_names)


def test_no_ready_journey_is_left_untested():
    assert {path.stem for path in READY.glob("*.yaml")} == set(WALKS)


def test_a_journey_of_ones_own_loads_by_path(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text((READY / "retail.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    assert load_journey(path) == load_journey(str(path)) == load_journey("retail")


def test_an_unknown_ready_journey_names_the_closest():
    with pytest.raises(JourneyError, match=r"no ready journey 'retale'.*did you mean 'retail'"):
        load_journey("retale")


def test_a_missing_journey_file_is_an_error(tmp_path):
    with pytest.raises(JourneyError, match=r"no file at .*gone\.yaml"):
        load_journey(tmp_path / "gone.yaml")


@given(journey=journeys())
def test_a_journey_read_back_from_its_dict_is_equal(journey):
    assert Journey.from_dict(journey.to_dict()) == journey


def test_a_stage_is_called_by_its_language_then_english_then_its_one_label_then_its_name():
    stages = [
        {"name": "looks", "labels": {"en": "Looks", "pl": "Ogląda"}, "rules": SHOP["stages"][0]["rules"]},
        {"name": "buys", "label": "Kupuje", "rules": SHOP["stages"][1]["rules"]},
        {"name": "comes_back", "rules": SHOP["stages"][1]["rules"]},
    ]
    journey = shop(stages=stages)
    assert [journey.stage_label(name, "pl") for name in ("looks", "buys")] == ["Ogląda", "Kupuje"]
    assert [journey.stage_label(name, "sk") for name in journey.stage_names] == [
        "Bez aktivity", "Looks", "Kupuje", "Comes back",
    ]  # fmt: skip
    assert (journey.title("sk"), shop(labels={"sk": "Obchod"}).title("sk")) == ("Shop", "Obchod")


def test_a_stage_that_is_not_there_has_no_label():
    with pytest.raises(JourneyError, match=r"journey 'shop' has no stage 'look'; did you mean 'looks'"):
        shop().stage_label("look", "en")


def test_labels_keep_the_round_trip_and_the_hash_and_are_no_part_of_what_decides_a_score():
    plain = load_journey("retail")
    stages = [stage.model_copy(update={"labels": Labels(pl="Inaczej")}) for stage in plain.stages]
    translated = plain.model_copy(update={"labels": Labels(), "stages": tuple(stages)})
    assert Journey.from_dict(translated.to_dict()) == translated != plain
    assert hash(Journey.from_dict(translated.to_dict())) == hash(translated)
    assert translated.definition() == plain.definition()
    assert Journey.from_dict(plain.definition()).definition() == plain.definition()


def test_stage_names_and_events_keep_their_order():
    assert shop().stage_names == ("lapsed", "looks", "buys")
    assert shop().events == ("view", "buy", "refund")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"stages": SHOP["stages"][:1] * 2}, "stage 'looks' is listed twice"),
        ({"stages": [SHOP["stages"][0] | {"name": "lapsed"}]}, "stage 'lapsed' is built in; rename yours"),
        ({"refund": ["buy"]}, "event 'buy' is both a purchase and a refund"),
        ({"stage": "newest"}, "key 'stage' is 'newest' and should be 'furthest' or 'latest'"),
        ({"stages": []}, "key 'stages'"),
        ({"activity": []}, "key 'activity'"),
        ({"purchases": ["buy"]}, "unknown key 'purchases'; did you mean 'purchase'"),
        ({"stages": [{"name": "x", "rules": []}]}, "key 'stages.0.rules'"),
        ({"labels": {"pll": "Sklep"}}, "unknown key 'labels.pll'; did you mean 'pl'?"),
    ],
)
def test_an_inconsistent_journey_is_an_error(changes, sentence):
    with pytest.raises(JourneyError) as raised:
        shop(**changes)
    assert str(raised.value).startswith("journey: ")
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"events": ["view"], "within": "30"}, "'stages.0.rules.0.within': duration '30' has no unit or no size"),
        ({"events": ["view"], "at_least": 0}, "'stages.0.rules.0.at_least'"),
        ({"events": ["view"], "min_value": float("nan")}, "'stages.0.rules.0.min_value'"),
        ({"events": []}, "'stages.0.rules.0.events'"),
        ({"events": ["view"], "witin": "3d"}, "unknown key 'stages.0.rules.0.witin'; did you mean 'within'?"),
    ],
)
def test_a_bad_rule_is_an_error_that_says_where(rule, sentence):
    with pytest.raises(JourneyError) as raised:
        shop(stages=[{"name": "looks", "rules": [rule]}])
    assert sentence in str(raised.value)


def test_a_log_with_the_events_of_the_journey_passes():
    assert shop().check_events(("view", "buy")) is None


def test_a_log_without_any_purchase_event_is_an_error():
    with pytest.raises(
        JourneyError, match="no event under 'purchase' is in the log, such as 'buy'; did you mean 'buyy'"
    ):
        shop().check_events(("view", "buyy"))
