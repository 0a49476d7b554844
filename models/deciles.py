"""The table that a campaign is planned by: ten groups of equal size, the most probable first."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from features.arrays import Floats, Ints

GROUPS = 10


@dataclass(frozen=True)
class Decile:
    """A tenth of the rows, and what happened there.

    Parameters
    ----------
    decile
        1 has the highest predictions.
    customers
        How many different ones its rows belong to.
    mean_predicted, actual_share
        The probability that was promised and the share in which it happened.
    low, high
        The Wilson interval of the share at 95 %. It takes rows for independent, so it is too narrow where a customer
        has several.
    expected, actual
        The same as numbers of rows.
    """

    decile: int
    rows: int
    customers: int
    mean_predicted: float
    actual_share: float
    low: float
    high: float
    expected: float
    actual: int

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return asdict(self)


def deciles(predicted: Floats, actual: Ints, customers: Ints) -> tuple[Decile, ...]:
    """Returns the groups, the highest predictions first; their sizes differ by one row at most.

    Equal predictions may fall on both sides of a border, in the order of the rows. Fewer than ten rows make a group
    each.

    Parameters
    ----------
    predicted
        Probabilities, shape (rows,).
    actual
        1 where it happened, else 0, shape (rows,).
    customers
        Any integer per customer, shape (rows,).
    """
    order = np.argsort(-predicted, kind="stable")
    n_groups = min(GROUPS, len(order))
    rows = len(order) // n_groups + (np.arange(n_groups) < len(order) % n_groups)
    group = np.repeat(np.arange(n_groups), rows)
    expected = np.bincount(group, weights=predicted[order])
    happened = np.bincount(group, weights=actual[order]).astype(np.int64)
    different = np.unique(np.column_stack([group, customers[order]]), axis=0)
    columns = {
        "rows": rows,
        "customers": np.bincount(different[:, 0]),
        "mean_predicted": expected / rows,
        "actual_share": happened / rows,
        **dict(zip(("low", "high"), wilson(happened, rows), strict=True)),
        "expected": expected,
        "actual": happened,
    }
    lines = zip(*(column.tolist() for column in columns.values()), strict=True)
    return tuple(Decile(place, **dict(zip(columns, line, strict=True))) for place, line in enumerate(lines, 1))


def wilson(happened: Ints, rows: Ints, level: float = 0.95) -> tuple[Floats, Floats]:
    """Returns the ends of the interval around ``happened / rows``.

    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927. Unlike the normal interval it
    stays within 0 and 1 and does not shrink to a point when nothing or everything happened.

    Examples
    --------
    >>> low, high = wilson(np.array([0, 5]), np.array([10, 10]))
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0, 0.2366], [0.2775, 0.7634])
    """
    z = ndtri((1 + level) / 2)
    share = happened / rows
    middle = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    reach = z / (1 + z**2 / rows) * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    return np.maximum(middle - reach, 0.0), np.minimum(middle + reach, 1.0)
