from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from features.durations import DAY
from features.snapshots import Snapshots, first_times, regular_cutoffs
from tests.laws import CUSTOMERS, START, STEP, Row, World, worlds


def log_of(*rows):
    listed = tuple(Row(customer, START + step * STEP, "buy", None, 1.0, 1.0) for customer, step in rows)
    blank = {"journey": None, "asked": (), "end": START, "tiers": (None,) * 3, "ages": (0.0,) * 3}
    return World(rows=listed, **blank).log()


def pairs(snapshots):
    return list(zip(snapshots.customer.tolist(), ((snapshots.cutoff - START) // STEP).tolist(), strict=True))


def test_a_grid_holds_customers_from_the_cutoff_of_their_first_event_on():
    log = log_of(("ann", 2), ("bob", 3), ("bob", 0))
    grid = Snapshots.grid(log, np.array([START, START + 2 * STEP, START + 4 * STEP]))
    assert pairs(grid) == [(1, 0), (0, 2), (1, 2), (0, 4), (1, 4)]


def test_at_one_instant_there_is_a_row_for_everyone_even_without_events():
    assert pairs(Snapshots.at(log_of(("ann", 2)), START)) == [(0, 0), (1, 0), (2, 0)]


def test_every_event_is_a_row_of_its_own_even_at_equal_times():
    log = log_of(("bob", 3), ("ann", 2), ("bob", 3))
    assert pairs(Snapshots.every_event(log)) == [(0, 2), (1, 3), (1, 3)]


def test_rows_are_taken_by_position_and_by_mask():
    snapshots = Snapshots.at(log_of(("ann", 2)), START)
    assert pairs(snapshots.take(np.array([2, 0]))) == [(2, 0), (0, 0)]
    assert len(snapshots.take(np.array([False, True, False]))) == 1


@given(world=worlds())
def test_first_times_are_the_earliest_rows(world):
    rows = [[row.time for row in world.rows if row.customer == name] for name in CUSTOMERS]
    expected = [min(times, default=np.iinfo(np.int64).max) for times in rows]
    assert first_times(world.log()).tolist() == expected


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [(0, 3 * DAY, [0, DAY, 2 * DAY, 3 * DAY]), (1, 2 * DAY, [DAY, 2 * DAY]), (5, 5, [5]), (6, 5, [])],
)
def test_regular_cutoffs_end_at_the_stop_and_never_lie_before_the_start(start, stop, expected):
    assert regular_cutoffs(start, stop, DAY).tolist() == expected


@given(world=worlds())
def test_a_grid_does_not_depend_on_events_after_its_last_cutoff(world):
    now = START + 10 * STEP
    past = replace(world, rows=tuple(row for row in world.rows if row.time <= now))
    cutoffs = np.array([START, now])
    assert pairs(Snapshots.grid(world.log(), cutoffs)) == pairs(Snapshots.grid(past.log(), cutoffs))
