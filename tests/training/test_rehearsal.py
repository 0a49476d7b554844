from dataclasses import replace

import numpy as np
import pytest

from features.errors import TrainingError
from features.events import EventLog
from features.journey import Journey
from features.timestamps import parse_moment
from tests.conftest import RECIPE
from training.periods import split_periods
from training.rehearsal import Rehearsal

QUICK = replace(RECIPE, options=replace(RECIPE.options, rounds=5))


@pytest.fixture(scope="module")
def rehearsal(log: EventLog, journey: Journey) -> Rehearsal:
    return Rehearsal.before(log, journey, QUICK)


def test_it_ends_where_the_training_run_begins_to_calibrate(rehearsal: Rehearsal, log: EventLog) -> None:
    fitted_until = split_periods(log, RECIPE.horizons, RECIPE.periods).fitted_until
    assert parse_moment(rehearsal.facts["until"]) == fitted_until
    assert rehearsal.data.cutoff.max() < fitted_until
    for kind in ("churn", "purchase"):  # a stage's end follows from earlier events
        firsts = rehearsal.data.firsts[kind]
        known = firsts.wait < np.iinfo(np.int64).max
        assert (rehearsal.data.cutoff + firsts.wait)[known].max() <= fitted_until


def test_whatever_comes_later_changes_no_loss(rehearsal: Rehearsal, log: EventLog, journey: Journey) -> None:
    """Calibration and test of the training run may hold anything, other names of events included."""
    moment = parse_moment(rehearsal.facts["until"])
    rng = np.random.default_rng(0)
    time = np.where(log.time > moment, rng.integers(moment + 1, log.end, len(log.time)), log.time)
    order = np.lexsort((time, log.customer))
    dimensions = {name: dimension.take(order) for name, dimension in log.dimensions.items()}
    later = np.flatnonzero(time[order] > moment)
    dimensions["event"].codes[later] = rng.integers(0, len(dimensions["event"].names), len(later))
    other = replace(
        log,
        time=time[order],
        dimensions=dimensions,
        measures={name: measure[order] for name, measure in log.measures.items()},
        end=log.end,
    )
    again = Rehearsal.before(other, journey, QUICK)
    assert again.facts == rehearsal.facts
    target = rehearsal.targets[0]
    assert again.losses(target, QUICK.options) == rehearsal.losses(target, QUICK.options)


def test_losses_depend_on_the_options_and_name_target_and_horizon(rehearsal: Rehearsal) -> None:
    target = rehearsal.targets[0]
    few, many = (rehearsal.losses(target, replace(QUICK.options, rounds=rounds)) for rounds in (1, 30))
    assert list(few) == [f"{target.kind}_{horizon}" for horizon in rehearsal.facts["horizons"]]
    assert few != many
    assert all(0 < loss < 2 for loss in [*few.values(), *many.values()])


def test_horizons_that_do_not_fit_are_left_out_the_longest_first(rehearsal: Rehearsal) -> None:
    assert rehearsal.facts["horizons"] == ["7d", "14d", "28d"]


def test_the_target_with_most_causes_comes_last(rehearsal: Rehearsal) -> None:
    assert [target.kind for target in rehearsal.targets] == ["churn", "purchase", "next_stage"]


def test_a_log_without_room_before_its_calibration_says_so(log: EventLog, journey: Journey) -> None:
    wide = replace(QUICK, periods=QUICK.periods.model_copy(update={"history": "84d", "calibration": "35d"}))
    with pytest.raises(TrainingError, match="where calibration begins, are too short to tune on"):
        Rehearsal.before(log, journey, wide)
