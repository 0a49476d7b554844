import numpy as np
import pandas as pd

from features.aggregations import Attribute, Count, CurrentStage, LastEvents, Sum
from features.featureset import FeatureSet
from features.journey import Journey
from models.enough import FEWEST_OF_A_CLASS
from tests.training.readiness.conftest import gathered
from training.readiness.evidence import EVENTS, MOST_CUTOFFS, YesNo, sources_of


def test_cutoffs_lie_one_horizon_apart_and_end_with_the_last_answer(events: pd.DataFrame, journey: Journey) -> None:
    evidence = gathered(events, journey)
    cutoffs = np.unique(evidence.snapshots.cutoff)
    step = 28 * 86_400_000_000
    assert np.diff(cutoffs).tolist() == [step] * (MOST_CUTOFFS - 1)
    assert cutoffs[-1] + step == int(events["timestamp"].max().timestamp() * 1e6)
    assert evidence.X.shape == (len(evidence.snapshots), len(evidence.sources))


def test_the_next_stage_is_asked_as_moving_and_class_by_class(events: pd.DataFrame, journey: Journey) -> None:
    names = {question.name: question.of_one_stage for question in gathered(events, journey).questions}
    stages = {f"next_stage_28d '{name}'": True for name in journey.stage_names}
    assert names == {"next_stage_28d moves": False, **stages, "purchase_28d": False, "churn_28d": False}


def test_judged_are_as_few_of_the_last_cutoffs_as_hold_both_answers(events: pd.DataFrame, journey: Journey) -> None:
    evidence = gathered(events, journey)
    cutoff, everyone = evidence.snapshots.cutoff, np.ones(len(evidence.snapshots), dtype=bool)
    few = np.zeros(len(cutoff), dtype=bool)
    last, before = (np.flatnonzero(cutoff == moment) for moment in np.unique(cutoff)[:-3:-1])
    few[last[: FEWEST_OF_A_CLASS - 1]] = True
    assert evidence.rows(YesNo("rare", everyone, few)) is None
    few[before[0]] = True
    rows = evidence.rows(YesNo("rare", everyone, few))
    assert rows is not None
    assert np.unique(cutoff[rows]).tolist() == np.unique(cutoff)[-2:].tolist()
    few[last[FEWEST_OF_A_CLASS]] = True
    rows = evidence.rows(YesNo("rare", everyone, few))
    assert rows is not None
    assert np.unique(cutoff[rows]).tolist() == [cutoff.max()]


def test_a_log_shorter_than_the_horizon_has_no_evidence(events: pd.DataFrame, journey: Journey) -> None:
    evidence = gathered(events[events["timestamp"] < "2024-01-20"], journey)
    assert len(evidence.snapshots) == 0
    assert [evidence.rows(question) for question in evidence.questions] == [None] * len(evidence.questions)


def test_every_column_knows_what_it_is_made_from(journey: Journey) -> None:
    features = FeatureSet(
        (
            Count(by="event", values=("purchase", "purchase refused"), windows=("7d",)),
            Count(by="channel", values=("web",), windows=("7d",)),
            Count(by="size", values=("s",), windows=("7d",)),
            Sum(by="all", values=("",), measure="margin", windows=("7d",)),
            LastEvents(values=("purchase",), last=1),
            CurrentStage(),
            Attribute(name="Home Town"),
        )
    )
    assert sources_of(features, journey) == (
        EVENTS,
        "event 'purchase refused'",
        EVENTS,
        "column 'size'",
        "column 'margin'",
        EVENTS,
        EVENTS,
        "attribute 'Home Town'",
    )
