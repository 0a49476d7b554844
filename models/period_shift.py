"""By how much a period shifts the odds of everybody at once, beyond what a calibrated model can know before it."""

from collections.abc import Mapping
from typing import Any

USUAL_SHIFT = 0.25
"""The standard deviation of the log-odds where it was not measured: odds wrong by a factor of 1.3, either way."""
FACT = "period_shifts"


def period_shifts(facts: Mapping[str, Any]) -> dict[str, float]:
    """Returns the shift of each target and horizon, such as ``churn_28d``, that training noted among the facts.

    Examples
    --------
    >>> period_shifts({"period_shifts": {"churn_28d": 0.1}}), period_shifts({})
    ({'churn_28d': 0.1}, {})
    """
    return dict(facts.get(FACT, {}))
