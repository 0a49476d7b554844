"""Fits the model of spending, and measures it beside its baselines on a period that none of them has seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from features.arrays import Bools, Floats
from features.targets import Purchase
from models.enough import FEWEST_ROWS
from models.spend import SPEND, Scatter, SpendModel, SpendScores, Spent, log_amounts
from models.spend_baselines import spend_baselines
from models.target_model import TargetModel
from training.dataset import Dataset, Question
from training.fit import GrowSpend, horizon_ends
from training.periods import Periods
from training.recipe import MODEL

FEWEST_ERRORS = 20
"""Buyers in a horizon below which nothing is said of how amounts scatter."""


@dataclass(frozen=True, eq=False)
class SpendResult:
    """Spending in one horizon on the test period.

    Parameters
    ----------
    actual
        What was spent, shape (rows,).
    predicted
        What was expected, by model, shapes (rows,).
    low, high
        The interval of the model, shape (rows,).
    metrics
        By model, and there by the name of the metric.
    """

    horizon: str
    actual: Floats
    predicted: dict[str, Floats]
    low: Floats
    high: Floats
    metrics: dict[str, dict[str, float]]

    @property
    def name(self) -> str:
        """What tables call it, such as ``spend_28d``."""
        return f"{SPEND}_{self.horizon}"


def fit_spend(question: Question, data: Dataset, seen: Dataset, periods: Periods, grow: GrowSpend) -> SpendModel | None:
    """Returns the model of spending on what is known by the end of these periods.

    The regression sees horizons that had ended when fitting ends. How amounts scatter is learnt of horizons that lie
    wholly in the calibration period; where fewer than 200 buyers have such a one, as when the horizon is longer than
    the period, of those that ended in it. These were not fitted on either, but part of what was spent in them lies
    before the end of the fit, where other rows of the same customers tell of it, so that errors may be a little small.

    Parameters
    ----------
    data
        Every row, to see whether there are enough.
    seen
        Rows with the matrix of the model, all later ones among them.

    Returns
    -------
    model
        None where no purchase has a value, or too few have for a model.
    """
    purchase = question.purchase
    if purchase is None:
        return None
    fitted = horizon_ends(data, purchase) <= periods.fitted_until
    learnt = [_later(seen, purchase, place, periods) for place in range(len(purchase.horizons))]
    paid = _spent(data, purchase, fitted).amount > 0
    if paid.sum() < FEWEST_ROWS or min(int(np.sum(spent.amount > 0)) for spent in learnt) < FEWEST_ERRORS:
        return None
    regressor = grow(purchase, periods)
    scatters = tuple(
        Scatter.of(spent.logarithm - log_amounts(regressor, seen.matrices[MODEL][spent.snapshot], place))
        for place, spent in enumerate(learnt)
    )
    return SpendModel(purchase.horizons, regressor, scatters)


def _later(seen: Dataset, purchase: Purchase, place: int, periods: Periods) -> Spent:
    """Returns the buyers in one horizon of whom is learnt how amounts scatter."""
    ends = horizon_ends(seen, purchase)
    ended = (ends > periods.fitted_until) & (ends <= periods.calibrated_until)
    ended[:, np.arange(len(purchase.horizons)) != place] = False
    whole = _spent(seen, purchase, ended & (seen.cutoff >= periods.fitted_until)[:, None])
    return whole if len(whole) >= FEWEST_ROWS else _spent(seen, purchase, ended)


def _spent(data: Dataset, purchase: Purchase, chosen: Bools) -> Spent:
    return Spent.of(data.firsts[purchase.kind], data.amounts, purchase.horizons, chosen)


def measured_spend(
    question: Question, data: Dataset, seen: Dataset, models: Sequence[TargetModel], spend: SpendModel | None
) -> list[SpendResult]:
    """Returns how spending is foreseen on the test period of a question; nothing where there is no model of it.

    Parameters
    ----------
    models
        That of the purchase target among them; the others are as ``measure_spend`` takes them.
    """
    if spend is None:
        return []
    bought = next(model for model in models if model.target == question.purchase)
    return measure_spend(data, seen, bought, spend, question.periods)


def pool_spend(folds: Sequence[tuple[SpendResult, ...]]) -> tuple[SpendResult, ...]:
    """Returns the rows of every fold together, for each horizon; nothing if a fold has nothing to say."""
    if not all(folds):
        return ()
    return tuple(_pooled(results) for results in zip(*folds, strict=True))


def _pooled(results: Sequence[SpendResult]) -> SpendResult:
    low, high, actual = (
        np.concatenate([getattr(result, name) for result in results]) for name in ("low", "high", "actual")
    )
    predicted = {name: np.concatenate([result.predicted[name] for result in results]) for name in results[0].predicted}
    return _evaluated(results[0].horizon, actual, predicted, low, high)


def measure_spend(
    data: Dataset, seen: Dataset, bought: TargetModel, spend: SpendModel, periods: Periods
) -> list[SpendResult]:
    """Returns how spending is foreseen on the test period beside its baselines, one result per horizon.

    Parameters
    ----------
    data
        What the baselines learn from and are tested on.
    seen
        Rows with the matrix of the model, those of the test period among them.
    bought
        The model of the purchase target.
    """
    tested = np.isin(seen.cutoff, periods.tested)
    X = seen.matrices[MODEL][tested]
    scores = spend.forecast(X, bought.predict_proba(X, seen.stage[tested])[:, :, 1])
    predicted = {MODEL: scores.expected, **_baselines(data, bought.target.horizons, periods)}
    actual = data.amounts[np.isin(data.cutoff, periods.tested)]
    return [
        _measure_one(scores, place, actual[:, place], {name: given[:, place] for name, given in predicted.items()})
        for place in range(len(spend.horizons))
    ]


def _baselines(data: Dataset, horizons: tuple[str, ...], periods: Periods) -> dict[str, Floats]:
    """Returns what each baseline expects on the test period, after learning all that comes before it."""
    purchase = Purchase(horizons)
    learnt = np.where(horizon_ends(data, purchase) <= periods.calibrated_until, data.amounts, np.nan)
    rows, tested = data.cutoff <= periods.calibrated_until, np.isin(data.cutoff, periods.tested)
    predicted = {}
    for baseline in spend_baselines(horizons):
        X = data.matrices[baseline.name]
        baseline.fit(X[rows], learnt[rows])
        predicted[baseline.name] = baseline.predict(X[tested])
    return predicted


def _measure_one(scores: SpendScores, place: int, actual: Floats, predicted: dict[str, Floats]) -> SpendResult:
    return _evaluated(scores.horizons[place], actual, predicted, scores.low[:, place], scores.high[:, place])


def _evaluated(horizon: str, actual: Floats, predicted: dict[str, Floats], low: Floats, high: Floats) -> SpendResult:
    metrics = {name: evaluate_spend(given, actual) for name, given in predicted.items()}
    metrics[MODEL]["coverage"] = coverage(low, high, actual)
    return SpendResult(horizon, actual, predicted, low, high, metrics)


def evaluate_spend(predicted: Floats, actual: Floats) -> dict[str, float]:
    """Returns how near amounts are: mean absolute and root mean squared error, bias and rank correlation.

    The bias is all that was predicted for each unit that was spent: one is right, above one too much. Predictions that
    are all alike rank nobody: their correlation is zero.
    """
    error = predicted - actual
    ranked = len(np.unique(predicted)) > 1 and len(np.unique(actual)) > 1
    return {
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "bias": float(predicted.sum() / max(float(actual.sum()), np.finfo(float).tiny)),
        "spearman": float(spearmanr(predicted, actual).statistic) if ranked else 0.0,
    }


def coverage(low: Floats, high: Floats, actual: Floats) -> float:
    """Returns the share of amounts that lie in their interval, bounds included."""
    return float(np.mean((low <= actual) & (actual <= high)))
