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
        "accuracy": float(np.mean(hits(probabilities, y))),
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
    return float(np.mean(log_losses(probabilities, y)))


def log_losses(probabilities: Floats, y: Ints) -> Floats:
    """Returns the negative log probability of what happened in each row, in nats."""
    happened = probabilities[np.arange(len(y)), y]
    return np.asarray(-np.log(np.clip(happened, 1e-15, 1.0)))


def entropy(y: Ints) -> float:
    """Returns the log loss of who knows nothing but how often each class came, in nats.

    Examples
    --------
    >>> round(entropy(np.array([0, 0, 1, 1])), 6)
    0.693147
    """
    shares = np.bincount(y) / len(y)
    return float(-np.sum(shares[shares > 0] * np.log(shares[shares > 0])))


def brier(probabilities: Floats, y: Ints) -> float:
    """Returns the mean squared error of the probabilities; with two classes of that of the second one.

    Brier, "Verification of forecasts expressed in terms of probability", 1950: the sum over classes, which counts a
    two-class error twice, so it is halved there as is usual.
    """
    return float(np.mean(squared_errors(probabilities, y)))


def squared_errors(probabilities: Floats, y: Ints) -> Floats:
    """Returns the squared error of each row's probabilities, halved with two classes as in the Brier score."""
    squared = np.sum((probabilities - np.eye(probabilities.shape[1])[y]) ** 2, axis=1)
    return np.asarray(squared / (2.0 if probabilities.shape[1] == 2 else 1.0))


def hits(probabilities: Floats, y: Ints) -> Floats:
    """Returns 1.0 where the most probable class happened, else 0.0."""
    right: Floats = (probabilities.argmax(axis=1) == y).astype(np.float64)
    return right


def expected_calibration_error(probabilities: Floats, y: Ints, bins: int = 10) -> float:
    """Returns the mean distance between predicted and actual share over bins of equal mass.

    With two classes that of the second one; with more, of the most probable class (confidence against accuracy), as
    in Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, equation 3, with equal-mass bins.
    """
    table = reliability(confidence(probabilities), confirmed(probabilities, y), bins)
    weights = table[:, 2] / table[:, 2].sum()
    return float(np.sum(weights * np.abs(table[:, 0] - table[:, 1])))


def confidence(probabilities: Floats) -> Floats:
    """Returns the probability whose calibration is judged: of two classes the second's, of more the highest."""
    return np.asarray(probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities.max(axis=1))


def confirmed(probabilities: Floats, y: Ints) -> Floats:
    """Returns 1.0 where what ``confidence`` is the probability of happened, else 0.0."""
    return (y == 1).astype(np.float64) if probabilities.shape[1] == 2 else hits(probabilities, y)


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
