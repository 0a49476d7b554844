"""Late, early and repeated events: training must have seen what the live store would have said at that moment."""

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from features.featureset import FeatureSet
from features.ingest import Schema, log_from_frame
from features.snapshots import Snapshots
from serving.store import Store
from tests.laws import FAR, START, STEP, Row, worlds

SCHEMA = Schema(measures=("points",))
# None: the source did not say; below zero: announced ahead of its time
delays = st.sampled_from((None, None, -6, -1, 0, 1, 3, 20))
ids = st.sampled_from((None, None, "i1", "i2", "i3"))


def table_of(rows, delayed, named):
    """Returns the raw table as a collector would have kept it, and when each row was received."""
    times = np.array([row.time for row in rows], dtype=np.int64)
    known = [None if delay is None else row.time + delay * STEP for row, delay in zip(rows, delayed, strict=True)]
    table = pd.DataFrame(
        {
            "customer_id": [row.customer for row in rows],
            "timestamp": pd.to_datetime(times, unit="us", utc=True),
            "known_at": pd.to_datetime(pd.Series(known, dtype="Int64"), unit="us", utc=True),
            "event": [row.event for row in rows],
            "channel": pd.Series([row.channel for row in rows], dtype=object),
            "value": [row.value for row in rows],
            "points": [row.points for row in rows],
            "event_id": pd.Series(named, dtype=object),
        }
    )
    received = [time if moment is None else moment for time, moment in zip(times.tolist(), known, strict=True)]
    return table, np.array(received, dtype=np.int64)


def live(folder, table, received, cutoff):
    """Returns the log of a store to which every row was sent when it was received, until the cutoff."""
    with Store(f"sqlite:///{folder / 'live.db'}") as store:
        for row in np.argsort(received, kind="stable"):
            if received[row] <= cutoff:
                store.add(table.iloc[[row]], SCHEMA)
        return store.log()


@settings(max_examples=25)
@given(world=worlds(), data=st.data())
def test_a_training_row_is_what_the_live_store_would_have_given(world, data, tmp_path_factory):
    rows = world.rows or (Row("ann", START, "buy", "web", 1.0, 1.0),)
    delayed, named = (data.draw(st.lists(each, min_size=len(rows), max_size=len(rows))) for each in (delays, ids))
    table, received = table_of(rows, delayed, named)
    at = data.draw(st.integers(0, len(rows) - 1))
    cutoff = received[at] + data.draw(st.sampled_from((0, 1, STEP, 4 * STEP)))
    log = log_from_frame(table, SCHEMA)
    chosen = FeatureSet.default(log, world.journey)
    there = live(tmp_path_factory.mktemp("store"), table, received, cutoff)
    customer = rows[at].customer
    assume(customer in log.customers and customer in there.customers)  # a repeated event_id may have taken the row
    then, now = (
        chosen.compute(one, world.journey, Snapshots(one.positions([customer]), np.array([cutoff])))
        for one in (there, log)
    )
    assert then.tobytes() == now.tobytes()


def events_of(log):
    return [log.dimensions["event"].names[code] for code in log.dimensions["event"].codes]


def test_an_event_joins_the_history_when_it_is_known(tmp_path):
    rows = [Row("ann", START, "buy", None, 1.0, 1.0), Row("ann", START + STEP, "view", None, 1.0, 1.0)]
    table, received = table_of(rows, [2, None], [None, None])
    assert (
        events_of(log_from_frame(table, SCHEMA)) == events_of(live(tmp_path, table, received, FAR)) == ["view", "buy"]
    )


def test_of_two_events_that_join_at_one_time_the_one_announced_ahead_comes_first(tmp_path):
    rows = [Row("ann", START, event, None, 1.0, 1.0) for event in ("view", "buy")]
    table, received = table_of(rows, [None, -1], [None, None])
    assert (
        events_of(log_from_frame(table, SCHEMA)) == events_of(live(tmp_path, table, received, FAR)) == ["buy", "view"]
    )


def test_of_two_copies_that_join_at_one_time_the_one_received_first_counts(tmp_path):
    rows = [Row("ann", START, event, None, 1.0, 1.0) for event in ("view", "buy")]
    table, received = table_of(rows, [None, -1], ["i1", "i1"])
    there = live(tmp_path, table, received, FAR)
    assert events_of(log_from_frame(table, SCHEMA)) == events_of(there) == ["buy"]
