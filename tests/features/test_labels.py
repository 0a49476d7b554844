from features.labels import Labels
from serving.languages.messages import LANGUAGES


def test_labels_are_given_in_the_languages_of_the_pages():
    assert tuple(Labels.model_fields) == LANGUAGES


def test_an_empty_label_is_none():
    assert Labels(en="Purchase", ru="").in_language("ru") == "Purchase"
