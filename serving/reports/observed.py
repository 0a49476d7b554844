"""What customers did up to a cutoff, as the plain arrays that every panel is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from features.arrays import Bools, Floats, Ints, Texts
from features.durations import DAY
from features.events import CHANNEL, EVENT, VALUE, Dimension, EventLog
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets import Churn
from features.timeline import stage_timeline

WEEK = 7 * DAY
PERIOD_WEEKS = 4
PERIOD = PERIOD_WEEKS * WEEK
PERIODS = 26  # of four weeks each: what is shown reaches back two years
OPEN = int(np.iinfo(np.int64).max)
"""Stands for the end of a stay that has not ended."""
NEW = -1
"""Stands for the stage before a customer's first event."""
FIRST_CHANNEL = "first channel"
Table = TypeVar("Table", "Stays", "Touches")


@dataclass(frozen=True, eq=False)
class Stays:
    """Every stay of a customer in a stage, those of one customer in order, shapes (stays,).

    Parameters
    ----------
    came_from, went_to
        Stage codes; NEW before the first stay, and after one that is still open.
    entered_at, left_at
        UTC microseconds; OPEN where it has not ended by the cutoff.
    """

    customer: Ints
    stage: Ints
    came_from: Ints
    went_to: Ints
    entered_at: Ints
    left_at: Ints


@dataclass(frozen=True, eq=False)
class Touches:
    """Every event of the weeks looked at, shapes (events,).

    Parameters
    ----------
    week
        How many whole weeks before the cutoff; 0 for ``(cutoff - 7d, cutoff]``.
    stage
        The customer's stage once the event has happened.
    event, channel
        Codes into the names; channel -1 is none.
    """

    customer: Ints
    week: Ints
    stage: Ints
    event: Ints
    channel: Ints
    value: Floats


@dataclass(frozen=True, eq=False)
class Observed:
    """What some customers did up to a cutoff; a customer's number is a place in ``customers``.

    Parameters
    ----------
    churned
        For each customer and period, the latest first: 1 without activity in it, 0 with, NO_LABEL where not active in
        the period before; shape (customers, PERIODS).
    groups
        Texts by which customers can be told apart, None where missing, shapes (customers,).
    """

    as_of: int
    customers: Texts
    stays: Stays
    touches: Touches
    events: tuple[str, ...]
    channels: tuple[str, ...]
    churned: Ints
    groups: Mapping[str, Texts]

    def stage_at(self, moment: int) -> Ints:
        """Returns each customer's stage at a moment up to the cutoff; NEW before the first event."""
        found = np.full(len(self.customers), NEW, dtype=np.int64)
        there = (self.stays.entered_at <= moment) & (moment < self.stays.left_at)
        found[self.stays.customer[there]] = self.stays.stage[there]
        return found

    def take(self, chosen: Bools) -> "Observed":
        """Returns what some customers did, shape of ``chosen`` (customers,)."""
        place = np.cumsum(chosen) - 1
        stays, touches = _taken(self.stays, chosen), _taken(self.touches, chosen)
        return Observed(
            as_of=self.as_of,
            customers=self.customers[chosen],
            stays=replace(stays, customer=place[stays.customer]),
            touches=replace(touches, customer=place[touches.customer]),
            events=self.events,
            channels=self.channels,
            churned=self.churned[chosen],
            groups={name: texts[chosen] for name, texts in self.groups.items()},
        )


def observe(log: EventLog, journey: Journey, as_of: int) -> Observed:
    """Returns what the customers of a log did up to a cutoff."""
    channels = log.dimensions.get(CHANNEL)
    return Observed(
        as_of=as_of,
        customers=log.customers,
        stays=_stays(log, journey, as_of),
        touches=_touches(log, journey, as_of),
        events=log.dimensions[EVENT].names,
        channels=() if channels is None else channels.names,
        churned=_churned(log, journey, as_of),
        groups={**_attributes(log), **_first_channels(log, as_of)},
    )


def concatenate(parts: Sequence[Observed]) -> Observed:
    """Returns what the customers of several logs did, as if they had been one."""
    events = tuple(sorted({name for part in parts for name in part.events}))
    channels = tuple(sorted({name for part in parts for name in part.channels}))
    firsts = np.cumsum([0, *(len(part.customers) for part in parts)]).tolist()
    touches = [
        {
            **vars(part.touches),
            "customer": part.touches.customer + first,
            "event": _recoded(part.touches.event, part.events, events),
            "channel": _recoded(part.touches.channel, part.channels, channels),
        }
        for part, first in zip(parts, firsts, strict=False)
    ]
    stays = [
        {**vars(part.stays), "customer": part.stays.customer + first}
        for part, first in zip(parts, firsts, strict=False)
    ]
    return Observed(
        as_of=parts[0].as_of,
        customers=np.concatenate([part.customers for part in parts]),
        stays=Stays(**_stacked(stays)),
        touches=Touches(**_stacked(touches)),
        events=events,
        channels=channels,
        churned=np.concatenate([part.churned for part in parts]),
        groups=_joined([(part.groups, len(part.customers)) for part in parts]),
    )


def _stays(log: EventLog, journey: Journey, as_of: int) -> Stays:
    timeline = stage_timeline(log, journey)
    customer = np.repeat(np.arange(log.n_customers), np.diff(timeline.indptr))
    same = np.append(customer[1:] == customer[:-1], False)
    left = np.where(same, np.append(timeline.entered_at[1:], OPEN), OPEN)
    went = np.where(same, np.append(timeline.stage[1:], NEW), NEW)
    came = np.where(np.append(False, same[:-1]), np.append(NEW, timeline.stage[:-1]), NEW)[: len(customer)]
    is_open, rows = left > as_of, timeline.entered_at <= as_of
    columns = {
        "customer": customer,
        "stage": timeline.stage,
        "came_from": came,
        "went_to": np.where(is_open, NEW, went),
        "entered_at": timeline.entered_at,
        "left_at": np.where(is_open, OPEN, left),
    }
    return Stays(**{name: column[rows] for name, column in columns.items()})


def _touches(log: EventLog, journey: Journey, as_of: int) -> Touches:
    rows = np.flatnonzero((log.time <= as_of) & (log.time > as_of - PERIODS * PERIOD))
    customer, time = log.customer[rows], log.time[rows]
    channels = log.dimensions.get(CHANNEL)
    return Touches(
        customer=customer,
        week=(as_of - time) // WEEK,
        stage=stage_timeline(log, journey).stage_at(customer, time),
        event=log.dimensions[EVENT].codes[rows].astype(np.int64),
        channel=np.full(len(rows), -1) if channels is None else channels.codes[rows].astype(np.int64),
        value=log.measures[VALUE][rows] if VALUE in log.measures else np.full(len(rows), np.nan),
    )


def _churned(log: EventLog, journey: Journey, as_of: int) -> Ints:
    horizon = f"{PERIOD // DAY}d"
    starts = as_of - PERIOD * np.arange(1, PERIODS + 1)
    customer = np.repeat(np.arange(log.n_customers), PERIODS)
    snapshots = Snapshots(customer, np.tile(starts, log.n_customers))
    labels = Churn((horizon,)).labels(log, journey, snapshots, horizon, until=as_of)
    return labels.reshape(log.n_customers, PERIODS).astype(np.int8)


def _attributes(log: EventLog) -> dict[str, Texts]:
    return {name: column.texts() for name, column in log.attributes.items() if isinstance(column, Dimension)}


def _first_channels(log: EventLog, as_of: int) -> dict[str, Texts]:
    channels = log.dimensions.get(CHANNEL)
    if channels is None:
        return {}
    found: Texts = np.full(log.n_customers, None, dtype=object)
    there = np.flatnonzero(np.diff(log.indptr) > 0)
    there = there[log.time[log.indptr[there]] <= as_of]
    found[there] = channels.take(log.indptr[there]).texts()
    return {FIRST_CHANNEL: found}


def _recoded(codes: Ints, names: Sequence[str], all_names: Sequence[str]) -> Ints:
    place = {name: code for code, name in enumerate(all_names)}
    return np.array([*(place[name] for name in names), -1], dtype=np.int64)[codes]


def _joined(parts: Sequence[tuple[Mapping[str, Texts], int]]) -> dict[str, Texts]:
    names = list(dict.fromkeys(name for groups, _ in parts for name in groups))
    nothing = {size: np.full(size, None, dtype=object) for _, size in parts}
    return {name: np.concatenate([groups.get(name, nothing[size]) for groups, size in parts]) for name in names}


def _stacked(tables: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def _taken(table: Table, chosen: Bools) -> Table:
    """Returns the rows of some customers."""
    rows = chosen[table.customer]
    columns = {name: column[rows] for name, column in vars(table).items()}
    return type(table)(**columns)
