import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.aggregations import Aggregation, Count, Recency
from features.featureset import FeatureSet
from features.program import KEPT, warm
from features.snapshots import Snapshots
from tests.laws import FAR, Row, worlds


@dataclass(frozen=True)
class RowNumber(Aggregation):
    """An aggregation that the kernel does not know."""

    def columns(self):
        return ("number", "double")

    def compute(self, history):
        cutoff = history.snapshots.cutoff - FAR
        return [cutoff.astype(np.float64), 2.0 * cutoff]


@given(world=worlds(), size=st.integers(1, 4))
def test_blocks_hold_every_row_once_with_the_bits_of_the_whole_matrix(world, size):
    log = world.log()
    chosen, snapshots = FeatureSet.default(log, world.journey), world.snapshots(log)
    whole, seen = chosen.compute(log, world.journey, snapshots), []
    for rows, block in chosen.blocks(log, world.journey, snapshots, size):
        assert whole[rows].tobytes() == block.tobytes()
        seen += rows.tolist()
    assert sorted(seen) == list(range(len(snapshots)))


@given(world=worlds())
def test_an_aggregation_that_the_kernel_does_not_know_is_computed_by_its_definition(world):
    log, snapshots = world.log(), world.snapshots(world.log())
    chosen = FeatureSet((Count(values=("buy",)), RowNumber(), Recency(values=("buy",))))
    matrix = chosen.compute(log, world.journey, snapshots)
    known = FeatureSet((Count(values=("buy",)), Recency(values=("buy",)))).compute(log, world.journey, snapshots)
    assert matrix[:, [0, 3]].tobytes() == known.tobytes()
    assert matrix[:, 2].tolist() == np.float32(2.0 * (snapshots.cutoff - FAR)).tolist()
    for rows, block in chosen.blocks(log, world.journey, snapshots, 1):
        assert block.tobytes() == matrix[rows].tobytes()


@given(world=worlds())
def test_a_program_is_made_once_for_a_journey_and_survives_pickling(world):
    log, snapshots = world.log(), world.snapshots(world.log())
    chosen = FeatureSet.default(log, world.journey)
    program = chosen.program(world.journey)
    matrix = chosen.compute(log, world.journey, snapshots)
    assert chosen.program(world.journey.model_copy()) is program
    assert pickle.loads(pickle.dumps(chosen)).compute(log, world.journey, snapshots).tobytes() == matrix.tobytes()  # noqa: S301 - our own bytes


@pytest.mark.parametrize("length", [KEPT - 1, KEPT, KEPT + 1])
@given(world=worlds())
def test_histories_of_any_length_have_room(world, length):
    rows = tuple(Row("ann", FAR - number, "buy", None, 1.0, 1.0) for number in range(length))
    log = type(world)(rows, world.journey, world.asked, FAR, world.tiers, world.ages).log()
    chosen = FeatureSet.default(log, world.journey)
    matrix = chosen.compute(log, world.journey, Snapshots.at(log, FAR))
    assert matrix[0, chosen.columns.index("buy_count_lifetime")] == length


@given(world=worlds())
def test_one_customer_asked_of_a_large_log_is_taken_out_of_it_first(world):
    many = [Row(f"c{number:03d}", FAR - number, "buy", "web", number, 1.0) for number in range(40)]
    log = type(world)(tuple(many), world.journey, (), FAR, world.tiers, world.ages)
    from features.ingest import log_from_columns
    from tests.laws import _columns

    log = log_from_columns(_columns(many), end=FAR)
    chosen = FeatureSet.default(log, world.journey)
    whole = chosen.compute(log, world.journey, Snapshots.at(log, FAR))
    few = Snapshots(np.array([31, 7, 31]), np.full(3, FAR))
    assert chosen.compute(log, world.journey, few).tobytes() == whole[[31, 7, 31]].tobytes()


def test_warming_compiles_without_a_log():
    warm()


@given(world=worlds())
def test_pickled_programs_share_no_work_space(world):
    log, snapshots = world.log(), world.snapshots(world.log())
    chosen = FeatureSet.default(log, world.journey)
    chosen.compute(log, world.journey, snapshots)
    buffers = []
    text = pickle.dumps(chosen, protocol=5, buffer_callback=buffers.append)
    assert not buffers
    assert "_spaces" not in pickle.loads(text).program(world.journey).__dict__  # noqa: S301 - our own bytes
