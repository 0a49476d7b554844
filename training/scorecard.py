"""What a backtest says of one target and horizon: figures with intervals, folds, groups, deciles and a grade."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.arrays import Bools, Ints, Texts
from models.bootstrap import Interval, Resampling, bootstrap
from models.deciles import Decile, deciles
from models.metrics import evaluate
from training.backtest import Backtest
from training.grades import Grade, grade
from training.recipe import MODEL
from training.result import DECISIVE, Result

FEWEST_IN_A_GROUP = 100
QUICK = Resampling(replicates=300)
"""Drawn often enough for the ends of a 95 % interval, on a dozen targets and horizons."""


@dataclass(frozen=True, eq=False)
class Scorecard:
    """One target and horizon over all folds.

    Parameters
    ----------
    is_main
        Whether it is the horizon that tables and audiences show.
    metrics
        On the rows of all folds, by model.
    intervals
        Of the model, for its decisive metrics and log loss.
    by_fold
        For each fold the metrics by model.
    by_group
        The model's metrics among the customers of each stage or other group, by its name.
    deciles
        Of the probability of yes; empty where there are more than two classes.
    """

    name: str
    is_main: bool
    rows: int
    customers: int
    metrics: Mapping[str, Mapping[str, float]]
    intervals: tuple[Interval, ...]
    by_fold: tuple[Mapping[str, Mapping[str, float]], ...]
    by_group: Mapping[str, Mapping[str, float]]
    deciles: tuple[Decile, ...]
    grade: Grade

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return {
            "rows": self.rows,
            "customers": self.customers,
            "metrics": self.metrics,
            "intervals": [interval.to_dict() for interval in self.intervals],
            "by_fold": list(self.by_fold),
            "by_group": self.by_group,
            "deciles": [decile.to_dict() for decile in self.deciles],
            **self.grade.to_dict(),
        }


def scorecards(
    backtest: Backtest,
    stage_names: Sequence[str],
    groups: Mapping[str, str] | None = None,
    resampling: Resampling = QUICK,
) -> tuple[Scorecard, ...]:
    """Returns a scorecard for each target and horizon.

    Parameters
    ----------
    groups
        The group of each customer by its id, such as a region; the stage at the cutoff stands beside it.
    """
    cards = []
    for result in backtest.pooled:
        by_fold = tuple(fold.metrics[result.name] for fold in backtest.folds)
        is_main = result.horizon == backtest.recipe.horizon
        cards.append(_scorecard(result, is_main, by_fold, _members(result, stage_names, groups or {}), resampling))
    return tuple(cards)


def describe_backtest(backtest: Backtest, cards: Sequence[Scorecard]) -> dict[str, Any]:
    """Returns a backtest as plain data."""
    return {
        "recipe": backtest.recipe.to_dict(),
        "folds": [fold.periods.describe() for fold in backtest.folds],
        "left_out": dict(backtest.left_out),
        "scorecards": {card.name: card.to_dict() for card in cards},
        "spend": {
            pooled.name: {
                "metrics": pooled.metrics,
                "by_fold": [fold.spend_results[place].metrics for fold in backtest.folds],
            }
            for place, pooled in enumerate(backtest.spend)
        },
    }


def grade_result(result: Result, resampling: Resampling = QUICK) -> Grade:
    """Returns the grade of a model on the rows of one result."""
    baselines = {name: given for name, given in result.probabilities.items() if name != MODEL}
    decisive = DECISIVE[result.target.kind]
    return grade(result.probabilities[MODEL], baselines, result.y, _codes(result.customer), decisive, resampling)


def _scorecard(
    result: Result,
    is_main: bool,
    by_fold: tuple[Mapping[str, Mapping[str, float]], ...],
    members: Mapping[str, Bools],
    resampling: Resampling,
) -> Scorecard:
    model, customer = result.probabilities[MODEL], _codes(result.customer)
    shown = list(dict.fromkeys([*DECISIVE[result.target.kind], "log_loss"]))
    return Scorecard(
        name=result.name,
        is_main=is_main,
        rows=len(result.y),
        customers=int(customer.max()) + 1,
        metrics=result.metrics,
        intervals=tuple(bootstrap(model, result.y, customer, shown, resampling).values()),
        by_fold=by_fold,
        by_group=_by_group(result, members),
        deciles=deciles(model[:, 1], result.y, customer) if model.shape[1] == 2 else (),
        grade=grade_result(result, resampling),
    )


def _members(result: Result, stage_names: Sequence[str], groups: Mapping[str, str]) -> dict[str, Bools]:
    """Returns which rows belong to each stage, and to each other group of customers."""
    own = np.array([groups.get(name, "") for name in result.customer], dtype=object)
    return {
        **{f"stage {name}": result.stage == code for code, name in enumerate(stage_names)},
        **{name: np.asarray(own == name) for name in sorted(set(groups.values()))},
    }


def _by_group(result: Result, members: Mapping[str, Bools]) -> dict[str, dict[str, float]]:
    """Returns the metrics of every group that is large enough and in which more than one class occurred."""
    large = {
        name: rows
        for name, rows in members.items()
        if rows.sum() >= FEWEST_IN_A_GROUP and len(np.unique(result.y[rows])) > 1
    }
    model = result.probabilities[MODEL]
    return {name: {"rows": float(rows.sum()), **evaluate(model[rows], result.y[rows])} for name, rows in large.items()}


def _codes(customer: Texts) -> Ints:
    return np.unique(customer.astype(str), return_inverse=True)[1]
