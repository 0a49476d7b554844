"""The last events and stages, one column for each place, for models that read sequences."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np
from typing_extensions import override

from features.aggregations.aggregation import Aggregation, names_in
from features.aggregations.options import at_least_one
from features.aggregations.variety import codes_of
from features.arrays import Floats
from features.durations import DAY, LIFETIME
from features.events import EVENT
from features.history import History
from features.journey import Journey
from features.kernel.operations import EVENT_BEFORE, EVENT_GAP, STAGE_BEFORE
from features.plan import ALL, Group, Plan
from features.vocabulary import Vocabulary


@dataclass(frozen=True)
class LastEvents(Aggregation):
    """The values of a dimension at the last events, the latest first.

    Of the events themselves also the days between each and the one before; other dimensions have the same ones. A value
    is its place in ``values``, one not listed ``len(values)``; NaN where there is no such event or no value.

    Parameters
    ----------
    of
        The dimension.
    values
        Its values in the order of their codes; None takes those of the log.
    last
        How many events to look at.

    Examples
    --------
    >>> LastEvents(last=2).columns()
    ('event_last_1', 'event_last_2', 'event_last_gap_1')
    """

    of: str = EVENT
    values: tuple[str, ...] | None = None
    last: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_one(self, "last")

    @override
    def bind(self, vocabulary: Vocabulary, journey: Journey) -> Self:
        del journey
        names = tuple(names_in(vocabulary, self.of))
        return self if self.values is not None else replace(self, values=names)

    @override
    def columns(self) -> tuple[str, ...]:
        values = [f"{self.of}_last_{place}" for place in range(1, self.last + 1)]
        return (*values, *(f"{self.of}_last_gap_{place}" for place in range(1, self._gaps + 1)))

    @override
    def compile(self, plan: Plan) -> None:
        table = plan.table(self.of, self.values or ())
        for back in range(1, self.last + 1):
            plan.add(EVENT_BEFORE, back, table)
        for back in range(1, self._gaps + 1):
            plan.add(EVENT_GAP, back)

    @override
    def compute(self, history: History) -> list[Floats]:
        start, stop = history.segment(Group(ALL), LIFETIME)
        places = np.append(self._places(history), np.nan)
        times = np.append(history.log.time, 0)
        at = [np.where(stop - back >= start, stop - back, -1) for back in range(1, self.last + 1)]
        gaps = [
            np.where(earlier >= 0, (times[later] - times[earlier]) / float(DAY), np.nan)
            for later, earlier in pairwise(at[: self._gaps + 1])
        ]
        return [*(places[position] for position in at), *gaps]

    @property
    def _gaps(self) -> int:
        return self.last - 1 if self.of == EVENT else 0

    def _places(self, history: History) -> Floats:
        """Returns the place in ``values`` of each event of the log."""
        listed = {value: float(place) for place, value in enumerate(self.values or ())}
        dimension = history.log.dimensions.get(self.of)
        names = () if dimension is None else dimension.names
        table = np.array([*(listed.get(name, float(len(listed))) for name in names), np.nan])  # code -1 finds the last
        return table[codes_of(history, self.of)]


@dataclass(frozen=True)
class LastStages(Aggregation):
    """The stages before the current one, the latest first, and the days that the customer was in each.

    A stage is its place in ``Journey.stage_names``, 0 is lapsed; NaN where the customer has not been in so many. The
    current stage and the time in it are CurrentStage and TimeInStage.

    Parameters
    ----------
    last
        How many stages to look back.

    Examples
    --------
    >>> LastStages(last=2).columns()
    ('stage_previous_1', 'stage_previous_time_1', 'stage_previous_2', 'stage_previous_time_2')
    """

    last: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_one(self, "last")

    @override
    def columns(self) -> tuple[str, ...]:
        places = range(1, self.last + 1)
        return tuple(f"stage_previous_{part}{place}" for place in places for part in ("", "time_"))

    @override
    def compile(self, plan: Plan) -> None:
        for back in range(1, self.last + 1):
            plan.add(STAGE_BEFORE, back, columns=2)

    @override
    def compute(self, history: History) -> list[Floats]:
        timeline, snapshots = history.timeline, history.snapshots
        current = timeline.row_at(snapshots.customer, snapshots.cutoff)
        stages, entered = np.append(timeline.stage, [0, 0]), np.append(timeline.entered_at, [0, 0])
        columns: list[Floats] = []
        for back in range(1, self.last + 1):
            row = current - back
            known = row >= timeline.indptr[snapshots.customer]
            row = np.where(known, row, 0)
            columns.append(np.where(known, stages[row].astype(np.float64), np.nan))
            columns.append(np.where(known, (entered[row + 1] - entered[row]) / float(DAY), np.nan))
        return columns
