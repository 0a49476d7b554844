"""Whether a challenger should take the champion's place: both measured on the same rows, target by target."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from features.arrays import Floats, Ints
from models.bootstrap import USUAL, Difference, Resampling, paired_bootstrap

Decision = Literal["promote", "keep", "no clear difference"]


@dataclass(frozen=True, eq=False)
class Contest:
    """One target on rows that neither model has seen, those of all folds together.

    Parameters
    ----------
    decisive
        The metrics that count, names of ``models.metrics.evaluate``.
    y
        Class codes, shape (rows,).
    customers
        Any integer per customer, shape (rows,); the same in every fold.
    challenger, champion
        Calibrated probabilities, shape (rows, classes).
    """

    target: str
    decisive: tuple[str, ...]
    y: Ints
    customers: Ints
    challenger: Floats
    champion: Floats

    def settle(self, resampling: Resampling) -> "ContestOutcome":
        """Returns how the challenger did."""
        pair = (self.challenger, self.champion)
        differences = paired_bootstrap(pair, self.y, self.customers, self.decisive, resampling)
        return ContestOutcome(self.target, tuple(differences.values()))


@dataclass(frozen=True)
class ContestOutcome:
    """One target: the challenger's figure minus the champion's in each decisive metric."""

    target: str
    differences: tuple[Difference, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return {"target": self.target, "differences": [difference.to_dict() for difference in self.differences]}


@dataclass(frozen=True)
class Verdict:
    """What the comparison says, over all targets.

    **keep**: the challenger is worse in some decisive metric of some target, its whole interval on the wrong side of
    zero. **promote**: worse in none, and better in at least one with the whole interval. Else **no clear difference**.
    """

    outcomes: tuple[ContestOutcome, ...]

    @property
    def decision(self) -> Decision:
        """One of the three."""
        if self._named(lambda difference: difference.is_worse):
            return "keep"
        return "promote" if self._named(lambda difference: difference.is_better) else "no clear difference"

    @property
    def reason(self) -> str:
        """Why, in a sentence."""
        better = self._named(lambda difference: difference.is_better)
        worse = self._named(lambda difference: difference.is_worse)
        if self.decision == "keep":
            gains = f", though better in {', '.join(better)}" if better else ""
            return f"keep the champion: the challenger is worse in {', '.join(worse)}{gains}"
        if self.decision == "promote":
            return f"promote the challenger: better in {', '.join(better)}, and worse beyond doubt in nothing"
        return "no clear difference between challenger and champion: every interval holds zero"

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        targets = [outcome.to_dict() for outcome in self.outcomes]
        return {"decision": self.decision, "reason": self.reason, "targets": targets}

    def _named(self, chosen: Callable[[Difference], bool]) -> list[str]:
        return [
            f"{outcome.target} {difference.describe()}"
            for outcome in self.outcomes
            for difference in outcome.differences
            if chosen(difference)
        ]


def judge(contests: Sequence[Contest], resampling: Resampling = USUAL) -> Verdict:
    """Returns the verdict over all targets."""
    return Verdict(tuple(contest.settle(resampling) for contest in contests))
