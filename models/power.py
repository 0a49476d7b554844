"""How many customers a campaign needs, so that a control group can prove its effect."""

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

from features.errors import ConfigError


@dataclass(frozen=True)
class Size:
    """How many customers each arm needs."""

    treated: int
    control: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.treated + self.control


@dataclass(frozen=True)
class Trial:
    """What a campaign is to prove.

    Parameters
    ----------
    baseline
        The share of customers of whom it happens anyway.
    lift
        By what part the campaign changes that share; 0.1 is ten per cent more.
    holdout
        The share of customers in the control group.
    power
        How probable the proof has to be if the effect is there.
    alpha
        How probable a proof may be if there is none, of either sign.
    """

    baseline: float
    lift: float
    holdout: float = 0.1
    power: float = 0.8
    alpha: float = 0.05

    def __post_init__(self) -> None:
        for name in ("baseline", "holdout", "power", "alpha"):
            if not 0 < getattr(self, name) < 1:
                raise ConfigError(f"{name} is {getattr(self, name):g}; give a share between 0 and 1, like 10%")
        if self.lift == 0 or not 0 < self.changed < 1:
            raise ConfigError(
                f"a lift of {self.lift:.0%} makes {self.baseline:.2%} to {self.changed:.2%}; "
                "give one that is not zero and leaves a share between 0 and 1"
            )

    @property
    def changed(self) -> float:
        """The share with the campaign."""
        return self.baseline * (1 + self.lift)

    def size(self) -> Size:
        """Returns the smallest arms.

        Fleiss, Levin and Paik 2003, Statistical Methods for Rates and Proportions, 3rd ed., chapter 4: two proportions,
        unequal samples, two-sided, without the correction for continuity.
        """
        ratio = (1 - self.holdout) / self.holdout
        alone, with_it = self.baseline, self.changed
        mean = (alone + ratio * with_it) / (1 + ratio)
        sure, likely = NormalDist().inv_cdf(1 - self.alpha / 2), NormalDist().inv_cdf(self.power)
        spread = sure * sqrt((1 + ratio) * mean * (1 - mean))
        spread += likely * sqrt(ratio * alone * (1 - alone) + with_it * (1 - with_it))
        control = spread**2 / (ratio * (with_it - alone) ** 2)
        return Size(ceil(control * ratio), ceil(control))
