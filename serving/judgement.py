"""The verdict on the model that answers: one word, by rules that are written down, with the reasons."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from models.chance import ENOUGH_CALIBRATED, TIMES_CHANCE
from serving.drift import Drift
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


@dataclass(frozen=True)
class Finding:
    """One reason for a verdict that is not healthy."""

    verdict: str
    sentence: str

    def to_dict(self) -> dict[str, str]:
        """Returns plain data."""
        return asdict(self)


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
    said = f"skill {card.metrics['skill']:.3f}, at most {highest:.3f}, where {promised:.3f} was promised"
    return [Finding(verdict, f"{card.name} of run {card.run_id}: {said}")]


def _calibration(card: Card) -> list[Finding]:
    error, promised, chance = card.metrics["ece"], card.promised.get("ece", 0.0), TIMES_CHANCE * card.by_chance
    if error <= max(ENOUGH_CALIBRATED, promised + chance):
        return []
    far = error > max(FAR_OFF, 2.0 * promised + chance)
    said = f"calibration error {error:.3f}, where {promised:.3f} was promised and chance makes {card.by_chance:.3f}"
    return [Finding(FAILING if far else DRIFTING, f"{card.name} of run {card.run_id}: {said}")]


def _scores(drifts: Sequence[Drift]) -> list[Finding]:
    return [
        Finding(DRIFTING, f"score {drift.name} is distributed in another way: stability index {drift.index:.2f}")
        for drift in drifts
        if drift.is_large
    ]


def _features(drifts: Sequence[Drift]) -> list[Finding]:
    large = [drift.name for drift in drifts if drift.is_large]
    if len(large) <= MANY_FEATURES * len(drifts):
        return []
    first = ", ".join(large[:3])
    return [Finding(DRIFTING, f"{len(large)} of {len(drifts)} features are distributed in another way, first {first}")]
