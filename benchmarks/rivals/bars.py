"""What the feature engine has to reach, by comparison."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

OURS, FLOOR = "ours", "floor"


@dataclass(frozen=True)
class Run:
    """What one run of an implementation took: CPU and wall seconds, and bytes at the peak, for so many feature cells.

    ``counted`` is the number of events in all windows of all rows, of implementations whose columns are not ours.
    """

    cells: int
    cpu: float
    wall: float
    peak: int
    counted: int = 0


@dataclass(frozen=True)
class Scenario:
    """A size of log, a number of cutoffs, and who computes it; ``samples`` says who gets how many events instead."""

    title: str
    events: int
    cutoffs: int
    names: tuple[str, ...]
    samples: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Bar:
    """At least, or with ``at_most`` no more than, so many times the CPU seconds per feature cell of the best rival."""

    scenario: str
    claim: str
    rivals: tuple[str, ...]
    asked: float
    stretch: float
    at_most: bool = False

    def is_met(self, ratio: float | None) -> bool:
        """Returns whether a ratio reaches the bar; one that could not be measured does not."""
        return ratio is not None and (ratio <= self.asked if self.at_most else ratio >= self.asked)


def typical(runs: list[Run]) -> Run:
    """Returns the medians of the runs; the peak is the highest."""
    return Run(
        cells=runs[0].cells,
        cpu=median(run.cpu for run in runs),
        wall=median(run.wall for run in runs),
        peak=max(run.peak for run in runs),
    )


def cost(run: Run) -> float:
    """Returns the CPU seconds per feature cell."""
    return run.cpu / run.cells


def ratio_of(bar: Bar, runs: dict[str, Run]) -> float | None:
    """Returns how many times as much the best of the bar's rivals costs, or we cost by comparison with the floor."""
    measured = [cost(runs[name]) for name in bar.rivals if name in runs]
    if OURS not in runs or not measured:
        return None
    return cost(runs[OURS]) / min(measured) if bar.at_most else min(measured) / cost(runs[OURS])
