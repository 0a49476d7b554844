"""Which stage a customer enters next."""

from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from features.arrays import Floats, Ints
from features.durations import parse_duration
from features.events import EventLog
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets.firsts import Firsts, firsts_at
from features.targets.target import Target
from features.timeline import stage_timeline


@dataclass(frozen=True)
class NextStage(Target):
    """The first different stage entered in the horizon; the current one stands for staying."""

    kind = "next_stage"

    @override
    def causes(self, journey: Journey) -> tuple[str, ...]:
        return journey.stage_names

    @override
    def classes(self, journey: Journey) -> tuple[str, ...]:
        return journey.stage_names

    @override
    def firsts(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Firsts:
        timeline, customer = stage_timeline(log, journey), snapshots.customer
        following = timeline.row_at(customer, snapshots.cutoff) + 1
        begins_lapsed = (following == timeline.indptr[customer]) & (np.append(timeline.stage, -1)[following] == 0)
        following = following + begins_lapsed  # who has no event yet is lapsed already
        exists = following < timeline.indptr[customer + 1]
        return firsts_at(exists, following, timeline.entered_at, timeline.stage, snapshots)

    @override
    def answers(self, firsts: Firsts, stage: Ints, horizon: str) -> Ints:
        return np.where(firsts.wait <= parse_duration(horizon), firsts.cause, stage)

    @override
    def impossible(self, stage: Ints) -> Ints:
        return stage

    @override
    def outcomes(self, codes: Ints, stage: Ints) -> Ints:
        return np.where(codes == stage, 0, codes + 1)

    @override
    def distribution(self, survival: Floats, incidence: Floats, stage: Ints) -> Floats:
        probabilities = incidence.copy()
        probabilities[np.arange(len(stage)), ..., stage] = survival
        return probabilities
