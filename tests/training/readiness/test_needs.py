import numpy as np
import pandas as pd
import pytest

from features.errors import TrainingError
from features.events import EventLog
from features.ingest import log_from_frame
from features.journey import Journey
from features.phrases import amount
from features.snapshots import Snapshots
from features.targets import NO_LABEL
from features.vocabulary import Vocabulary
from tests.data import generated_events
from tests.training.readiness.conftest import only
from training.config import Config, PeriodConfig
from training.dataset import check_labels
from training.periods import split_periods
from training.readiness.finding import Verdict
from training.readiness.needs import Longer, needs
from training.recipe import Recipe
from training.train import ask

DAY = 86_400_000_000


def sample(customers: int, days: int = 300) -> EventLog:
    return log_from_frame(generated_events(customers, days))


def test_rows_per_class_are_told_of_each_period(log: EventLog, journey: Journey, config: Config) -> None:
    findings = needs(log, journey, config)
    assert [finding.subject for finding in findings] == [
        "periods",
        "rows of next_stage_28d",
        "rows of churn_28d",
        "rows of purchase_28d",
    ]
    periods = split_periods(log, config.horizons, config.periods)
    bought = only(findings, "rows of purchase_28d").numbers
    learnt = periods.cutoffs[periods.cutoffs + 28 * DAY <= periods.calibrated_until]
    assert sum(bought["training and calibration"].values()) == len(Snapshots.grid(log, learnt))
    assert sum(bought["test"].values()) == len(Snapshots.grid(log, periods.tested))


@pytest.mark.parametrize("customers", [3, 12, 30, 45, 60, 100, 300])
def test_what_blocks_is_what_training_refuses(customers: int, journey: Journey, config: Config) -> None:
    log = sample(customers)
    blocked = {
        finding.subject
        for finding in needs(log, journey, config)
        if finding.verdict is Verdict.BLOCKS and finding.numbers
    }
    question = ask(Vocabulary.of(log), log, journey, Recipe())
    data, periods, refused = question.dataset(log), question.periods, set()
    tested = data.take(np.isin(data.cutoff, periods.tested))
    for target in question.targets:
        for horizon in target.horizons:
            named = {
                "training and calibration": data.labels(target, horizon, periods.calibrated_until),
                "test": tested.labels(target, horizon, log.end),
            }
            for name, labels in named.items():
                try:
                    check_labels(labels[labels != NO_LABEL], "it", target.classes(journey), name)
                except TrainingError:
                    refused.add(f"{target.kind}_{horizon}, {name}")
    assert blocked == refused


def test_the_weeks_that_are_missing_are_foretold_by_the_rate_of_the_log(journey: Journey, config: Config) -> None:
    log = sample(30)
    found = next(it for it in needs(log, journey, config) if it.subject == "purchase_28d, test")
    have, weeks = found.numbers["have"], found.numbers["missing_weeks"]
    per_cutoff = have / len(split_periods(log, config.horizons, config.periods).tested)
    assert have + per_cutoff * weeks >= found.numbers["need"] == 200 > have + per_cutoff * (weeks - 1)
    assert f"{have} of 200 rows, about {amount(weeks, 'more week')}" in found.sentence
    assert "'periods.test' that much longer" in found.sentence


def test_a_period_made_as_long_as_told_is_enough(journey: Journey, config: Config) -> None:
    short, full = sample(30), sample(30, days=500)
    found = next(it for it in needs(short, journey, config) if it.subject == "purchase_28d, test")
    longer = PeriodConfig(test=f"{28 + 7 * found.numbers['missing_weeks']}d")
    findings = needs(full, journey, config.model_copy(update={"periods": longer}))
    assert not [it for it in findings if it.subject == "purchase_28d, test"]


@pytest.mark.parametrize("days", [100, 150, 200])
def test_a_log_too_short_says_how_many_weeks_are_missing(days: int, journey: Journey, config: Config) -> None:
    log = sample(300, days)
    (found,) = needs(log, journey, config)
    assert found.verdict is Verdict.BLOCKS
    weeks = found.numbers["missing_weeks"]
    assert f"so {amount(weeks, 'more week')} for history" in found.sentence
    split_periods(Longer(log.start, log.end + weeks * 7 * DAY), config.horizons, config.periods)
    with pytest.raises(TrainingError, match="too short"):
        split_periods(Longer(log.start, log.end + (weeks - 1) * 7 * DAY), config.horizons, config.periods)


def test_a_wrong_year_is_told_in_the_words_of_training(events: pd.DataFrame, journey: Journey, config: Config) -> None:
    wrong = events.copy()
    wrong.loc[0, "timestamp"] = pd.Timestamp("1970-01-01", tz="UTC")
    (found,) = needs(log_from_frame(wrong), journey, config)
    assert found.verdict is Verdict.BLOCKS
    assert "correct a wrong year" in found.sentence


def test_a_class_that_training_hardly_sees_is_a_warning(journey: Journey, config: Config) -> None:
    log = sample(300)
    found = only(needs(log, journey, config), "rows of next_stage_28d")
    few = [name for name, count in found.numbers["training and calibration"].items() if count < 20]
    assert (found.verdict is Verdict.WARNING) == bool(few)
    assert np.all([name in found.sentence.split("to learn")[-1] for name in few])
