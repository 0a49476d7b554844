"""What personas are told apart by: few features, each of which means something to who plans a campaign."""

from features.aggregations import ActiveDays, Aggregation, Count, Mean, Recency, Tenure
from features.aggregations.aggregation import most_frequent
from features.events import CHANNEL, EVENT, VALUE
from features.featureset import FeatureSet
from features.journey import Journey
from features.vocabulary import Vocabulary

WINDOW = "91d"
MOST_EVENTS = 4
MOST_CHANNELS = 4


def persona_features(vocabulary: Vocabulary, journey: Journey) -> FeatureSet:
    """Returns how often, how recently and for how much customers buy, what else they do, where, and since when.

    Scores, stages and attributes are left out: a persona says how somebody behaves, and stages and scores follow
    from that already.
    """
    counts = vocabulary.dimensions[EVENT]
    bought = tuple(event for event in journey.purchase if event in counts)
    others = most_frequent({event: count for event, count in counts.items() if event not in bought}, MOST_EVENTS)
    channels = most_frequent(vocabulary.dimensions.get(CHANNEL, {}), MOST_CHANNELS)
    aggregations: list[Aggregation] = [
        Count(by=EVENT, values=(*bought, *others), windows=(WINDOW,)),
        ActiveDays(windows=(WINDOW,)),
        Tenure(),
    ]
    if bought:
        aggregations.append(Recency(by=EVENT, values=bought))
        if vocabulary.measures[VALUE]:
            aggregations.append(Mean(values=bought, windows=(WINDOW,)))
    if len(channels) > 1:
        aggregations.append(Count(by=CHANNEL, values=channels, windows=(WINDOW,)))
    return FeatureSet(tuple(aggregations)).bind(vocabulary, journey)
