"""Every column of every aggregation has words, and no machine name is in them."""

import json
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from features.aggregations import (
    KINDS,
    Aggregation,
    Attribute,
    Calendar,
    Count,
    Distinct,
    Entropy,
    Gaps,
    LastEvents,
    LastStages,
    Mean,
    NetPromoter,
    Recency,
    Slope,
    StageVisits,
    Sum,
    Tenure,
    Transitions,
    Trend,
)
from features.events import EventLog
from features.featureset import FeatureSet
from features.journey import Journey
from features.sentences import TABLE, describe
from features.snapshots import Snapshots
from features.vocabulary import Vocabulary
from tests.features.said import SETS, said

GOLDEN = Path(__file__).parent.parent / "golden" / "words" / "features.json"
MACHINE = re.compile(r"_|[{}]|\bnan\b|\binf\b|\d+[dhms]\b|lifetime|  |None|\w+\(")
VALUES = (0.0, 1.0, 2.0, 3.0, 0.37, 41.2, 1234.5, -0.5, -3.0, np.nan, np.inf)
OPTIONS = {
    Attribute: {"name": "income"},
    Calendar: {"timezone": "Europe/Warsaw"},
    Gaps: {"values": ("campaign_mailed",)},
}


def sentences(aggregation: Aggregation, journey: Journey, *values: float) -> list[str]:
    """Returns what the first column says of each value, all other columns unknown."""
    chosen = FeatureSet((aggregation,))
    (wording, *_), rows = describe(chosen, journey), np.full((len(values), len(chosen.columns)), np.nan)
    rows[:, 0] = values
    return [wording.say(row, 0) for row in rows]


@pytest.mark.parametrize("kind", sorted(KINDS.values(), key=lambda kind: kind.__name__))
def test_every_kind_of_aggregation_has_sentences_without_machine_names(
    kind: type[Aggregation], journey: Journey, log: EventLog
) -> None:
    assert any(issubclass(kind, known) for known in TABLE)
    options = OPTIONS.get(kind, {})
    chosen = FeatureSet((kind(**options) if kind is Attribute else kind(**options).bind(Vocabulary.of(log), journey),))
    wordings = describe(chosen, journey)
    assert len(wordings) == len(chosen.columns) > 0
    for value in VALUES:
        row = np.full(len(wordings), value)
        for column, wording in enumerate(wordings):
            said = wording.say(row, column)
            assert said
            assert not MACHINE.search(said), f"{chosen.columns[column]} {value}: {said}"


def test_every_column_of_the_default_set_says_something_else(journey: Journey, log: EventLog) -> None:
    chosen = FeatureSet.default(log, journey)
    X = chosen.compute(log, journey, Snapshots.at(log, log.end))
    wordings = describe(chosen, journey)
    for row in X[:40]:
        for column, wording in enumerate(wordings):
            assert not MACHINE.search(wording.say(row, column)), chosen.columns[column]
    told = {tuple(wording.say_alone(value) for value in VALUES) for wording in wordings}
    assert len(told) == len(wordings)


@pytest.mark.parametrize(
    ("aggregation", "value", "said"),
    [
        (Count(values=("visit",), windows=("7d",)), 3.0, "visit 3 times in the last 7 days"),
        (Count(values=("visit",), windows=("lifetime",)), 0.0, "no visit so far"),
        (Count(by="channel", values=("web",), windows=("28d",)), 1.0, "activity by web once in the last 28 days"),
        (Trend(values=("visit",), short="7d", long="28d"), 0.2, "visit in the last 7 days at 0.2 of the usual rate"),
        (Trend(values=("visit",), short="7d", long="28d"), np.nan, "no visit in the last 28 days"),
        (Recency(values=("campaign_mailed",)), np.nan, "no campaign mailed so far"),
        (Sum(values=("purchase",)), 20.4, "purchase with a total value of 20 in the last 28 days"),
        (Mean(values=("order",), measure="item_count"), np.nan, "no order with a known item count in the last 28 days"),
        (NetPromoter(values=("answer",)), -20.0, "answer with a net promoter score of -20 in the last 28 days"),
        (Tenure(), 210.0, "known for 210 days"),
        (Slope(values=("visit",), windows=("84d",)), -0.1, "visit: 0.1 fewer every 7 days in the last 84 days"),
        (Distinct(of="channel", values=("",)), 3.0, "different channels in the last 28 days: 3"),
        (Entropy(of="event", values=("",)), 0.0, "only one kind of event in the last 28 days"),
        (LastEvents(values=("purchase",)), 0.0, "the last event was 'purchase'"),
        (LastEvents(values=("purchase",)), 1.0, "the last event was another"),
        (LastStages(last=1), 2.0, "the stage before the current one was 'occasional'"),
        (StageVisits(stages=("loyal",)), 0.0, "never in stage 'loyal'"),
        (Transitions(moves=("lapsed > loyal",)), 1.0, "moved from stage 'lapsed' to 'loyal' once so far"),
        (Attribute(name="age_group", values=("19-24", "25-34")), 1.0, "age group is '25-34'"),
        (Attribute(name="income"), np.nan, "income is not known"),
        (Calendar(parts=("month",)), 12.0, "it is December"),
    ],
    ids=lambda given: type(given).__name__,
)
def test_words_of_a_column(aggregation: Aggregation, value: float, said: str, journey: Journey) -> None:
    assert sentences(aggregation, journey, value) == [said]


def test_braces_in_names_are_said_as_they_are(journey: Journey) -> None:
    assert sentences(Count(values=("{x}",), windows=("7d",)), journey, 1.0) == ["{x} once in the last 7 days"]
    assert sentences(LastEvents(values=("{x}",)), journey, 0.0) == ["the last event was '{x}'"]


def test_a_recency_says_the_usual_gap_and_a_count_its_share_of_usual(journey: Journey) -> None:
    bought = ("purchase",)
    chosen = FeatureSet((Recency(values=bought), Gaps(values=bought), Count(values=bought, windows=("7d",))))
    with_trend = FeatureSet((*chosen.aggregations, Trend(values=bought, short="7d", long="28d")))
    row = np.array([41.0, 10.0, 12.0, 3.0, 3.4, 3.0, 0.2])
    wordings = describe(with_trend, journey)
    assert wordings[0].say(row, 0) == "no purchase for 41 days, usually every 12 days"
    assert wordings[5].say(row, 5) == "purchase 3 times in the last 7 days, 0.2 of usual"
    assert describe(chosen, journey)[5].say(row, 5) == "purchase 3 times in the last 7 days"


def test_every_kind_of_aggregation_is_among_those_whose_words_are_kept() -> None:
    assert set(KINDS) == {type(each).__name__ for aggregations in SETS.values() for each in aggregations}


def test_the_english_words_are_those_that_were_kept(journey: Journey) -> None:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for column, value, words in said(journey):
        found[column][value] = words
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["pl", "sk", "ru"])
def test_every_sentence_is_said_in_every_language_and_not_in_english(journey: Journey, language: str) -> None:
    english = [words for _, _, words in said(journey)]
    own = [words for _, _, words in said(journey, language)]
    left = re.compile(r"\b(the|in|no|once|twice|times?|last|days?|hours?|every|of|with|known|activity|stage|far|is)\b")
    for before, words in zip(english, own, strict=True):
        apart = re.sub("„[^”“]*[”“]|«[^»]*»", "", words)  # names are other people's
        assert words != before
        assert not left.search(apart), words
        assert not MACHINE.search(words.replace("{x}", "")), words


@pytest.mark.parametrize(
    ("language", "aggregation", "value", "words"),
    [
        ("pl", Count(values=("visit",), windows=("7d",)), 3.0, "zdarzenie „visit” 3 razy w ciągu ostatnich 7 dni"),
        ("pl", LastStages(last=1), 4.0, "etap przed obecnym: „Kupuje kilka razy w tygodniu”"),
        ("pl", Calendar(parts=("month",)), 12.0, "jest grudzień"),
        ("sk", Count(values=("visit",), windows=("7d",)), 0.0, "žiadna udalosť „visit“ za posledných 7 dní"),
        ("sk", Tenure(), 22.0, "zákazník známy už 22 dní"),
        (
            "ru",
            Count(by="channel", values=("web",), windows=("28d",)),
            1.0,
            "активность в канале «web» один раз за последние 28 дней",
        ),
        ("ru", Attribute(name="income"), np.nan, "«income»: нет данных"),
        ("ru", Sum(values=("purchase",)), 1234.5, "событие «purchase» за последние 28 дней: значение всего 1\xa0234"),
    ],
)
def test_words_in_other_languages(
    language: str, aggregation: Aggregation, value: float, words: str, journey: Journey
) -> None:
    chosen = FeatureSet((aggregation,))
    assert describe(chosen, journey, language)[0].say_alone(value) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("pl", "brak zdarzenia „purchase” od 41 dni, zwykle co 12 dni"),
        ("sk", "žiadna udalosť „purchase“ už 41 dní, obvykle raz za 12 dní"),
        ("ru", "события «purchase» нет уже 41 день, обычно раз в 12 дней"),
    ],
)
def test_the_usual_gap_is_said_in_every_language(language: str, words: str, journey: Journey) -> None:
    chosen = FeatureSet((Recency(values=("purchase",)), Gaps(values=("purchase",))))
    assert describe(chosen, journey, language)[0].say(np.array([41.0, 10.0, 12.0, 3.0, 3.4]), 0) == words
