"""Into how many groups customers fall of their own accord, if they do: k-means that has to prove itself twice.

A number of groups counts as stable when k-means on different halves of the customers puts all of them into the same
groups, measured by the adjusted Rand index (Ben-Hur, Elisseeff and Guyon, "A stability based method for discovering
structure in clustered data", 2002; Fang and Wang, "Selection of the number of clusters via the bootstrap method",
2012).
One long cloud is cut into halves just as reliably, so the groups must also be tighter than those of a single Gaussian
cloud of the same covariance (Liu, Hayes, Nobel and Marron, "Statistical significance of clustering for high-dimension,
low-sample size data", 2008).
"""

import warnings
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from features.arrays import Floats, Ints

MOST_GROUPS = 8
STABLE = 0.85
"""The mean adjusted Rand index from which groups count as stable (Hennig, "Cluster-wise assessment of cluster
stability", 2007, has 0.85 for highly stable ones, by the Jaccard index)."""
AS_STABLE = 0.02
"""Of numbers whose indices differ by less, the largest says most."""
SMALLEST = 0.05
"""The share of customers below which a group is a handful of outliers to plan nothing for."""
HALVES = 8
CLOUDS = 19
"""Draws of a single cloud: to be tighter than all of them, by any number of groups, happens to one in 20 by chance."""
SAMPLE = 4_000  # customers on whom the number of groups is chosen
STARTS = 12


@dataclass(frozen=True)
class Trial:
    """What was found of one number of groups.

    Parameters
    ----------
    agreement
        The mean adjusted Rand index between groups learnt from different halves.
    smallest
        The share of the smallest group.
    is_tighter
        Whether the groups are tighter than those of any single cloud; not looked at where the rest fails already.
    """

    groups: int
    agreement: float
    smallest: float
    is_tighter: bool

    @property
    def holds(self) -> bool:
        """Whether customers fall into so many groups."""
        return _is_worth_it(self.agreement, self.smallest) and self.is_tighter


@dataclass(frozen=True, eq=False)
class Division:
    """The centres of the groups, the largest group first, shape (groups, columns), and what was tried."""

    centres: Floats
    trials: tuple[Trial, ...]


def divide(Z: Floats, seed: int = 0) -> Division:
    """Returns the most stable division of standardised rows; one group if no division is stable.

    Parameters
    ----------
    Z
        Shape (rows, columns), standardised.
    """
    rng = np.random.default_rng(seed)
    sample = Z if len(Z) <= SAMPLE else Z[np.sort(rng.choice(len(Z), SAMPLE, replace=False))]
    trials = _trials(sample, rng, seed)
    holding = [trial for trial in trials if trial.holds]
    best = max((trial.agreement for trial in holding), default=0.0)
    groups = max((trial.groups for trial in holding if trial.agreement > best - AS_STABLE), default=1)
    centres = _fitted(Z, groups, seed) if groups > 1 else Z.mean(axis=0, keepdims=True)
    sizes = np.bincount(nearest(centres, Z), minlength=groups)
    return Division(centres[np.argsort(-sizes, kind="stable")], trials)


def nearest(centres: Floats, Z: Floats) -> Ints:
    """Returns the place of the nearest centre of each row; the same alone and among others."""
    squares = np.stack([((Z - centre) ** 2).sum(axis=1) for centre in centres])
    return np.asarray(squares.argmin(axis=0))


def _trials(Z: Floats, rng: np.random.Generator, seed: int) -> tuple[Trial, ...]:
    """Tries every number of groups that is not absurd for so many customers."""
    most = min(MOST_GROUPS, len(Z) // 20)
    if most < 2 or Z.shape[1] == 0:
        return ()
    halves = [rng.choice(len(Z), len(Z) // 2, replace=False) for _ in range(HALVES)]
    found = [(groups, _agreement(Z, groups, halves, seed), _smallest(Z, groups, seed)) for groups in range(2, most + 1)]
    tighter = _tighter(Z, [groups for groups, *told in found if _is_worth_it(*told)], rng, seed)
    return tuple(Trial(groups, agreement, smallest, groups in tighter) for groups, agreement, smallest in found)


def _agreement(Z: Floats, groups: int, halves: list[Ints], seed: int) -> float:
    labels = [nearest(_fitted(Z[half], groups, seed), Z) for half in halves]
    return float(np.mean([adjusted_rand_score(one, other) for one, other in combinations(labels, 2)]))


def _smallest(Z: Floats, groups: int, seed: int) -> float:
    return float(np.bincount(nearest(_fitted(Z, groups, seed), Z), minlength=groups).min() / len(Z))


def _tighter(Z: Floats, asked: list[int], rng: np.random.Generator, seed: int) -> list[int]:
    """Returns the numbers of groups that are tighter than in any cloud.

    Looseness is taken relative to the clouds' mean of the same number, and compared with the smallest of any cloud and
    number: who asks often must not be lucky more often.
    """
    if not asked:
        return []
    spread = np.linalg.cholesky(np.atleast_2d(np.cov(Z, rowvar=False)) + 1e-9 * np.eye(Z.shape[1]))
    clouds = (rng.standard_normal(Z.shape) @ spread.T for _ in range(CLOUDS))
    loose = np.array([[_looseness(cloud, groups, seed) for groups in asked] for cloud in clouds])
    usual = loose.mean(axis=0)
    own = np.array([_looseness(Z, groups, seed) for groups in asked]) / usual
    return [groups for groups, relative in zip(asked, own, strict=True) if relative < (loose / usual).min()]


def _is_worth_it(agreement: float, smallest: float) -> bool:
    return agreement >= STABLE and smallest >= SMALLEST


def _looseness(Z: Floats, groups: int, seed: int) -> float:
    """Returns the share of all squares that lies within the groups."""
    centres = _fitted(Z, groups, seed)
    within = ((Z - centres[nearest(centres, Z)]) ** 2).sum()
    return float(within / ((Z - Z.mean(axis=0)) ** 2).sum())


def _fitted(Z: Floats, groups: int, seed: int) -> Floats:
    with threadpool_limits(1), warnings.catch_warnings():  # one thread: sums in one order, on however many cores
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different customers than groups: some are empty
        model = KMeans(groups, n_init=STARTS, random_state=seed).fit(Z)
    return np.asarray(model.cluster_centers_, dtype=np.float64)
