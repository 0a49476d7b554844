from features.journey import load_journey
from serving.languages.messages import messages
from serving.pages.rendering import exact, horizon_text, named, render, stage_label


def test_numbers_below_each_other_align() -> None:
    english, russian = messages("en"), messages("ru")
    assert exact(english, 0.757, 4) == "0.7570"
    assert exact(english, 0.5, 1, percent=True) == "50.0%"
    assert exact(russian, 1234.5, 2).endswith(",50")
    assert exact(english, None, 2) == english.number(None)


def test_what_a_template_is_given_is_escaped() -> None:
    page = render("problem.html", "en", load_journey("retail"), told="<b>bold</b>", detail="<i>")
    assert "&lt;b&gt;bold" in page
    assert "<i>" not in page
    assert "<b>" not in page


def test_a_stage_that_the_journey_lost_keeps_its_name() -> None:
    journey = load_journey("retail")
    assert stage_label(journey, "gone", "en") == "gone"
    assert stage_label(journey, "loyal", "en") != "loyal"
    assert horizon_text("28d", messages("en")) == {"nominative": "28 days"}
    assert horizon_text("28d", messages("ru"))["genitive"] == "28 дней"
    assert str(horizon_text("12h", messages("ru"))) == "12h"


def test_baselines_have_names_in_every_language_and_others_keep_theirs() -> None:
    names = [named(messages(language), "method", "recency_frequency") for language in ("en", "pl", "sk", "ru")]
    assert names[0] == "recency and frequency"
    assert len(set(names)) == 4
    assert named(messages("pl"), "method", "my_own") == "my own"
