"""Makes a registered version the champion, if it earns its place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from features.errors import NextstageError, PromotionError
from features.events import EventLog
from models.predictor import Predictor, RegisteredPredictor
from models.registry import CHALLENGER, CHAMPION, load_predictor, log_document, set_champion, version_at
from training.comparison import Comparison, compare

VERDICT = "verdict.json"
"""What the file in a version's run is called that says how it fared when it was last to be promoted."""


@dataclass(frozen=True)
class Promotion:
    """What a promotion did.

    Parameters
    ----------
    previous
        The version that was champion before; None when there was none.
    comparison
        How challenger and champion compare.
    objections
        Against which rules it was promoted, by force.
    """

    version: str
    previous: str | None
    comparison: Comparison
    objections: tuple[str, ...] = ()

    @property
    def forced(self) -> bool:
        """Whether it was promoted against the rules."""
        return bool(self.objections)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return {
            "version": self.version,
            "previous": self.previous,
            "forced": self.forced,
            "objections": list(self.objections),
            "comparison": self.comparison.to_dict(),
        }


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
    Whatever comes of it is written to ``verdict.json`` in the version's run.

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
    previous = version_at(name, CHAMPION)
    comparison = _beside_champion(challenger, previous, log, on_progress)
    objections = [f"{which} is {entry['reason']}" for which, entry in _no_better(challenger.predictor).items()]
    objections += [comparison.sentence] if comparison.is_worse else []
    promotion = Promotion(chosen, previous, comparison, tuple(objections))
    log_document(name, chosen, {**promotion.to_dict(), "promoted": force or not objections}, VERDICT)
    if objections and not force:
        raise PromotionError(
            f"version {chosen} of '{name}' is not promoted: {'; '.join(objections)}; improve it, or use --force"
        )
    notes = {"verdict": "; ".join(objections) or comparison.sentence, "forced": str(promotion.forced).lower()}
    set_champion(name, chosen, notes)
    return promotion


def _beside_champion(
    challenger: RegisteredPredictor,
    previous: str | None,
    log: Callable[[], EventLog],
    on_progress: Callable[[float], None] | None,
) -> Comparison:
    """Returns how the challenger compares with the champion; where they cannot be compared, it needs force."""
    if previous is None:
        return Comparison("the first champion")
    if previous == challenger.version:
        return Comparison("it is the champion already")
    try:
        return compare(challenger, load_predictor(f"models:/{challenger.name}/{previous}"), log, on_progress)
    except NextstageError as error:
        return Comparison(f"it cannot be compared with the champion, version {previous}: {error}", is_worse=True)


def _no_better(predictor: Predictor) -> Mapping[str, Mapping[str, Any]]:
    """Returns the grades of the targets that are no better than their baselines at the main horizon."""
    grades: Mapping[str, Mapping[str, Any]] = predictor.facts.get("grades", {})
    ending = f"_{predictor.horizon}"
    return {which: entry for which, entry in grades.items() if which.endswith(ending) and entry["grade"] == "C"}
