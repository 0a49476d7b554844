import copy

import pytest
from hypothesis import given

from features.errors import JourneyError
from features.journey import READY, Journey, load_journey
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


@pytest.mark.parametrize("name", ["ecommerce", "retail"])
def test_a_ready_journey_loads_by_name(name):
    journey = load_journey(name)
    assert journey.name == name
    assert journey.stage_names[0] == "lapsed"
    assert set(journey.purchase) <= set(journey.events)


def test_no_ready_journey_is_left_untested():
    assert {path.stem for path in READY.glob("*.yaml")} == {"ecommerce", "retail"}


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


def test_stage_names_and_events_keep_their_order():
    assert shop().stage_names == ("lapsed", "looks", "buys")
    assert shop().events == ("view", "buy", "refund")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"stages": SHOP["stages"][:1] * 2}, "stage 'looks' is listed twice"),
        ({"stages": [SHOP["stages"][0] | {"name": "lapsed"}]}, "stage 'lapsed' is built in; rename yours"),
        ({"refund": ["buy"]}, "event 'buy' is both a purchase and a refund"),
        ({"stage": "newest"}, "key 'stage': Input should be 'furthest' or 'latest'"),
        ({"stages": []}, "key 'stages'"),
        ({"activity": []}, "key 'activity'"),
        ({"purchases": ["buy"]}, "unknown key 'purchases'; did you mean 'purchase'"),
        ({"stages": [{"name": "x", "rules": []}]}, "key 'stages.0.rules'"),
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
