"""The general set of features that nobody had to write: derived from what a journey names and a log holds."""

from collections.abc import Sequence

from features.aggregations import (
    ActiveDays,
    Aggregation,
    Attribute,
    Count,
    CurrentStage,
    Distinct,
    Entropy,
    Gaps,
    Last,
    LastEvents,
    LastStages,
    Max,
    Mean,
    Recency,
    Sessions,
    Slope,
    StageChanges,
    StageVisits,
    Std,
    Sum,
    Tenure,
    TimeInStage,
    Trend,
)
from features.aggregations.aggregation import most_frequent
from features.durations import LIFETIME
from features.events import CHANNEL, EVENT, VALUE
from features.journey import Journey
from features.plan import ALL, STAGE
from features.vocabulary import Counts, Vocabulary

WINDOWS = ("7d", "28d", "91d", LIFETIME)
MEDIUM = ("28d", "91d")
MOST_EVENTS = 7
MOST_CHANNELS = 5
MOST_REPEATED = 2
MOST_STAGES = 5
MOST_DECLARED = 3
MOST_NAMES = 3
MOST_REMEMBERED = 20


def default_aggregations(vocabulary: Vocabulary, journey: Journey) -> tuple[Aggregation, ...]:
    """Returns a general set, its size bounded however many events, channels and stages there are.

    The calendar is not in it: a log seldom spans enough years to tell a season from a trend.
    """
    events, top = _leading_events(vocabulary, journey)
    repeated = _present((*journey.purchase, *journey.activity), vocabulary)[:MOST_REPEATED]
    bought = _present(journey.purchase, vocabulary)[:MOST_REPEATED]
    stages = _stages_of_their_own(vocabulary, journey, events)
    aggregations: list[Aggregation] = [
        Count(by=EVENT, values=events, top=top, windows=WINDOWS),
        Count(by=STAGE, values=stages, windows=MEDIUM),
        Recency(by=EVENT, values=events, top=top),
        Recency(by=STAGE, values=stages),
        Trend(by=EVENT, values=repeated, short="7d", long="28d"),
        Trend(by=EVENT, values=events, short="28d", long="91d"),
        Slope(by=EVENT, values=repeated, windows=("84d",)),
        Gaps(by=EVENT, values=repeated),
        *_of_all_events(vocabulary),
        *_of_the_journey(journey),
    ]
    if len(vocabulary.dimensions[CHANNEL]) > 1:
        channels = _channels_of_their_own(vocabulary, events)
        aggregations.append(Count(by=CHANNEL, values=channels, windows=MEDIUM))
        aggregations.append(Entropy(of=CHANNEL, windows=("91d",)))
    if bought and vocabulary.measures[VALUE]:
        aggregations += [kind(values=bought, windows=(*MEDIUM, LIFETIME)) for kind in (Sum, Mean)]
        aggregations += [Max(values=bought, windows=("91d", LIFETIME)), Std(values=bought, windows=("91d",))]
        aggregations.append(Last(values=bought, windows=(LIFETIME,)))
    aggregations += _of_what_is_declared(vocabulary)
    return (*aggregations, *(Attribute(name=name) for name in vocabulary.attributes))


def _of_all_events(vocabulary: Vocabulary) -> list[Aggregation]:
    always = [Tenure(), ActiveDays(windows=WINDOWS), Sessions(windows=(*MEDIUM, LIFETIME))]
    if len(vocabulary.dimensions[EVENT]) == 1:
        return always  # what follows would repeat what is known of the one event
    names = most_frequent(vocabulary.dimensions[EVENT], MOST_EVENTS)
    return [*always, Gaps(by=ALL), Distinct(of=EVENT, windows=MEDIUM), LastEvents(values=names)]


def _of_what_is_declared(vocabulary: Vocabulary) -> list[Aggregation]:
    """Returns features of the dimensions and measures that only this log has."""
    dimensions = [name for name, counts in vocabulary.dimensions.items() if name not in (EVENT, CHANNEL) and counts]
    measures = [name for name, is_finite in vocabulary.measures.items() if name != VALUE and is_finite]
    aggregations: list[Aggregation] = []
    for name in dimensions[:MOST_DECLARED]:
        aggregations.append(Count(by=name, top=MOST_NAMES, windows=MEDIUM))
        aggregations.append(Distinct(of=name, windows=MEDIUM))
        frequent = most_frequent(vocabulary.dimensions[name], MOST_REMEMBERED)
        aggregations.append(LastEvents(of=name, values=frequent))
    for name in measures[:MOST_DECLARED]:
        aggregations += [kind(by=ALL, measure=name, windows=MEDIUM) for kind in (Sum, Mean)]
        aggregations.append(Last(by=ALL, measure=name, windows=(LIFETIME,)))
    return aggregations


def _of_the_journey(journey: Journey) -> list[Aggregation]:
    return [
        CurrentStage(),
        TimeInStage(),
        StageChanges(windows=(*MEDIUM, LIFETIME)),
        LastStages(last=2),
        StageVisits(stages=journey.stage_names[-MOST_STAGES:]),
    ]


def _leading_events(vocabulary: Vocabulary, journey: Journey) -> tuple[tuple[str, ...], int | None]:
    """Returns the purchase and then the most frequent events, and their number if there are others besides."""
    names = tuple(vocabulary.dimensions[EVENT])
    if len(names) <= MOST_EVENTS:
        return names, None
    bought = _present(journey.purchase, vocabulary)[:MOST_REPEATED]
    frequent = most_frequent(vocabulary.dimensions[EVENT], MOST_EVENTS)
    leading = tuple(dict.fromkeys([*bought, *frequent]))[:MOST_EVENTS]
    return leading, len(leading)


def _present(events: Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    return tuple(event for event in dict.fromkeys(events) if event in vocabulary.dimensions[EVENT])


def _stages_of_their_own(vocabulary: Vocabulary, journey: Journey, events: Sequence[str]) -> tuple[str, ...]:
    """Returns the stages whose events are neither those of an earlier stage nor one event that stands for itself.

    Stages that count the same events with different numbers or windows would repeat each other's columns.
    """
    seen: set[frozenset[tuple[str, float | None]]] = {frozenset({(event, None)}) for event in events}
    own = []
    for stage in journey.stages:
        counted = frozenset((e, rule.min_value) for rule in stage.rules for e in _present(rule.events, vocabulary))
        if counted and counted not in seen:
            own.append(stage.name)
        seen.add(counted)
    return tuple(own[:MOST_STAGES])


def _channels_of_their_own(vocabulary: Vocabulary, events: Sequence[str]) -> tuple[str, ...]:
    """Returns the most frequent channels, but none that is the only one of an event and has no other event."""
    frequent = most_frequent(vocabulary.dimensions[CHANNEL], MOST_CHANNELS)
    told = {event: vocabulary.dimensions[EVENT][event] for event in events}
    return tuple(name for name in frequent if not _repeats(vocabulary.together.get(name, {}), told))


def _repeats(in_channel: Counts, told: Counts) -> bool:
    """Says whether a channel's events are one told event, all of it."""
    return len(in_channel) == 1 and all(told.get(event) == count for event, count in in_channel.items())
