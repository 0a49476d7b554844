"""What an aggregation may see: the log and the positions of windows at each snapshot, worked out once and shared."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from features.arrays import Bools, Floats, Ints
from features.durations import LIFETIME, parse_duration
from features.events import EventLog
from features.journey import Journey
from features.plan import ALL, STAGE, Group
from features.segments import Selection, positions_at, select
from features.snapshots import Snapshots
from features.timeline import StageTimeline, stage_events, stage_timeline


@dataclass(frozen=True, eq=False)
class History:
    """A log looked at from each snapshot; everything it hands out lies at or before the row's cutoff."""

    log: EventLog
    journey: Journey
    snapshots: Snapshots
    _selections: dict[Group, Selection] = field(default_factory=dict, repr=False)
    _positions: dict[tuple[Group, str | None], Ints] = field(default_factory=dict, repr=False)

    @cached_property
    def timeline(self) -> StageTimeline:
        """The stage timeline of the log; rows entered after a cutoff are not history to it."""
        return stage_timeline(self.log, self.journey)

    def selection(self, group: Group) -> Selection:
        """Returns the events of a group."""
        if group not in self._selections:
            self._selections[group] = select(self.log.indptr, self.log.time, self._members(group))
        return self._selections[group]

    def segment(self, group: Group, window: str) -> tuple[Ints, Ints]:
        """Returns ``[start, stop)`` into the group's events for ``(cutoff - window, cutoff]``, of shape (rows,)."""
        return self._at(group, window), self._at(group, None)

    def measure(self, group: Group) -> Floats:
        """Returns the measure of the group's events."""
        values = self.log.measures.get(str(group.measure), np.full(self.log.n_events, np.nan))
        return values[self.selection(group).rows]

    def days_since(self, moment: Ints) -> Floats:
        """Returns days from each moment to the row's cutoff."""
        return (self.snapshots.cutoff - moment) / float(parse_duration("1d"))

    def _at(self, group: Group, window: str | None) -> Ints:
        key = (group, window)
        if key not in self._positions:
            selection = self.selection(group)
            if window == LIFETIME:
                self._positions[key] = selection.indptr[self.snapshots.customer]
            else:
                moment = self.snapshots.cutoff - (parse_duration(window) if window else 0)
                self._positions[key] = positions_at(selection, self.snapshots.customer, moment)
        return self._positions[key]

    def _members(self, group: Group) -> Bools:
        if group.by == ALL:
            chosen = np.ones(self.log.n_events, dtype=bool)
        elif group.by == STAGE:
            chosen = stage_events(self.log, self.journey, group.value)
        elif group.excluding is not None and group.by in self.log.dimensions:
            dimension = self.log.dimensions[group.by]
            chosen = ~dimension.is_in(group.excluding) & (dimension.codes >= 0)
        elif group.by in self.log.dimensions:
            chosen = self.log.dimensions[group.by].is_in((group.value,))
        else:
            chosen = np.zeros(self.log.n_events, dtype=bool)
        if group.measure is None:
            return chosen
        measured = self.log.measures.get(group.measure)
        return chosen & (False if measured is None else ~np.isnan(measured))
