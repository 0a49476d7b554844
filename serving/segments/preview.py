"""What a segment would give, before anything is written: how many, what is captured, what is lost, what changed."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from features.arrays import Bools, Floats, Ints
from models.period_shift import USUAL_SHIFT
from serving.segments.interval import Captured, captured
from serving.segments.segment import Segment
from serving.segments.selection import Selection, select
from serving.segments.table import YES_NO, CustomerTable


@dataclass(frozen=True)
class Capture:
    """What the members are expected to do of one target within its horizon.

    Parameters
    ----------
    target
        Such as ``purchase_28d``.
    customers
        The members of whom it is asked.
    expected, low, high
        How many of them will, with the bounds of a 90 % interval.
    false_positives
        How many of them are expected not to.
    recall
        Of all customers in the table who are expected to, the share that are members; None if nobody is.
    """

    target: str
    customers: int
    expected: float
    low: int
    high: int
    false_positives: float
    recall: float | None


@dataclass(frozen=True)
class Worth:
    """What approaching the members is expected to bring, with the bounds that the interval of what is captured gives.

    Parameters
    ----------
    cost
        Of approaching every member.
    profit, low, high
        The value of what is captured, less the cost.
    """

    cost: float
    profit: float
    low: float
    high: float


@dataclass(frozen=True)
class Changes:
    """Beside the last time: who came, who left, and who stayed."""

    entered: int
    left: int
    kept: int


@dataclass(frozen=True)
class Preview:
    """What a segment would give.

    Parameters
    ----------
    size
        How many members there are, held out ones not among them.
    customers
        How many there are in the table.
    matched
        For how many the rule holds, before ``top``, ``top_percent`` and ``budget``.
    opted_out, held_out
        Who would be in, but refused since the scores were made, or is left alone to be compared with.
    captures
        For the target that the segment is ordered by, if that is one, and for every target at the main horizon.
    worth
        None without cost and value.
    changes
        None where there was no last time.
    """

    name: str
    size: int
    customers: int
    matched: int
    opted_out: int
    held_out: int
    captures: tuple[Capture, ...]
    worth: Worth | None
    changes: Changes | None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return {**asdict(self), "captures": [asdict(each) for each in self.captures]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Preview":
        """Returns the preview of plain data, as ``to_dict`` wrote it."""
        captures = tuple(Capture(**each) for each in data["captures"])
        worth, changes = data["worth"], data["changes"]
        parts = {"worth": worth and Worth(**worth), "changes": changes and Changes(**changes)}
        return cls(**{**data, **parts, "captures": captures})


def preview(
    segment: Segment,
    table: CustomerTable,
    previous: Collection[str] | None = None,
    held_out: Bools | None = None,
) -> Preview:
    """Returns what a segment would give; nothing is written.

    Parameters
    ----------
    previous
        The members of the last time.
    held_out
        As for ``select``.

    Raises
    ------
    SegmentError
        If the segment does not fit the table.
    """
    return describe(segment, table, select(segment, table, held_out), previous)


def describe(
    segment: Segment, table: CustomerTable, selection: Selection, previous: Collection[str] | None = None
) -> Preview:
    """Returns what a selection gives; the other parameters are those of ``preview``."""
    members = selection.members
    names = {_target(name, table): name for name in (segment.order_by, *(f"{kind}_prob" for kind in YES_NO))}
    captures = [
        _capture(target, table.probabilities[name], members, table.shifts)
        for target, name in names.items()
        if name in table.probabilities
    ]
    return Preview(
        name=segment.name,
        size=len(members),
        customers=len(table),
        matched=selection.matched,
        opted_out=selection.opted_out,
        held_out=len(selection.held_out),
        captures=tuple(captures),
        worth=_worth(segment, table, members),
        changes=None if previous is None else _changes(table.customer_id[members].tolist(), previous),
    )


def _capture(target: str, column: Floats, members: Ints, shifts: Mapping[str, float]) -> Capture:
    found, own = _captured(target, column, members, shifts)
    everybody = float(np.nansum(column))
    recall = found.expected / everybody if everybody > 0 else None
    return Capture(target, own, found.expected, found.low, found.high, own - found.expected, recall)


def _captured(target: str, column: Floats, members: Ints, shifts: Mapping[str, float]) -> tuple[Captured, int]:
    probabilities = column[members]
    asked = probabilities[~np.isnan(probabilities)]
    return captured(asked, shifts.get(target, USUAL_SHIFT)), len(asked)


def _target(column: str, table: CustomerTable) -> str:
    """Returns what a column of probabilities is of; one without a horizon in its name is of the main one."""
    return f"{column.removesuffix('_prob')}_{table.horizon_days}d" if column.endswith("_prob") else column


def _worth(segment: Segment, table: CustomerTable, members: Ints) -> Worth | None:
    if segment.cost is None or segment.value is None:
        return None
    found, _ = _captured(_target(segment.order_by, table), table.probabilities[segment.order_by], members, table.shifts)
    cost = segment.cost * len(members)
    expected, low, high = (figure * segment.value - cost for figure in found)
    return Worth(cost, expected, low, high)


def _changes(members: list[str], previous: Collection[str]) -> Changes:
    before = previous if isinstance(previous, set | frozenset) else frozenset(previous)
    kept = len(before.intersection(members))
    return Changes(len(members) - kept, len(before) - kept, kept)
