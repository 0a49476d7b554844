import numpy as np

from features.events import EventLog
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets import Churn
from features.timeline import stage_timeline
from serving.reports.observed import NEW, OPEN, PERIOD, WEEK, Observed, concatenate, observe


def test_blocks_together_are_the_whole(log: EventLog, journey: Journey, cutoff: int, observed: Observed) -> None:
    whole = observe(log, journey, cutoff)
    for table in ("stays", "touches"):
        for name, column in vars(getattr(whole, table)).items():
            np.testing.assert_array_equal(getattr(getattr(observed, table), name), column, err_msg=name)
    np.testing.assert_array_equal(observed.churned, whole.churned)
    assert observed.events == whole.events
    assert {name: texts.tolist() for name, texts in observed.groups.items()} == {
        name: texts.tolist() for name, texts in whole.groups.items()
    }


def test_names_that_only_one_block_knows_keep_their_meaning(observed: Observed) -> None:
    first, second = (observed.take(np.arange(len(observed.customers)) % 2 == side) for side in (0, 1))
    both = concatenate([first, second])
    assert sorted(both.customers.tolist()) == sorted(observed.customers.tolist())
    assert len(both.touches.event) == len(observed.touches.event)


def test_nothing_after_the_cutoff_is_seen(log: EventLog, journey: Journey, cutoff: int) -> None:
    seen, known = observe(log, journey, cutoff), observe(log.until(cutoff), journey, cutoff)
    np.testing.assert_array_equal(seen.stays.left_at, known.stays.left_at)
    np.testing.assert_array_equal(seen.touches.customer, known.touches.customer)
    np.testing.assert_array_equal(seen.churned, known.churned)
    assert (seen.stays.entered_at <= cutoff).all()
    assert ((seen.stays.left_at <= cutoff) | (seen.stays.left_at == OPEN)).all()


def test_the_stage_at_a_moment_is_that_of_the_timeline(
    log: EventLog, journey: Journey, cutoff: int, observed: Observed
) -> None:
    timeline, everybody = stage_timeline(log, journey), np.arange(log.n_customers)
    for moment in (cutoff, cutoff - WEEK, cutoff - 5 * PERIOD):
        stage = observed.stage_at(moment)
        known = stage != NEW
        np.testing.assert_array_equal(
            stage[known], timeline.stage_at(everybody, np.full(log.n_customers, moment))[known]
        )
        first = log.time[log.indptr[:-1]]
        np.testing.assert_array_equal(known, first <= moment)


def test_an_event_at_the_cutoff_is_of_the_latest_week(log: EventLog, journey: Journey) -> None:
    moment = int(log.time[100])
    seen = observe(log, journey, moment)
    assert (seen.touches.week >= 0).all()
    assert 0 in seen.touches.week[seen.touches.customer == int(log.customer[100])]


def test_who_churned_is_what_the_target_says(log: EventLog, journey: Journey, cutoff: int, observed: Observed) -> None:
    snapshots = Snapshots.at(log, cutoff - 2 * PERIOD)
    labels = Churn(("28d",)).labels(log, journey, snapshots, "28d", until=cutoff)
    np.testing.assert_array_equal(observed.churned[:, 1], labels)
