"""What was promised beside what happened, tenth by tenth of the test period, as a predictor keeps it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from features.targets import NO_YES, NextStage
from models.deciles import Decile, deciles
from training.recipe import MODEL
from training.result import Result


def promised(results: Sequence[Result]) -> dict[str, list[dict[str, Any]]]:
    """Returns the deciles of the model as plain data, by names such as ``churn_28d``.

    Of the next stage they are about whether the present one is left; what no single probability orders has none.
    """
    return {result.name: [tenth.to_dict() for tenth in _tenths(result)] for result in results if _is_ordered(result)}


def _is_ordered(result: Result) -> bool:
    return result.classes == NO_YES or isinstance(result.target, NextStage)


def _tenths(result: Result) -> tuple[Decile, ...]:
    probabilities, y = result.probabilities[MODEL], result.y
    customers = np.unique(result.customer.astype(str), return_inverse=True)[1]
    if result.classes == NO_YES:
        return deciles(probabilities[:, 1], y, customers)
    stays = probabilities[np.arange(len(y)), result.stage]
    return deciles(1.0 - stays, (y != result.stage).astype(np.int64), customers)
