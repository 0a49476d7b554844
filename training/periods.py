"""Divides a rolling grid of cutoffs into training, calibration and test, one horizon of embargo between them."""

from dataclasses import dataclass
from typing import Protocol

from features.arrays import Ints
from features.durations import parse_duration
from features.errors import TrainingError
from features.snapshots import regular_cutoffs
from features.timestamps import parse_moment, to_iso
from training.config import PeriodConfig

MOST_CUTOFFS = 1_000


@dataclass(frozen=True, eq=False)
class Periods:
    """Cutoffs in UTC microseconds, ascending; every label of one period is known before the next period begins."""

    training: Ints
    calibration: Ints
    test: Ints
    horizon: int

    def __post_init__(self) -> None:
        """Asserts the embargo: no label of an earlier period reads past the first cutoff of a later one."""
        for earlier, later in ((self.training, self.calibration), (self.calibration, self.test)):
            assert earlier[-1] + self.horizon <= later[0], "a label reaches into a later period"  # noqa: S101 - a law

    def describe(self) -> dict[str, str]:
        """Returns the first and last cutoff of each period as text."""
        named = {"training": self.training, "calibration": self.calibration, "test": self.test}
        return {name: f"{to_iso(cutoffs[0])} to {to_iso(cutoffs[-1])}" for name, cutoffs in named.items()}


class Span(Protocol):
    """Whatever begins and ends: a log, or its partitions."""

    @property
    def start(self) -> int:
        """The time of the first event."""

    @property
    def end(self) -> int:
        """The instant until which events are complete."""


def split_periods(log: Span, horizon: str, config: PeriodConfig) -> Periods:
    """Returns the periods of a log, laid out backwards from one horizon before its end.

    Raises
    ------
    TrainingError
        If the log is too short to hold all three.
    """
    every, ahead = parse_duration(config.every), parse_duration(horizon)
    start = log.start + parse_duration(config.history)
    if config.start is not None:
        start = max(log.start, parse_moment(config.start, "UTC", "periods.start"))
    grid = regular_cutoffs(start, log.end - ahead, every)
    if len(grid) > MOST_CUTOFFS:
        raise TrainingError(
            f"events from {to_iso(log.start)} to {to_iso(log.end)} give {len(grid)} cutoffs, one every {config.every}; "
            f"{MOST_CUTOFFS} are enough, so correct a wrong year in the data, or set 'periods.start' or 'periods.every'"
        )
    test_start = log.end - ahead - parse_duration(config.test)
    calibration_end = test_start - ahead
    calibration_start = calibration_end - parse_duration(config.calibration)
    training = grid[grid <= calibration_start - ahead]
    calibration = grid[(grid >= calibration_start) & (grid <= calibration_end)]
    test = grid[grid >= test_start]
    if len(training) == 0 or len(calibration) == 0 or len(test) == 0:
        raise TrainingError(
            f"events from {to_iso(log.start)} to {to_iso(log.end)} are too short for a horizon of {horizon}, "
            f"{config.history} of history, and periods of {config.calibration} and {config.test} with an embargo; "
            "bring more history or shorten 'periods:' and 'horizon:' in nextstage.yaml"
        )
    return Periods(training, calibration, test, ahead)
