"""Whom a segment takes, and in what order."""

import math
from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Floats, Ints
from features.errors import did_you_mean
from serving.segments.errors import SegmentError
from serving.segments.expression import holds
from serving.segments.segment import Segment
from serving.segments.table import Category, CustomerTable

TINY = 1e-9  # so that 10 % of 30 are 3 and not 4


@dataclass(frozen=True, eq=False)
class Selection:
    """Rows of a table.

    Parameters
    ----------
    members
        Who is chosen, the best first, equal ones by id.
    held_out
        Who would be, but is left alone to be compared with.
    matched
        For how many the rule holds, before they are ranked and limited; ``opted_out`` are not among them.
    opted_out
        For how many it would hold who have opted out.
    """

    members: Ints
    held_out: Ints
    matched: int
    opted_out: int


def select(segment: Segment, table: CustomerTable, held_out: Bools | None = None) -> Selection:
    """Returns whom a segment takes of a table.

    Who opted out never has a place. Who is held out is taken away from those chosen, and nobody takes the place:
    otherwise the two could not be compared.

    Parameters
    ----------
    held_out
        Who must not be approached although chosen, shape (customers,).

    Raises
    ------
    SegmentError
        If the table has no column that the segment needs.
    """
    column = number_column(segment, table)
    score = -column if segment.lowest_first else column
    rule = _rule(segment, table, score)
    matched = rule & ~table.opted_out
    chosen = _limited(segment, table, _ranked(matched, score))
    left_out = np.zeros(len(chosen), dtype=bool) if held_out is None else held_out[chosen]
    refused = int(np.count_nonzero(rule & table.opted_out))
    return Selection(chosen[~left_out], chosen[left_out], int(np.count_nonzero(matched)), refused)


def number_column(segment: Segment, table: CustomerTable) -> Floats:
    """Returns the column that a segment is ordered by."""
    name, known = segment.order_by, table.columns
    numbers = [each for each in known if not isinstance(known[each], Category)]
    column = known.get(name)
    if column is None or isinstance(column, Category):
        raise SegmentError(f"segment '{segment.name}': no column of numbers '{name}'; {table.hint(name, numbers)}")
    if segment.cost is not None and name not in table.probabilities:
        hint = did_you_mean(name, table.probabilities)
        raise SegmentError(f"segment '{segment.name}': '{name}' is no probability that cost and value go with; {hint}")
    return column


def _rule(segment: Segment, table: CustomerTable, score: Floats) -> Bools:
    """Says for whom a segment holds, however many there may be."""
    rule = ~np.isnan(score)
    if segment.expression is not None:
        rule &= holds(segment.expression, table)
    if segment.at_least is not None:
        rule &= score >= (-segment.at_least if segment.lowest_first else segment.at_least)
    if segment.cost is not None and segment.value is not None:
        rule &= score * segment.value > segment.cost
    return rule


def _ranked(chosen: Bools, score: Floats) -> Ints:
    rows = np.flatnonzero(chosen)
    order: Ints = rows[np.argsort(-score[rows], kind="stable")]  # the table is ordered by id
    return order


def _limited(segment: Segment, table: CustomerTable, ranked: Ints) -> Ints:
    """Returns the first of those ranked, as many as the limits allow."""
    if segment.within == "stage":
        stage = table.columns["stage_current"]
        codes = stage.dimension.codes[ranked] if isinstance(stage, Category) else np.zeros(len(ranked), dtype=np.int32)
        parts = [ranked[codes == code] for code in np.unique(codes)]
        kept = np.zeros(len(table), dtype=bool)
        for part in parts:
            kept[part[: _room(segment, len(part))]] = True
        ranked = ranked[kept[ranked]]
    else:
        ranked = ranked[: _room(segment, len(ranked))]
    return ranked[: _affordable(segment, len(ranked))]


def _room(segment: Segment, customers: int) -> int:
    share = customers if segment.top_percent is None else math.ceil(customers * segment.top_percent / 100 - TINY)
    return share if segment.top is None else min(share, segment.top)


def _affordable(segment: Segment, customers: int) -> int:
    if segment.budget is None or not segment.cost:
        return customers
    return math.floor(min(customers, segment.budget / segment.cost + TINY))
