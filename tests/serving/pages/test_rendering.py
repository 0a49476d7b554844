from features.journey import load_journey
from serving.languages.messages import messages
from serving.pages.rendering import exact, horizon_text, render, stage_label


def test_numbers_below_each_other_align() -> None:
    english, russian = messages("en"), messages("ru")
    assert exact(english, 0.757, 4) == "0.7570"
    assert exact(english, 0.5, 1, percent=True) == "50.0%"
    assert exact(russian, 1234.5, 2).endswith(",50")
    assert exact(english, None, 2) == english.number(None)


def test_what_a_template_is_given_is_escaped() -> None:
    page = render("problem.html", "en", load_journey("retail"), detail="<b>bold</b>")
    assert "&lt;b&gt;bold" in page
    assert "<b>" not in page


def test_a_stage_that_the_journey_lost_keeps_its_name() -> None:
    journey = load_journey("retail")
    assert stage_label(journey, "gone", "en") == "gone"
    assert stage_label(journey, "loyal", "en") != "loyal"
    assert horizon_text("28d", messages("en")) == "28 days"
