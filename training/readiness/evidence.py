"""Features and answers at a few cutoffs, on which leaks are looked for."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.aggregations import Aggregation, Attribute
from features.aggregations.aggregation import GroupedAggregation, group_name
from features.arrays import Bools, Ints, Singles
from features.durations import parse_duration
from features.events import CHANNEL, EVENT, VALUE, EventLog
from features.featureset import FeatureSet
from features.journey import Journey
from features.plan import ALL, STAGE
from features.snapshots import Snapshots, regular_cutoffs
from features.timeline import stage_timeline
from models.enough import FEWEST_OF_A_CLASS
from training.readiness.answers import Answers, answers_at
from training.readiness.solo import binned

MOST_CUTOFFS = 6
MOST_CUSTOMERS = 10_000
EVENTS = "features of events"
OWN = (EVENT, CHANNEL, STAGE, ALL, VALUE)


@dataclass(frozen=True, eq=False)
class YesNo:
    """One yes or no.

    Parameters
    ----------
    known, yes
        Which rows have an answer, and which have this one, shape (rows,).
    of_one_stage
        Whether it asks for one next stage, which events may tell well: who is in a stage often stays there.
    """

    name: str
    known: Bools
    yes: Bools
    of_one_stage: bool = False


@dataclass(frozen=True, eq=False)
class Evidence:
    """Rows one horizon apart.

    Parameters
    ----------
    sources
        What each column is made from, such as ``attribute 'age'``; columns of one source may leak together.
    """

    features: FeatureSet
    sources: tuple[str, ...]
    X: Singles
    snapshots: Snapshots
    questions: tuple[YesNo, ...]

    @classmethod
    def gather(cls, log: EventLog, journey: Journey, features: FeatureSet, horizon: str) -> "Evidence":
        """Returns the evidence of at most 10,000 customers, evenly chosen, at the last six cutoffs with an answer."""
        step = parse_duration(horizon)
        cutoffs = regular_cutoffs(log.start, log.end - step, step)[-MOST_CUTOFFS:]
        every = max(1, -(-log.n_customers // MOST_CUSTOMERS))
        chosen = log.select(np.arange(0, log.n_customers, every))
        snapshots = Snapshots.grid(chosen, cutoffs)
        X = features.compute(chosen, journey, snapshots)
        now = stage_timeline(chosen, journey).stage_at(snapshots.customer, snapshots.cutoff)
        questions = []
        for answers in answers_at(chosen, journey, horizon, snapshots):
            questions += _binary(answers) if len(answers.classes) == 2 else _of_classes(answers, answers.y != now)
        return cls(features, sources_of(features, journey), X, snapshots, tuple(questions))

    @cached_property
    def bins(self) -> tuple[tuple[Ints, int], ...]:
        """The bin of each row, and the number of bins, of each column."""
        return tuple(binned(column) for column in self.X.T)

    def rows(self, question: YesNo) -> Bools | None:
        """Returns the rows on which a question is judged: as few of the last cutoffs as hold enough of both answers.

        What was written when the answer was known tells most about the last cutoffs. None if there are too few answers.
        """
        for cutoff in np.unique(self.snapshots.cutoff)[::-1]:
            rows: Bools = question.known & (self.snapshots.cutoff >= cutoff)
            yes = int((question.yes & rows).sum())
            if min(yes, int(rows.sum()) - yes) >= FEWEST_OF_A_CLASS:
                return rows
        return None


def sources_of(features: FeatureSet, journey: Journey) -> tuple[str, ...]:
    """Returns what each column of a feature set is made from."""
    return tuple(
        _source(aggregation, column, journey)
        for aggregation in features.aggregations
        for column in aggregation.columns()
    )


def _binary(answers: Answers) -> list[YesNo]:
    return [YesNo(answers.target, answers.known, answers.y == 1)]


def _of_classes(answers: Answers, moves: Bools) -> list[YesNo]:
    """Returns whether a customer moves at all, and each class for itself."""
    each = [
        YesNo(f"{answers.target} '{name}'", answers.known, answers.y == code, of_one_stage=True)
        for code, name in enumerate(answers.classes)
    ]
    return [YesNo(f"{answers.target} moves", answers.known, moves), *each]


def _source(aggregation: Aggregation, column: str, journey: Journey) -> str:
    if isinstance(aggregation, Attribute):
        return f"attribute '{aggregation.name}'"
    for option in ("measure", "by", "of"):
        name = getattr(aggregation, option, ALL)
        if name not in OWN:
            return f"column '{name}'"
    if isinstance(aggregation, GroupedAggregation) and aggregation.by == EVENT:
        behind = [group for group in aggregation.groups() if column.startswith(f"{group_name(group)}_")]
        if behind:
            event = max(behind, key=lambda group: len(group_name(group))).value
            return EVENTS if event in journey.events else f"event '{event}'"
    return EVENTS
