"""What a training run is told, beyond the data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from features.featureset import FeatureSet
from features.targets import HORIZONS, KINDS, USUAL_KINDS, Target
from models.classifier import BoostingOptions
from training.config import PeriodConfig

MODEL = "nextstage"
"""What tables call the model beside its baselines."""


@dataclass(frozen=True)
class Recipe:
    """What to train: the horizons, the periods, how the classifiers are grown, and on what features.

    Parameters
    ----------
    horizon
        The one of the horizons that audiences and tables show.
    kinds
        What is predicted, kinds of target.
    features
        Without it the set is derived from the journey and the log.
    """

    horizon: str = "28d"
    horizons: tuple[str, ...] = HORIZONS
    periods: PeriodConfig = field(default_factory=PeriodConfig)
    options: BoostingOptions = field(default_factory=BoostingOptions)
    features: FeatureSet | None = None
    kinds: tuple[str, ...] = USUAL_KINDS

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data that says how to train so again."""
        return {
            "horizon": self.horizon,
            "horizons": list(self.horizons),
            "kinds": list(self.kinds),
            "periods": self.periods.model_dump(),
            "options": asdict(self.options),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], features: FeatureSet | None = None) -> "Recipe":
        """Returns the recipe of plain data, as ``to_dict`` wrote it."""
        periods, options = PeriodConfig(**data["periods"]), BoostingOptions(**data["options"])
        return cls(data["horizon"], tuple(data["horizons"]), periods, options, features, tuple(data["kinds"]))

    def targets(self) -> tuple[Target, ...]:
        """Returns what is predicted."""
        return tuple(KINDS[kind](self.horizons) for kind in self.kinds)
