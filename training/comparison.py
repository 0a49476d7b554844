"""How a challenger compares with the champion, and what speaks against it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from features.errors import PromotionError
from features.events import EventLog
from features.timestamps import to_iso
from models.predictor import Predictor, RegisteredPredictor
from models.target_model import MODEL as LEARNT
from training.backtest import Backtest, run_backtest
from training.recipe import MODEL, Recipe
from training.result import DECISIVE
from training.scorecard import QUICK
from training.verdict import Contest, Verdict, judge

FOLDS = 2


@dataclass(frozen=True)
class Comparison:
    """A challenger beside the champion.

    Parameters
    ----------
    sentence
        How they compare.
    is_worse
        Whether that speaks against the challenger.
    verdict
        Target by target, where both were measured on the same rows.
    folds
        The periods on which they were, oldest first.
    """

    sentence: str
    is_worse: bool = False
    verdict: Verdict | None = None
    folds: tuple[dict[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        measured = {} if self.verdict is None else {**self.verdict.to_dict(), "folds": list(self.folds)}
        return {"sentence": self.sentence, "is_worse": self.is_worse, **measured}


def compare(
    challenger: RegisteredPredictor,
    champion: RegisteredPredictor,
    log: Callable[[], EventLog],
    on_progress: Callable[[float], None] | None = None,
) -> Comparison:
    """Returns how two versions compare.

    Predictors are not compared as they are, for each was fitted up to the end of its own log; what is compared is how
    each is made, on the same events and folds. A version made as the champion was is not measured again, but it must
    have learnt what the champion has, from data that do not end earlier.

    Parameters
    ----------
    log
        Reads the events on which recipes are compared.

    Raises
    ------
    NextstageError
        If a version does not say how it was made, or the events do not do for a backtest.
    """
    new, old = recipe_of(challenger.predictor), recipe_of(champion.predictor)
    if champion.predictor.journey != challenger.predictor.journey:
        return Comparison("the champion has another journey, so that nothing can be compared", is_worse=True)
    lost = _learnt(champion.predictor) & set(new.kinds) - _learnt(challenger.predictor)
    if lost:
        kinds = ", ".join(sorted(lost))
        return Comparison(f"{kinds} had a model in version {champion.version} and now only a baseline", is_worse=True)
    if replace(new, features=None) == replace(old, features=None) and new.features == old.features:
        return _made_alike(challenger, champion)
    old = replace(new, options=old.options, features=old.features)
    return _measured(challenger.predictor, (new, old), log, on_progress)


def recipe_of(predictor: Predictor) -> Recipe:
    """Returns the recipe that a predictor was made by, its features as they were bound to its log.

    Raises
    ------
    PromotionError
        If it does not say.
    """
    told = predictor.facts.get("recipe")
    if told is None:
        raise PromotionError("the predictor does not say by which recipe it was made; train it again")
    return Recipe.from_dict(told, predictor.feature_set)


def _learnt(predictor: Predictor) -> set[str]:
    """Returns the kinds of target that trees answer."""
    return {model.target.kind for model in predictor.models if model.basis == LEARNT}


def _made_alike(challenger: RegisteredPredictor, champion: RegisteredPredictor) -> Comparison:
    ends = [int(each.predictor.facts["end"]) for each in (challenger, champion)]
    if ends[0] < ends[1]:
        earlier, later = map(to_iso, ends)
        return Comparison(f"its events end at {earlier}, those of version {champion.version} at {later}", is_worse=True)
    return Comparison(f"made as version {champion.version} was, from data up to {to_iso(ends[0])}")


def _measured(
    predictor: Predictor,
    recipes: tuple[Recipe, Recipe],
    log: Callable[[], EventLog],
    on_progress: Callable[[float], None] | None,
) -> Comparison:
    def half(done: float) -> None:
        if on_progress is not None:
            on_progress(done / 2.0)

    events = log()
    one, other = (run_backtest(events, predictor.journey, recipe, FOLDS, half) for recipe in recipes)
    verdict = judge(_contests(one, other), QUICK)
    folds = tuple(fold.periods.describe() for fold in one.folds)
    return Comparison(verdict.reason, verdict.decision == "keep", verdict, folds)


def _contests(challenger: Backtest, champion: Backtest) -> list[Contest]:
    """Returns the targets at the main horizon, measured for both on the same rows."""
    return [
        Contest(
            target=one.name,
            decisive=DECISIVE[one.target.kind],
            y=one.y,
            customers=np.unique(one.customer.astype(str), return_inverse=True)[1],
            challenger=one.probabilities[MODEL],
            champion=other.probabilities[MODEL],
        )
        for one, other in zip(challenger.pooled, champion.pooled, strict=True)
        if one.horizon == challenger.recipe.horizon
    ]
