"""The way through the journey so far: moves between stages, visits to them and the time spent there."""

from dataclasses import dataclass, replace
from itertools import permutations
from typing import Self

import numpy as np
from typing_extensions import override

from features.aggregations.aggregation import Aggregation, slug
from features.arrays import Bools, Floats, Ints
from features.durations import DAY, LIFETIME, parse_duration
from features.errors import FeatureError, did_you_mean
from features.history import History
from features.journey import Journey
from features.kernel.operations import STAGE_VISITS
from features.plan import Plan
from features.segments import count_true
from features.vocabulary import Vocabulary

ARROW = " > "


@dataclass(frozen=True)
class Transitions(Aggregation):
    """The number of moves from one stage to another in each window, for each pair of stages.

    Parameters
    ----------
    moves
        Pairs such as ``"lapsed > active"``; None takes every pair of the journey's stages.

    Examples
    --------
    >>> Transitions(moves=("lapsed > active",), windows=("91d",)).columns()
    ('stage_lapsed_to_active_count_91d',)
    """

    moves: tuple[str, ...] | None = None
    windows: tuple[str, ...] = (LIFETIME,)

    @override
    def bind(self, vocabulary: Vocabulary, journey: Journey) -> Self:
        del vocabulary
        known = _moves(journey)
        for move in self.moves or ():
            if move not in known:
                raise FeatureError(f"Transitions: move '{move}' is unknown; {did_you_mean(move, known)}")
        return self if self.moves is not None else replace(self, moves=tuple(known))

    @override
    def columns(self) -> tuple[str, ...]:
        if self.moves is None:
            raise FeatureError("Transitions has no moves yet; bind it to a log first")
        names = [slug(move.replace(ARROW, " to ")) for move in self.moves]
        return tuple(f"stage_{name}_count_{window}" for name in names for window in self.windows)

    @override
    def compute(self, history: History) -> list[Floats]:
        pairs = _moves(history.journey)
        stop = history.timeline.row_at(history.snapshots.customer, history.snapshots.cutoff) + 1
        starts = [np.minimum(_first_row(history, window), stop) for window in self.windows]
        moved = [_moved(history, *pairs[move]) for move in self.moves or ()]
        return [count_true(flags, start, stop).astype(np.float64) for flags in moved for start in starts]


@dataclass(frozen=True)
class StageVisits(Aggregation):
    """How often each stage has been entered so far and how many days the customer has been in it, all visits together.

    Both are 0 where the customer has never been; the time before the first event belongs to no stage.

    Parameters
    ----------
    stages
        The stages to look at; None takes all of the journey, ``lapsed`` included.

    Examples
    --------
    >>> StageVisits(stages=("active",)).columns()
    ('stage_active_visits', 'stage_active_days')
    """

    stages: tuple[str, ...] | None = None

    @override
    def bind(self, vocabulary: Vocabulary, journey: Journey) -> Self:
        del vocabulary
        known = journey.stage_names
        for stage in self.stages or ():
            if stage not in known:
                raise FeatureError(f"StageVisits: stage '{stage}' is unknown; {did_you_mean(stage, known)}")
        return self if self.stages is not None else replace(self, stages=known)

    @override
    def columns(self) -> tuple[str, ...]:
        if self.stages is None:
            raise FeatureError("StageVisits has no stages yet; bind it to a log first")
        return tuple(f"stage_{slug(stage)}_{part}" for stage in self.stages for part in ("visits", "days"))

    @override
    def compile(self, plan: Plan) -> None:
        for stage in self.stages or ():
            plan.add(STAGE_VISITS, plan.journey.stage_names.index(stage), columns=2)

    @override
    def compute(self, history: History) -> list[Floats]:
        codes = [history.journey.stage_names.index(stage) for stage in self.stages or ()]
        return [column for code in codes for column in _visits_and_days(history, code)]


def _moves(journey: Journey) -> dict[str, tuple[int, int]]:
    """Returns the stage codes of every move by its name."""
    stages = enumerate(journey.stage_names)
    return {f"{source}{ARROW}{goal}": (one, other) for (one, source), (other, goal) in permutations(stages, 2)}


def _moved(history: History, source: int, goal: int) -> Bools:
    """Says for each row of the timeline whether it was entered by this move; a customer's first row was not."""
    stage = history.timeline.stage
    moved = np.append(False, (stage[:-1] == source) & (stage[1:] == goal))[: len(stage)]
    first = history.timeline.indptr[:-1]
    moved[first[first < history.timeline.indptr[1:]]] = False
    return moved


def _first_row(history: History, window: str) -> Ints:
    """Returns the first row of the timeline that was entered in the window."""
    customer, cutoff = history.snapshots.customer, history.snapshots.cutoff
    if window == LIFETIME:
        return history.timeline.indptr[customer]
    return history.timeline.row_at(customer, cutoff - parse_duration(window)) + 1


def _visits_and_days(history: History, code: int) -> tuple[Floats, Floats]:
    timeline, customer, cutoff = history.timeline, history.snapshots.customer, history.snapshots.cutoff
    current = timeline.row_at(customer, cutoff)
    start = timeline.indptr[customer]
    here = timeline.stage == code
    visits = count_true(here, start, current + 1)
    left = np.append(timeline.entered_at[1:], 0)[: len(here)]
    # whole microseconds: a running total of them is exact, so it may be subtracted
    total = np.concatenate([[0], np.cumsum(np.where(here, left - timeline.entered_at, 0))])
    completed = total[np.maximum(current, start)] - total[start]
    inside = (current >= start) & np.append(here, False)[current]
    ongoing = np.where(inside, cutoff - np.append(timeline.entered_at, 0)[current], 0)
    return visits.astype(np.float64), (completed + ongoing) / float(DAY)
