"""Makes a registered version the champion, if it earns its place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from features.errors import PromotionError
from features.events import EventLog
from models.predictor import Predictor, RegisteredPredictor
from models.registry import CHALLENGER, CHAMPION, load_predictor, set_champion, version_at
from training.backtest import Backtest, run_backtest
from training.recipe import MODEL, Recipe
from training.result import DECISIVE
from training.scorecard import QUICK
from training.verdict import Contest, judge

FOLDS = 2


@dataclass(frozen=True)
class Promotion:
    """What a promotion did.

    Parameters
    ----------
    previous
        The version that was champion before; None when there was none.
    verdict
        How challenger and champion compare, in a sentence.
    forced
        Whether it was promoted against the rules.
    """

    version: str
    previous: str | None
    verdict: str
    forced: bool


def promote(
    name: str,
    log: Callable[[], EventLog],
    version: str | None = None,
    force: bool = False,
    on_progress: Callable[[float], None] | None = None,
) -> Promotion:
    """Points the champion alias at a version, by default at the challenger.

    The version is loaded first: one that does not load whole never becomes champion. One that is no better than its
    baselines at the main horizon is refused. If there is a champion of another recipe, both recipes are trained again
    on the same folds and compared; one that is worse is refused. A newer version of the same recipe takes its place.

    Parameters
    ----------
    log
        Reads the events on which recipes are compared.
    force
        Promotes also what would be refused; that is recorded with the version.

    Raises
    ------
    PromotionError
        If the version does not earn the place.
    PredictorError
        If there is no such version, or it is damaged.
    """
    chosen = version or version_at(name, CHALLENGER)
    if chosen is None:
        raise PromotionError(f"model '{name}' has no {CHALLENGER} to promote; run 'nextstage train' first")
    challenger = load_predictor(f"models:/{name}/{chosen}")
    objections = [f"{which} is {entry['reason']}" for which, entry in _no_better(challenger.predictor).items()]
    previous = version_at(name, CHAMPION)
    sentence = "the first champion"
    if previous is not None and previous != chosen:
        sentence, is_worse = compare(challenger, load_predictor(f"models:/{name}/{previous}"), log, on_progress)
        objections += [sentence] if is_worse else []
    if objections and not force:
        raise PromotionError(
            f"version {chosen} of '{name}' is not promoted: {'; '.join(objections)}; improve it, or use --force"
        )
    set_champion(name, chosen, {"verdict": "; ".join(objections) or sentence, "forced": str(bool(objections)).lower()})
    return Promotion(chosen, previous, sentence, bool(objections))


def compare(
    challenger: RegisteredPredictor,
    champion: RegisteredPredictor,
    log: Callable[[], EventLog],
    on_progress: Callable[[float], None] | None = None,
) -> tuple[str, bool]:
    """Returns in a sentence how two versions compare, and whether the challenger is worse.

    Predictors are not compared as they are, for each was fitted up to the end of its own log; what is compared is how
    each is made, on the same events and folds.
    """
    new, old = recipe_of(challenger.predictor), recipe_of(champion.predictor)
    if champion.predictor.journey != challenger.predictor.journey:
        return "the champion has another journey, so that nothing can be compared", True
    if replace(new, features=None) == replace(old, features=None) and new.features == old.features:
        return f"made as version {champion.version} was, from data up to a later end", False

    def half(done: float) -> None:
        if on_progress is not None:
            on_progress(done / 2.0)

    events, journey = log(), challenger.predictor.journey
    backtests = [
        run_backtest(events, journey, recipe, FOLDS, half)
        for recipe in (new, replace(new, options=old.options, features=old.features))
    ]
    verdict = judge(_contests(*backtests), QUICK)
    return verdict.reason, verdict.decision == "keep"


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


def _no_better(predictor: Predictor) -> Mapping[str, Mapping[str, Any]]:
    """Returns the grades of the targets that are no better than their baselines at the main horizon."""
    grades: Mapping[str, Mapping[str, Any]] = predictor.facts.get("grades", {})
    ending = f"_{predictor.horizon}"
    return {which: entry for which, entry in grades.items() if which.endswith(ending) and entry["grade"] == "C"}


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
