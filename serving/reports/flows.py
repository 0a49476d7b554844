"""Flows: who moved where, who is expected to, and how far customers ever came."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from features.arrays import Ints
from features.journey import LAPSED, Journey
from serving.reports.expected import Expected
from serving.reports.journey_map import population, transitions
from serving.reports.observed import PERIOD, PERIODS, Observed


@dataclass(frozen=True)
class Flow:
    """So many moves from one stage to another; ``source`` is None for customers who are new."""

    source: str | None
    target: str
    customers: float


@dataclass(frozen=True)
class Step:
    """How many customers ever came to a stage or past it, and the share that did not get further."""

    name: str
    reached: int
    dropped: float | None


@dataclass(frozen=True)
class Flows:
    """The moves of a period, those expected within a horizon, and the funnel.

    Parameters
    ----------
    past, past_by_period
        The transitions of the stage timeline in the latest four weeks, and in every four weeks back from there.
    predicted
        By horizon: of the customers in ``source`` now, how many are expected to enter ``target`` first.
    stays
        By horizon: how many are expected to stay where they are.
    before
        How many customers were in each stage when the latest period began.
    """

    past: tuple[Flow, ...]
    past_by_period: tuple[tuple[Flow, ...], ...]
    predicted: dict[str, tuple[Flow, ...]]
    stays: dict[str, dict[str, float]]
    before: dict[str, int]
    funnel: tuple[Step, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return asdict(self)


def flows(observed: Observed, journey: Journey, expected: Expected, periods: int = PERIODS) -> Flows:
    """Returns the flows of the latest periods, and those to come."""
    past = tuple(_moves(transitions(observed, journey, period), journey) for period in range(periods))
    names = journey.stage_names
    coming = {horizon: expected.flows(horizon) for horizon in expected.horizons}
    before = population(observed, journey, observed.as_of - PERIOD)
    return Flows(
        past=past[0],
        past_by_period=past,
        predicted={
            horizon: tuple(
                Flow(source, target, float(matrix[i, j]))
                for i, source in enumerate(names)
                for j, target in enumerate(names)
                if i != j and matrix[i, j] > 0
            )
            for horizon, matrix in coming.items()
        },
        stays={horizon: dict(zip(names, np.diag(matrix).tolist(), strict=True)) for horizon, matrix in coming.items()},
        before=dict(zip(names, before.tolist(), strict=True)),
        funnel=_funnel(observed, journey),
    )


def _moves(matrix: Ints, journey: Journey) -> tuple[Flow, ...]:
    sources = (*journey.stage_names, None)
    return tuple(
        Flow(source, target, int(matrix[i, j]))
        for i, source in enumerate(sources)
        for j, target in enumerate(journey.stage_names)
        if matrix[i, j]
    )


def _funnel(observed: Observed, journey: Journey) -> tuple[Step, ...]:
    furthest = np.zeros(len(observed.customers), dtype=np.int64)
    np.maximum.at(furthest, observed.stays.customer, observed.stays.stage)
    reached = [int((furthest >= code).sum()) for code in range(len(journey.stage_names))]
    further = [*reached[1:], None]
    return tuple(
        Step(name, count, 1.0 - after / count if after is not None and count else None)
        for name, count, after in zip(journey.stage_names, reached, further, strict=True)
        if name != LAPSED  # everybody came that far
    )
