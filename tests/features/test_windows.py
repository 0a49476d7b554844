import math

import numpy as np
import pytest

from features.aggregations import Count, Max, Mean, Sum
from features.durations import DAY
from features.events import Dimension, EventLog
from features.featureset import FeatureSet
from features.journey import load_journey
from features.snapshots import Snapshots

WINDOWS = ("2d", "30d", "lifetime")
EVENTS = 400


def log_of(values, time=None):
    """Returns one customer who buys for the given values, a day apart."""
    count = len(values)
    return EventLog(
        customers=np.array(["ann"], dtype=object),
        indptr=np.array([0, count]),
        time=np.arange(count) * DAY if time is None else time,
        dimensions={"event": Dimension(np.zeros(count, dtype=np.int32), ("buy",))},
        measures={"value": np.asarray(values, dtype=np.float64)},
        end=count * DAY,
    )


def at_every_event(kind, log):
    chosen = FeatureSet((kind(values=("buy",), windows=WINDOWS),))
    return chosen.compute(log, load_journey("retail"), Snapshots.every_event(log))


def spread(seed):
    random = np.random.default_rng(seed)
    return random.choice([-1.0, 1.0], EVENTS) * 10.0 ** random.uniform(-9, 15, EVENTS)


@pytest.mark.parametrize("seed", range(3))
def test_sliding_sums_of_values_of_all_sizes_do_not_drift(seed):
    values = spread(seed)
    sums = at_every_event(Sum, log_of(values))
    for row in range(EVENTS):
        for column, width in enumerate((2, 30, EVENTS)):
            exact = math.fsum(values[max(row + 1 - width, 0) : row + 1])
            assert sums[row, column] == pytest.approx(exact, rel=1e-6, abs=1e-12)


def test_a_small_sum_left_by_a_large_value_that_has_gone_is_exact():
    assert at_every_event(Sum, log_of([1e15, 0.1, 0.2, -0.3]))[:, 0].tolist() == [
        np.float32(1e15),
        np.float32(1e15 + 0.1),
        np.float32(0.1 + 0.2),
        np.float32(0.2 - 0.3),
    ]


def test_values_that_cancel_leave_nothing():
    assert at_every_event(Sum, log_of([0.1, -0.1, -7e14, 7e14]))[:, 2].tolist() == [
        np.float32(0.1),
        0.0,
        np.float32(-7e14),
        0.0,
    ]


@pytest.mark.parametrize("order", ["up", "down", "mixed"])
def test_a_sliding_maximum_is_that_of_a_scan(order):
    values = {"up": np.arange(EVENTS), "down": -np.arange(EVENTS), "mixed": spread(0)}[order].astype(np.float64)
    largest = at_every_event(Max, log_of(values))
    for row in range(EVENTS):
        expected = [values[max(row + 1 - width, 0) : row + 1].max() for width in (2, 30, EVENTS)]
        assert largest[row].tolist() == np.float32(expected).tolist()


def test_events_at_one_instant_enter_and_leave_together():
    log = log_of([1.0, 2.0, 4.0], time=np.array([0, 0, 2 * DAY]))
    assert at_every_event(Count, log).tolist() == [[2, 2, 2], [2, 2, 2], [1, 3, 3]]
    assert at_every_event(Mean, log)[2].tolist() == [4.0, np.float32(7 / 3), np.float32(7 / 3)]
