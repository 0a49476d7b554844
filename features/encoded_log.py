"""What scores are made of, without a word in it: kept for each customer, and joined for those of one question."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.arrays import Ints, Texts, plain
from features.encoding import Encoded, joined_pointers, pointer_of, rows_of
from features.events import EventLog
from features.kernel.search import STAGE_AT, find_standing
from features.program import Program
from features.segments import Selection
from features.snapshots import Snapshots
from features.targets.churn import activity_of
from features.timeline import StageTimeline, stage_timeline

NEVER_YET = int(np.iinfo(np.int64).min)
"""Stands for the time of what has not been."""

NOWHERE: Ints = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class EncodedLog:
    """A log as one feature set and journey read it, with all that does not depend on the cutoff worked out.

    Parameters
    ----------
    customers
        Ids, shape (customers,).
    encoded
        What features are computed from.
    activity
        The events whose absence is churn; ``rows`` is empty.
    """

    customers: Texts
    encoded: Encoded
    timeline: StageTimeline
    activity: Selection

    @classmethod
    def of(cls, log: EventLog, program: Program) -> "EncodedLog":
        """Returns a log as a program reads it."""
        journey = program.plan.journey
        activity = activity_of(log, journey)
        return cls(
            customers=log.customers,
            encoded=program.encode(log),
            timeline=stage_timeline(log, journey),
            activity=Selection(activity.indptr, activity.time, NOWHERE),
        )

    @classmethod
    def join(cls, parts: Sequence["EncodedLog"]) -> "EncodedLog":
        """Returns the customers of several logs, one log after the other."""
        if len(parts) == 1:
            return parts[0]
        timelines, activities = [part.timeline for part in parts], [part.activity for part in parts]
        return cls(
            customers=np.concatenate([part.customers for part in parts]),
            encoded=Encoded.join([part.encoded for part in parts]),
            timeline=StageTimeline(
                joined_pointers([each.indptr for each in timelines]),
                np.concatenate([each.entered_at for each in timelines]),
                np.concatenate([each.stage for each in timelines]),
            ),
            activity=Selection(
                joined_pointers([each.indptr for each in activities]),
                np.concatenate([each.time for each in activities]),
                NOWHERE,
            ),
        )

    def split(self) -> "list[EncodedLog]":
        """Returns each customer's part of the log, which holds on to nothing of the others."""
        return [self._of_customer(place) for place in range(len(self.customers))]

    def _of_customer(self, place: int) -> "EncodedLog":
        one = slice(place, place + 1)
        stays, active = rows_of(self.timeline.indptr, place), rows_of(self.activity.indptr, place)
        return EncodedLog(
            customers=self.customers[one].copy(),
            encoded=self.encoded.of_customer(place),
            timeline=StageTimeline(
                pointer_of(stays), self.timeline.entered_at[stays].copy(), self.timeline.stage[stays].copy()
            ),
            activity=Selection(pointer_of(active), self.activity.time[active].copy(), NOWHERE),
        )

    def standing(self, snapshots: Snapshots) -> Ints:
        """Returns the stage at each snapshot, since when, and the times of the last event and activity, (4, rows).

        Before a customer's first event the stage is lapsed, 0; a time that is not known is NEVER_YET.
        """
        events, stays, active = self.encoded.events, self.timeline, self.activity
        standing = np.full((4, len(snapshots)), NEVER_YET, dtype=np.int64)
        standing[STAGE_AT] = 0
        find_standing(
            (events.indptr, events.time, plain(active.indptr, np.int64), plain(active.time, np.int64)),
            (plain(stays.indptr, np.int64), plain(stays.entered_at, np.int64), plain(stays.stage, np.int64)),
            plain(snapshots.customer, np.int64),
            plain(snapshots.cutoff, np.int64),
            standing,
        )
        return standing

    @property
    def n_events(self) -> int:
        """The number of events."""
        return len(self.encoded.events.time)
