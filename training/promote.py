"""Makes a registered version the champion."""

from dataclasses import dataclass

from features.errors import PredictorError
from models.registry import CHALLENGER, CHAMPION, load_predictor, set_alias, version_at


@dataclass(frozen=True)
class Promotion:
    """What a promotion did; ``previous`` is None when there was no champion."""

    version: str
    previous: str | None


def promote(name: str, version: str | None = None) -> Promotion:
    """Points the champion alias at a version, by default at the challenger.

    The version is loaded first: one that does not load whole never becomes champion, and the old one stays.

    Raises
    ------
    PredictorError
        If there is no such version, or it is damaged.
    """
    chosen = version or version_at(name, CHALLENGER)
    if chosen is None:
        raise PredictorError(f"model '{name}' has no {CHALLENGER} to promote; run 'nextstage train' first")
    load_predictor(f"models:/{name}/{chosen}")
    previous = version_at(name, CHAMPION)
    set_alias(name, CHAMPION, chosen)
    return Promotion(chosen, previous)
