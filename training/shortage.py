"""Which targets have too little data for a model: they are answered by a labelled baseline, not refused."""

import numpy as np

from features.arrays import Ints
from features.durations import DAY
from features.errors import TrainingError
from features.targets import Target
from models.hazards import ALWAYS, Bins, PersonPeriods
from models.stage_hazards import StageHazards
from models.target_model import TargetModel
from training.dataset import Dataset, Question, check_labels
from training.periods import Periods
from training.result import FOREVER


def shortages(question: Question, data: Dataset) -> dict[str, str]:
    """Returns why a target cannot be learnt or measured at the main horizon, by its kind; empty if all can be."""
    if question.periods.only_baselines:
        return {target.kind: _too_short(question.periods, target) for target in question.targets}
    found = {}
    for target in question.targets:
        try:
            _check_enough(question, data, target)
        except TrainingError as error:
            found[target.kind] = str(error)
    return found


def _check_enough(question: Question, data: Dataset, target: Target) -> None:
    """Makes sure that a target can be learnt and measured at the main horizon.

    Raises
    ------
    TrainingError
        If it has too few rows, or only one class has enough of them, in what is learnt or in the test.
    """
    periods, horizon = question.periods, question.horizon
    tested = data.take(np.isin(data.cutoff, periods.tested))
    classes, name = target.classes(question.journey), f"{target.kind}_{horizon}"
    learnt = data.answers(target, horizon, periods.calibrated_until)
    check_labels(learnt, name, classes, "training and calibration")
    check_labels(tested.answers(target, horizon, FOREVER), name, classes, "test")


def _too_short(periods: Periods, target: Target) -> str:
    days = (periods.calibrated_until - int(periods.cutoffs[0])) // DAY
    return (
        f"{days} days of cutoffs are too few to learn, to calibrate and to test with horizons up to "
        f"{target.horizons[-1]}; 'nextstage check' says how many more weeks are needed"
    )


def baseline_model(question: Question, data: Dataset, target: Target, periods: Periods) -> TargetModel:
    """Returns the answer by the current stage alone, from everything that is known by the end of these periods."""
    bins = Bins.up_to(target.horizons)
    rows = PersonPeriods.between(data.firsts[target.kind], data.cutoff, bins, ALWAYS, periods.calibrated_until)
    shape = (len(question.journey.stage_names), 1 + len(target.causes(question.journey)))
    stage: Ints = data.stage[rows.snapshot]
    return TargetModel(target, target.classes(question.journey), StageHazards.fit(bins, rows, stage, shape))
