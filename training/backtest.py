"""Trains and tests a recipe again and again at earlier and earlier moments, as if each had been the present one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from features.errors import TrainingError
from features.events import EventLog
from features.journey import Journey
from features.vocabulary import Vocabulary
from models.metrics import evaluate
from training.dataset import Dataset, Question
from training.fit import fit_target, grower
from training.periods import Periods, rolling_origins
from training.recipe import Recipe
from training.result import Result, measure, metrics_by_name
from training.shortage import shortages
from training.spend import SpendResult, fit_spend, measured_spend, pool_spend
from training.train import question_of

FOLDS = 4


@dataclass(frozen=True, eq=False)
class Fold:
    """One origin: what was learnt before it, and how it did after it, for each target and horizon.

    Parameters
    ----------
    spend_results
        Of the expected spending, for each horizon; none where too few bought.
    """

    periods: Periods
    results: tuple[Result, ...]
    spend_results: tuple[SpendResult, ...] = ()

    @property
    def metrics(self) -> dict[str, dict[str, dict[str, float]]]:
        """The metrics of every model by target and horizon."""
        return metrics_by_name(self.results)


@dataclass(frozen=True, eq=False)
class Backtest:
    """Every fold, oldest first, and their rows together for each target and horizon.

    Parameters
    ----------
    left_out
        Why a target has too little data for a model in some fold, by its kind.
    spend
        The spending of the rows of every fold, for each horizon; none if a fold has none.
    """

    recipe: Recipe
    folds: tuple[Fold, ...]
    pooled: tuple[Result, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    spend: tuple[SpendResult, ...] = ()


def run_backtest(
    log: EventLog,
    journey: Journey,
    recipe: Recipe,
    folds: int = FOLDS,
    on_progress: Callable[[float], None] | None = None,
) -> Backtest:
    """Returns how a recipe does at rolling origins; features are computed once for all of them.

    A target that has too little data in some fold is left out.

    Parameters
    ----------
    folds
        How many origins at most.
    on_progress
        Called with the share of the work done since the last call; the shares sum to one.

    Raises
    ------
    NextstageError
        As ``training.train.train`` does, or if every target has too little data.
    """
    origins = rolling_origins(log, recipe.horizons, recipe.periods, folds)
    question = question_of(Vocabulary.of(log), journey, recipe, origins[-1])
    data = question.dataset(log)
    left_out = _lacking(question, data, origins)
    question = replace(question, targets=tuple(each for each in question.targets if each.kind not in left_out))
    if not question.targets:
        raise TrainingError("; ".join(left_out.values()))
    share = 2.0 / len(origins)  # a grower counts on being asked twice

    def advance(done: float) -> None:
        if on_progress is not None:
            on_progress(done * share)

    grow = grower(question, data, recipe, advance)

    def test(periods: Periods) -> Fold:
        asked: Question = replace(question, periods=periods)
        models = [fit_target(asked, data, data, target, periods, grow.target) for target in question.targets]
        spend = fit_spend(asked, data, data, periods, grow.spend)
        return Fold(
            periods,
            tuple(result for model in models for result in measure(data, data, model, periods)),
            tuple(measured_spend(asked, data, data, models, spend)),
        )

    done = tuple(test(periods) for periods in origins)
    spent = pool_spend([fold.spend_results for fold in done])
    return Backtest(recipe, done, pool([fold.results for fold in done]), left_out, spent)


def _lacking(question: Question, data: Dataset, origins: Sequence[Periods]) -> dict[str, str]:
    """Returns which targets cannot be learnt or measured at some origin, and why."""
    found: dict[str, str] = {}
    for periods in origins:
        found |= shortages(replace(question, periods=periods), data)
    return found


def pool(folds: Sequence[tuple[Result, ...]]) -> tuple[Result, ...]:
    """Returns the rows of every fold together, for each target and horizon that all measured, with their metrics."""
    by_name = [{result.name: result for result in results} for results in folds]
    names = [name for name in by_name[0] if all(name in known for known in by_name)]
    return tuple(_pool_one([known[name] for known in by_name]) for name in names)


def _pool_one(results: Sequence[Result]) -> Result:
    first = results[0]
    y = np.concatenate([result.y for result in results])
    probabilities = {
        name: np.concatenate([result.probabilities[name] for result in results]) for name in first.probabilities
    }
    return replace(
        first,
        y=y,
        customer=np.concatenate([result.customer for result in results]),
        cutoff=np.concatenate([result.cutoff for result in results]),
        stage=np.concatenate([result.stage for result in results]),
        probabilities=probabilities,
        metrics={name: evaluate(given, y) for name, given in probabilities.items()},
    )
