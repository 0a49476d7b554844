"""Which channel deserves how much of the purchases that came by paths through several."""

import numpy as np

from features.arrays import Floats
from features.touches import Paths


def markov_credit(paths: Paths) -> Floats:
    """Returns the purchases that each channel is credited with, by removal effects; shape (channels,).

    Anderl, Becker, von Wangenheim and Schumann 2016, International Journal of Research in Marketing 33, 457-474, for a
    chain of first order: the shares of the removal effects times all purchases on paths.
    """
    effects = removal_effects(paths)
    total = effects.sum()
    return effects / total * paths.converted.sum() if total > 0 else np.zeros(len(effects))


def removal_effects(paths: Paths) -> Floats:
    """Returns by what part fewer paths would end with a purchase without each channel; shape (channels,).

    Without a channel, whoever would have come to it is lost.
    """
    steps = _steps(paths)
    whole = _chance(steps)
    if whole == 0:
        return np.zeros(len(paths.channels))
    return np.array([1.0 - _chance(steps, without) / whole for without in range(len(paths.channels))])


def shapley_credit(paths: Paths) -> Floats:
    """Returns the purchases that each channel is credited with, by Shapley values; shape (channels,).

    The worth of a set of channels is the number of purchases on paths that met no other. Such a game is a sum of
    unanimity games, one for each set that was met, whose value is shared equally among its channels (Shapley 1953, A
    Value for n-Person Games): each purchase divides itself among the different channels of its path. That is exact for
    any number of channels, and takes one pass over the touches in place of a sum over all sets.
    """
    path = np.repeat(np.arange(len(paths)), np.diff(paths.indptr))
    met = np.unique(np.stack([path, paths.code.astype(np.int64)]), axis=1)
    different = np.bincount(met[0], minlength=len(paths))
    part = paths.converted[met[0]] / different[met[0]]
    return np.asarray(np.bincount(met[1], weights=part, minlength=len(paths.channels)), dtype=np.float64)


def _steps(paths: Paths) -> Floats:
    """Returns the probability of each step, shape (channels + 1, channels + 3): to every channel, nowhere, a purchase.

    The last row is where paths begin; nothing leads there, so that its column is empty.
    """
    channels = len(paths.channels)
    begins, lost, bought = channels, channels + 1, channels + 2
    first, last = paths.indptr[:-1], paths.indptr[1:] - 1
    inside = np.ones(len(paths.code), dtype=bool)
    inside[last] = False
    code = paths.code.astype(np.int64)
    before = np.concatenate([np.full(len(paths), begins), code[inside], code[last]])
    after = np.concatenate([code[first], code[np.flatnonzero(inside) + 1], np.where(paths.converted, bought, lost)])
    counts = np.zeros((channels + 1, channels + 3))
    np.add.at(counts, (before, after), 1.0)
    total = counts.sum(axis=1, keepdims=True)
    steps: Floats = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
    return steps


def _chance(steps: Floats, without: int | None = None) -> float:
    """Returns how probable it is that a path ends with a purchase."""
    among = steps[:, : len(steps)].copy()
    if without is not None:
        among[:, without] = 0.0
    return float(np.linalg.solve(np.eye(len(steps)) - among, steps[:, -1])[-1])
