"""How good probabilities are: proper scores, discrimination, calibration and lift."""

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from features.arrays import Floats, Ints

LOWER_IS_BETTER = frozenset({"log_loss", "brier", "ece"})


def is_better(metric: str, this: float, than: float) -> bool:
    """Says whether one figure of a metric is strictly better than another."""
    return this < than if metric in LOWER_IS_BETTER else this > than


def evaluate(probabilities: Floats, y: Ints) -> dict[str, float]:
    """Returns every metric that applies to a target with these classes.

    Parameters
    ----------
    probabilities
        Shape (rows, classes).
    y
        Class codes, shape (rows,).
    """
    metrics = {
        "log_loss": log_loss(probabilities, y),
        "brier": brier(probabilities, y),
        "accuracy": float(np.mean(probabilities.argmax(axis=1) == y)),
        "ece": expected_calibration_error(probabilities, y),
    }
    if probabilities.shape[1] == 2:
        yes = probabilities[:, 1]
        metrics["auc"] = float(roc_auc_score(y, yes))
        metrics["average_precision"] = float(average_precision_score(y, yes))
        metrics["lift_10"] = lift(yes, y, 0.10)
    return metrics


def log_loss(probabilities: Floats, y: Ints) -> float:
    """Returns the mean negative log probability of what happened, in nats."""
    happened = probabilities[np.arange(len(y)), y]
    return float(-np.mean(np.log(np.clip(happened, 1e-15, 1.0))))


def brier(probabilities: Floats, y: Ints) -> float:
    """Returns the mean squared error of the probabilities; with two classes of that of the second one.

    Brier, "Verification of forecasts expressed in terms of probability", 1950: the sum over classes, which counts a
    two-class error twice, so it is halved there as is usual.
    """
    squared = np.sum((probabilities - np.eye(probabilities.shape[1])[y]) ** 2, axis=1)
    return float(np.mean(squared) / (2.0 if probabilities.shape[1] == 2 else 1.0))


def expected_calibration_error(probabilities: Floats, y: Ints, bins: int = 10) -> float:
    """Returns the mean distance between predicted and actual share over bins of equal mass.

    With two classes that of the second one; with more, of the most probable class (confidence against accuracy), as
    in Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, equation 3, with equal-mass bins.
    """
    if probabilities.shape[1] == 2:
        predicted, actual = probabilities[:, 1], (y == 1).astype(np.float64)
    else:
        predicted, actual = probabilities.max(axis=1), (probabilities.argmax(axis=1) == y).astype(np.float64)
    table = reliability(predicted, actual, bins)
    weights = table[:, 2] / table[:, 2].sum()
    return float(np.sum(weights * np.abs(table[:, 0] - table[:, 1])))


def reliability(predicted: Floats, actual: Floats, bins: int = 10) -> Floats:
    """Returns mean prediction, actual share and size of each equal-mass bin, shape (bins, 3), lowest first."""
    order = np.argsort(predicted, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return np.array([[predicted[part].mean(), actual[part].mean(), len(part)] for part in parts])


def lift(score: Floats, y: Ints, share: float) -> float:
    """Returns how many times more often the class occurs among the highest-scored share than among all."""
    top = max(1, round(share * len(y)))
    chosen = np.argsort(-score, kind="stable")[:top]
    return float(np.mean(y[chosen] == 1) / max(np.mean(y == 1), 1e-12))
