"""How a model and its baselines do on a period that none of them has seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.arrays import Floats, Ints, Texts
from features.targets import NO_LABEL, Target
from models.baselines import baselines_for
from models.enough import is_enough
from models.metrics import evaluate, is_better
from models.target_model import TargetModel
from training.dataset import Dataset
from training.periods import Periods
from training.recipe import MODEL

DECISIVE = {
    "next_stage": ("log_loss", "accuracy"),
    "next_event": ("log_loss", "accuracy"),
    "churn": ("auc", "brier"),
    "purchase": ("auc", "brier"),
}
"""The metrics in which a model must beat every baseline."""

FOREVER = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, eq=False)
class Result:
    """One target and horizon on the test period.

    Parameters
    ----------
    y, customer, cutoff, stage
        The class, the customer's id, the cutoff and the stage of each row, shape (rows,).
    probabilities
        By model, shapes (rows, classes).
    metrics
        By model, and there by the name of the metric.
    """

    target: Target
    horizon: str
    classes: tuple[str, ...]
    y: Ints
    customer: Texts
    cutoff: Ints
    stage: Ints
    probabilities: dict[str, Floats]
    metrics: dict[str, dict[str, float]]

    @property
    def name(self) -> str:
        """What tables call it, such as ``churn_28d``."""
        return f"{self.target.kind}_{self.horizon}"

    def lost_to(self) -> list[tuple[str, str]]:
        """Returns every (baseline, metric) in which the baseline is at least as good, of the decisive metrics."""
        model = self.metrics[MODEL]
        return [
            (name, metric)
            for name, scores in self.metrics.items()
            if name != MODEL
            for metric in DECISIVE[self.target.kind]
            if not is_better(metric, model[metric], scores[metric])
        ]


def metrics_by_name(results: Sequence[Result]) -> dict[str, dict[str, dict[str, float]]]:
    """Returns the metrics of every model by target and horizon."""
    return {result.name: result.metrics for result in results}


def measure(data: Dataset, seen: Dataset, model: TargetModel, periods: Periods) -> list[Result]:
    """Returns how a model and its baselines do on the test period, one result per horizon with enough answers.

    Parameters
    ----------
    data
        What the baselines learn from and are tested on.
    seen
        Rows with the matrix of the model, those of the test period among them.
    """
    tested = np.isin(seen.cutoff, periods.tested)
    forecast = model.predict_proba(seen.matrices[MODEL][tested], seen.stage[tested])
    test = data.take(np.isin(data.cutoff, periods.tested))
    return [
        _measure_one(data, test, model, horizon, periods, forecast[:, place])
        for place, horizon in enumerate(model.target.horizons)
        if is_enough(test.answers(model.target, horizon, FOREVER))
        and is_enough(data.answers(model.target, horizon, periods.calibrated_until))
    ]


def _measure_one(
    data: Dataset, test: Dataset, model: TargetModel, horizon: str, periods: Periods, predicted: Floats
) -> Result:
    target = model.target
    y = test.labels(target, horizon, until=FOREVER)  # the test period was chosen so that every horizon is complete
    asked = y != NO_LABEL
    learnt = data.labels(target, horizon, periods.calibrated_until)
    probabilities = {MODEL: predicted[asked]}
    for baseline in baselines_for(target, len(model.classes), horizon):
        X, known = data.matrices[baseline.name], learnt != NO_LABEL
        baseline.fit(X[known], learnt[known])
        probabilities[baseline.name] = baseline.predict_proba(test.matrices[baseline.name][asked])
    return Result(
        target=target,
        horizon=horizon,
        classes=model.classes,
        y=y[asked],
        customer=test.customers[test.snapshots.customer[asked]],
        cutoff=test.cutoff[asked],
        stage=test.stage[asked],
        probabilities=probabilities,
        metrics={name: evaluate(given, y[asked]) for name, given in probabilities.items()},
    )
