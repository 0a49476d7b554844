from dataclasses import replace

import numpy as np
from hypothesis import given

from features.arrays import plain
from features.encoding import encode
from features.events import Dimension
from features.featureset import FeatureSet
from tests.laws import worlds


def test_an_array_in_the_right_layout_is_not_copied():
    array = np.arange(4)
    assert plain(array, np.int64) is array
    for other in (array[::2], array.astype(np.int32), np.frombuffer(array.tobytes(), dtype=np.int64)):
        copied = plain(other, np.int64)
        assert copied.tolist() == other.tolist()
        assert copied.flags.c_contiguous
        assert copied.flags.writeable


@given(world=worlds())
def test_codes_do_not_depend_on_the_vocabulary_of_the_log(world):
    log = world.log()
    program = FeatureSet.default(log, world.journey).program(world.journey)
    event = log.dimensions["event"]
    wider = Dimension(event.codes + 1, ("another", *event.names))
    renamed = replace(log, dimensions={**log.dimensions, "event": wider})
    assert (
        encode(log, program.plan, program.kinds).kinds.tolist()
        == encode(renamed, program.plan, program.kinds).kinds.tolist()
    )


@given(world=worlds())
def test_a_dimension_or_measure_that_the_log_lacks_is_missing_everywhere(world):
    log = world.log()
    program = FeatureSet.default(log, world.journey).program(world.journey)
    bare = encode(replace(log, dimensions={}, measures={}), program.plan, program.kinds)
    assert np.isnan(bare.measures).all()
    assert (bare.kinds == bare.kinds[:1]).all()
