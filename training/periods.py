"""Divides time into what is fitted on, calibrated on and tested on; nothing is learnt of a later period.

A log too short for that has periods without a test, of which baselines learn.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from features.arrays import Ints
from features.durations import parse_duration
from features.errors import TrainingError
from features.snapshots import regular_cutoffs
from features.timestamps import parse_moment, to_iso
from training.config import PeriodConfig

MOST_CUTOFFS = 1_000


@dataclass(frozen=True, eq=False)
class Periods:
    """Every cutoff, ascending, and the moments that divide what comes after them; all in UTC microseconds.

    Parameters
    ----------
    fitted_until
        Classifiers learn only of what came at or before this moment.
    calibrated_until
        Calibrators learn only of what came after that and at or before this one.
    tested
        The cutoffs of the test, none of them before ``calibrated_until``; may be empty.
    """

    cutoffs: Ints
    fitted_until: int
    calibrated_until: int
    tested: Ints

    def __post_init__(self) -> None:
        """Asserts the embargo: whatever is learnt came before the first cutoff that is tested."""
        ordered = self.fitted_until < self.calibrated_until <= min(self.tested, default=self.calibrated_until)
        assert ordered, "what is learnt reaches into a later period"  # noqa: S101 - a law

    @property
    def only_baselines(self) -> bool:
        """Whether there is no room to fit and to test anything, so that baselines learn of everything."""
        return self.fitted_until <= int(self.cutoffs[0])

    def describe(self) -> dict[str, str]:
        """Returns each period as text."""
        if self.only_baselines:
            return {"baselines": f"{to_iso(self.cutoffs[0])} to {to_iso(self.calibrated_until)}"}
        told = {
            "training": f"{to_iso(self.cutoffs[0])} to {to_iso(self.fitted_until)}",
            "calibration": f"{to_iso(self.fitted_until)} to {to_iso(self.calibrated_until)}",
        }
        if len(self.tested):
            told["test"] = f"{to_iso(self.tested[0])} to {to_iso(self.tested[-1])}"
        return told

    def until(self, end: int) -> "Periods":
        """Returns periods with everything learnt up to ``end`` and no test: those of a model for use."""
        learnt = self.calibrated_until - self.fitted_until
        return replace(self, fitted_until=end - learnt, calibrated_until=end, tested=np.empty(0, dtype=np.int64))


class Span(Protocol):
    """Whatever begins and ends: a log, or its partitions."""

    @property
    def start(self) -> int:
        """The time of the first event."""

    @property
    def end(self) -> int:
        """The instant until which events are complete."""


def split_periods(log: Span, horizons: tuple[str, ...], config: PeriodConfig) -> Periods:
    """Returns the periods of a log: the test ends one longest horizon before the log's end, the others lie before it.

    Raises
    ------
    TrainingError
        If the log is too short to hold all three.
    """
    return rolling_origins(log, horizons, config, most=1)[-1]


def longest_periods(log: Span, horizons: tuple[str, ...], config: PeriodConfig) -> Periods:
    """Returns the periods of a log; of one too short for a test those that baselines learn of.

    Raises
    ------
    TrainingError
        If the log is too short even for one cutoff, or gives too many.
    """
    return next(iter(_origins(log, horizons, config, most=1)), None) or _periods_of_baselines(log, config)


def rolling_origins(log: Span, horizons: tuple[str, ...], config: PeriodConfig, most: int) -> tuple[Periods, ...]:
    """Returns the periods of a log and of what it was earlier, one length of the test before, and so on; oldest first.

    Every one learns from all that came before its own test, and no two test the same cutoff.

    Parameters
    ----------
    most
        How many there are at most; as many as the log has room for.

    Raises
    ------
    TrainingError
        If there is no room for one.
    """
    found = _origins(log, horizons, config, most)
    if not found:
        raise TrainingError(
            f"events from {to_iso(log.start)} to {to_iso(log.end)} are too short for horizons up to {horizons[-1]}, "
            f"{config.history} of history, and periods of {config.calibration} and {config.test}; "
            "bring more history or shorten 'horizons:' and 'periods:' in nextstage.yaml"
        )
    return found


def _origins(log: Span, horizons: tuple[str, ...], config: PeriodConfig, most: int) -> tuple[Periods, ...]:
    grid, length = _grid(log, config), parse_duration(config.test)
    last = log.end - parse_duration(horizons[-1])
    ends = [last - place * length for place in reversed(range(most))]
    return tuple(periods for end in ends if (periods := _periods(grid, end, horizons, config)) is not None)


def _periods_of_baselines(log: Span, config: PeriodConfig) -> Periods:
    """Returns every cutoff with something after it; as little history as a step where there is not more."""
    grid = _grid(log, config)
    if not len(grid) and config.start is None:
        grid = _grid(log, config.model_copy(update={"history": config.every}))
    if not len(grid):
        raise TrainingError(
            f"events from {to_iso(log.start)} to {to_iso(log.end)} leave no cutoff with {config.every} before and "
            "after it; bring more history, or correct 'periods.start' or 'periods.every' in nextstage.yaml"
        )
    return Periods(grid, int(grid[0]), log.end, np.empty(0, dtype=np.int64))


def _periods(grid: Ints, test_end: int, horizons: tuple[str, ...], config: PeriodConfig) -> Periods | None:
    """Returns the periods whose test ends so; None where there are too few cutoffs before."""
    tested = grid[(grid <= test_end) & (grid > test_end - parse_duration(config.test))]
    if len(tested) == 0:
        return None
    calibrated_until = int(tested[0])
    fitted_until = calibrated_until - parse_duration(config.calibration)
    long_enough = grid[0] + parse_duration(horizons[-1]) <= calibrated_until
    if not long_enough or grid[0] + parse_duration(horizons[0]) > fitted_until:
        return None
    return Periods(grid, fitted_until, calibrated_until, tested)


def _grid(log: Span, config: PeriodConfig) -> Ints:
    """Returns the regular cutoffs before the log's end."""
    start = log.start + parse_duration(config.history)
    if config.start is not None:
        start = max(log.start, parse_moment(config.start, "UTC", "periods.start"))
    every = parse_duration(config.every)
    grid = regular_cutoffs(start, log.end - every, every)
    if len(grid) > MOST_CUTOFFS:
        raise TrainingError(
            f"events from {to_iso(log.start)} to {to_iso(log.end)} give {len(grid)} cutoffs, one every {config.every}; "
            f"{MOST_CUTOFFS} are enough, so correct a wrong year in the data, or set 'periods.start' or 'periods.every'"
        )
    return grid
