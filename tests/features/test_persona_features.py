from features.ingest import log_from_frame
from features.persona_features import persona_features
from features.vocabulary import Vocabulary
from tests.data import generated_events


def test_purchases_come_first_and_channels_where_there_are_several(journey):
    log = log_from_frame(generated_events(customers=20))
    columns = persona_features(Vocabulary.of(log), journey).columns
    assert columns[0] == "purchase_count_91d"
    assert {"purchase_recency", "purchase_mean_91d", "visit_count_91d", "channel_web_count_91d", "tenure"} <= set(
        columns
    )


def test_a_log_without_purchases_values_or_channels_still_has_features(journey):
    events = generated_events(customers=5)
    events = events[events["event"] == "visit"].drop(columns=["value", "channel"])
    columns = persona_features(Vocabulary.of(log_from_frame(events)), journey).columns
    assert columns == ("visit_count_91d", "active_days_91d", "tenure")
