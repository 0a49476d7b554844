import numpy as np
from hypothesis import given

from features.encoded_log import NEVER_YET, EncodedLog
from features.featureset import FeatureSet
from features.targets import Churn
from tests.laws import worlds


def encoded_parts(world, program):
    """Returns each customer's part, encoded from a log of that customer alone, with dictionaries of its own."""
    whole = world.log()
    return [EncodedLog.of(world.log([name]), program) for name in whole.customers.tolist()]


@given(world=worlds())
def test_logs_of_single_customers_join_to_the_features_of_the_whole_bit_for_bit(world):
    log = world.log()
    program = FeatureSet.default(log, world.journey).program(world.journey)
    snapshots = world.snapshots(log)
    expected = program.matrix(log, snapshots)
    joined = EncodedLog.join(encoded_parts(world, program))
    assert program.features(joined.encoded, snapshots).tobytes() == expected.tobytes()
    again = EncodedLog.join(EncodedLog.of(log, program).split())
    assert program.features(again.encoded, snapshots).tobytes() == expected.tobytes()


@given(world=worlds())
def test_the_standing_is_that_of_timeline_and_log(world):
    log = world.log()
    encoded = EncodedLog.of(log, FeatureSet.default(log, world.journey).program(world.journey))
    snapshots = world.snapshots(log)
    stage, since, last, _ = encoded.standing(snapshots)
    assert stage.tolist() == encoded.timeline.stage_at(snapshots.customer, snapshots.cutoff).tolist()
    for row, (customer, cutoff) in enumerate(zip(snapshots.customer, snapshots.cutoff, strict=True)):
        own = log.time[log.indptr[customer] : log.indptr[customer + 1]]
        before = own[own <= cutoff]
        assert last[row] == (before[-1] if len(before) else NEVER_YET)
        assert (since[row] == NEVER_YET) == (len(before) == 0)


@given(world=worlds())
def test_churn_is_asked_of_the_same_customers_as_in_training(world):
    log, target = world.log(), Churn(("1d", "7d"))
    encoded = EncodedLog.of(log, FeatureSet.default(log, world.journey).program(world.journey))
    snapshots = world.snapshots(log)
    _, _, _, active = encoded.standing(snapshots)
    columns = [target.is_asked(log, world.journey, snapshots, horizon) for horizon in target.horizons]
    assert target.is_asked_after(active, snapshots.cutoff).tolist() == np.column_stack(columns).tolist()
