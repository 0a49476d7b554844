"""Turns scores into probabilities: what every calibrator does, and how one is read back from plain data."""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from features.arrays import Floats, Ints
from features.errors import PredictorError, did_you_mean
from models.isotonic import Isotonic
from models.temperature import BiasCorrectedTemperature, Temperature


class Calibrator(Protocol):
    """Maps the probabilities of a classifier, or of one time bin's hazards, to calibrated ones."""

    @property
    def kind(self) -> str:
        """What tables and plain data call it."""

    def apply(self, probabilities: Floats) -> Floats:
        """Returns calibrated probabilities of the same shape; a row sums to one and does not depend on others.

        Parameters
        ----------
        probabilities
            Shape (rows, classes).
        """

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data from which ``calibrator_from_dict`` makes an equal calibrator."""


@dataclass(frozen=True)
class Identity:
    """Leaves probabilities as they are, to the last bit."""

    kind: ClassVar[str] = "identity"

    @classmethod
    def fit(cls, probabilities: Floats, y: Ints) -> "Identity":
        """Learns nothing."""
        del probabilities, y
        return cls()

    def apply(self, probabilities: Floats) -> Floats:
        """Returns the probabilities themselves."""
        return probabilities

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data from which ``from_dict`` makes an equal calibrator."""
        return {"kind": self.kind}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Identity":
        """Returns the calibrator of plain data."""
        del data
        return cls()


KINDS = {kind.kind: kind for kind in (Identity, Temperature, BiasCorrectedTemperature, Isotonic)}
"""Every kind by its name, the simplest first."""


def calibrator_from_dict(data: dict[str, Any]) -> Calibrator:
    """Returns the calibrator of plain data.

    Raises
    ------
    PredictorError
        If this nextstage does not know its kind.
    """
    kind = data["kind"]
    if kind not in KINDS:
        raise PredictorError(f"no calibrator is called '{kind}'; {did_you_mean(kind, KINDS)}")
    calibrator: Calibrator = KINDS[kind].from_dict(data)
    return calibrator
