from serving.languages.messages import messages
from serving.pages.audience_page import audience_texts, usual_value


def test_the_script_is_given_texts_without_open_questions() -> None:
    texts = audience_texts(messages("en"), "28d")
    assert texts["spend_note"] == "within 28 days"
    assert "{share}" in texts["share_unit"]


def test_the_usual_value_is_the_mean_spending_if_it_is_known() -> None:
    curve = {"spend": [10.0, 30.0], "customers": 2}
    assert usual_value({"churn": {"": curve}}) == 15
    assert usual_value({"churn": {"": {"spend": None, "customers": 2}}}) == 10
