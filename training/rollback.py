"""Puts the champion before the present one back in its place."""

from dataclasses import dataclass

from features.errors import PredictorError
from models.registry import CHAMPION, load_predictor, replaced_by, restore_champion, version_at, versions


@dataclass(frozen=True)
class Rollback:
    """What a rollback did: the champion now, and the one that was until then."""

    version: str
    left: str


def rollback(name: str) -> Rollback:
    """Points the champion alias at the version that the champion replaced.

    That version is loaded first: one that does not load whole is not put in place, and the champion stays. One that was
    deleted from the registry is passed over.

    Raises
    ------
    PredictorError
        If there is no champion, if it replaced none that is still there, or if the one before is damaged.
    """
    champion = version_at(name, CHAMPION)
    if champion is None:
        raise PredictorError(f"model '{name}' has no {CHAMPION} to roll back; run 'nextstage promote' first")
    known = versions(name)
    before = next((version for version in replaced_by(name, champion) if version in known), None)
    if before is None:
        raise PredictorError(
            f"version {champion} of '{name}' replaced no champion that is still there; "
            "name the version you want by 'nextstage promote --version'"
        )
    load_predictor(f"models:/{name}/{before}")
    restore_champion(name, before)
    return Rollback(before, champion)
