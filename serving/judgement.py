"""The verdict on the model that answers: one word, by rules that are written down, with the reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.chance import ENOUGH_CALIBRATED, TIMES_CHANCE
from serving.drift import Drift
from serving.languages.messages import ENGLISH, Messages, messages
from serving.matured import Card

WAITING, HEALTHY, DRIFTING, FAILING = "waiting", "healthy", "drifting", "failing"
VERDICTS = (WAITING, HEALTHY, DRIFTING, FAILING)
"""From the best that can be said to the worst."""
EXIT_CODES = {WAITING: 0, HEALTHY: 0, DRIFTING: 1, FAILING: 3}
"""What ``nextstage monitor`` ends with; 2 is what every command ends with when it could not do its work."""

SKILL_KEPT, SKILL_LOST = 0.8, 0.5
"""Of the skill that was promised, what must be left for the model to be healthy, and not to be failing."""
FAR_OFF = 0.05
"""A calibration error below it is never failing."""
MANY_FEATURES = 0.10
SKILL, CALIBRATION, SCORE, FEATURES = "skill", "calibration", "score", "features"
KINDS = (SKILL, CALIBRATION, SCORE, FEATURES)


@dataclass(frozen=True)
class Finding:
    """One reason for a verdict that is not healthy.

    Parameters
    ----------
    kind
        One of ``KINDS``: what it is about, and the message that says it.
    values
        What the message has places for.
    """

    verdict: str
    kind: str
    values: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        """What it says in English."""
        return self.said(messages(ENGLISH))

    def said(self, spoken: Messages) -> str:
        """Returns what it says in a language."""
        return spoken.text(f"finding.{self.kind}", **self.values)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        told = {"verdict": self.verdict, "sentence": self.sentence}
        return {**told, "kind": self.kind, "values": dict(self.values)}


def finding_text(reason: Mapping[str, Any], spoken: Messages) -> str | None:
    """Returns what a finding that is plain data says in a language; None if it was kept before findings had a kind."""
    if reason.get("kind") not in KINDS:
        return None
    return Finding(reason["verdict"], reason["kind"], reason["values"]).said(spoken)


def judge(cards: Sequence[Card], scores: Sequence[Drift], features: Sequence[Drift]) -> tuple[str, tuple[Finding, ...]]:
    """Returns the verdict and its reasons, the worst first.

    **failing**: of a target and horizon even the upper end of the skill's interval is below half of what was promised,
    or below zero; or the calibration error is above 0.05 and above twice what was promised and twice what chance makes
    together. **drifting**: that upper end is below four fifths of what was promised; or the error is above 0.02 and
    above what was promised and twice what chance makes together; or the distribution of a score, or of more than a
    tenth of the features, has changed much. **healthy**: none of that. **waiting**: none of that, and no run has
    matured.

    Skill is the share of the uncertainty about what happens that the model takes away, ``1 - log loss / entropy``;
    unlike the log loss it can be compared between a month in which many left and one in which few did.

    Parameters
    ----------
    cards
        The last measured one of each target and horizon of the model.
    scores, features
        Their drift since training; none without a reference.
    """
    found = [finding for card in cards for finding in (*_skill(card), *_calibration(card))]
    found += [*_scores(scores), *_features(features)]
    found.sort(key=lambda finding: -VERDICTS.index(finding.verdict))
    usual = HEALTHY if cards else WAITING
    return (found[0].verdict if found else usual), tuple(found)


def _skill(card: Card) -> list[Finding]:
    promised, highest = max(card.promised.get("skill", 0.0), 0.0), card.intervals["skill"][1]
    verdict = FAILING if highest < SKILL_LOST * promised else DRIFTING if highest < SKILL_KEPT * promised else None
    if verdict is None:
        return []
    measured = {"skill": card.metrics["skill"], "highest": highest, "promised": promised}
    return [Finding(verdict, SKILL, {"name": card.name, "run": str(card.run_id), **measured})]


def _calibration(card: Card) -> list[Finding]:
    error, promised, chance = card.metrics["ece"], card.promised.get("ece", 0.0), TIMES_CHANCE * card.by_chance
    if error <= max(ENOUGH_CALIBRATED, promised + chance):
        return []
    far = error > max(FAR_OFF, 2.0 * promised + chance)
    measured = {"error": error, "promised": promised, "chance": card.by_chance}
    values = {"name": card.name, "run": str(card.run_id), **measured}
    return [Finding(FAILING if far else DRIFTING, CALIBRATION, values)]


def _scores(drifts: Sequence[Drift]) -> list[Finding]:
    large = [drift for drift in drifts if drift.is_large]
    return [Finding(DRIFTING, SCORE, {"name": drift.name, "index": drift.index}) for drift in large]


def _features(drifts: Sequence[Drift]) -> list[Finding]:
    large = [drift.name for drift in drifts if drift.is_large]
    if len(large) <= MANY_FEATURES * len(drifts):
        return []
    return [Finding(DRIFTING, FEATURES, {"count": len(large), "all": len(drifts), "first": ", ".join(large[:3])})]
