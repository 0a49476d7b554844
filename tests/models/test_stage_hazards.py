import json

import numpy as np

from features.durations import DAY
from features.targets import NOTHING
from models.hazards import Bins, PersonPeriods
from models.stage_hazards import StageHazards

BINS = Bins((DAY, 2 * DAY))


def rows(*each: tuple[int, int]) -> PersonPeriods:
    bin_, outcome = np.array(each, dtype=np.int64).reshape(-1, 2).T
    return PersonPeriods(np.arange(len(bin_)), bin_, outcome)


def forecast(hazards: StageHazards, stage: int) -> list[float]:
    found = hazards.forecast(np.empty((1, 0), dtype=np.float32), np.array([stage]), np.array([NOTHING]))
    return [*found.survival[0].tolist(), *found.incidence[0, :, 0].tolist()]


def test_many_rows_give_the_shares_of_the_stage_and_bin() -> None:
    """In stage 0 a tenth comes in the first bin and half of the rest in the second; in stage 1 nothing ever does."""
    first = [(0, 1)] * 1000 + [(0, 0)] * 9000 + [(1, 1)] * 4500 + [(1, 0)] * 4500
    never = [(0, 0)] * 9000 + [(1, 0)] * 9000
    stage = np.array([0] * len(first) + [1] * len(never))
    hazards = StageHazards.fit(BINS, rows(*first, *never), stage, (2, 2))
    assert np.allclose(forecast(hazards, 0), [0.9, 0.45, 0.1, 0.55], atol=0.003)
    assert np.allclose(forecast(hazards, 1), [1.0, 1.0, 0.0, 0.0], atol=0.003)


def test_without_a_row_nothing_is_impossible_and_nothing_is_sure() -> None:
    hazards = StageHazards.fit(BINS, rows(), np.empty(0, dtype=np.int64), (3, 2))
    survival, later, incidence, last = forecast(hazards, 2)
    assert 0.0 < later < survival < 1.0
    assert 0.0 < incidence < last < 1.0
    assert np.isclose(later + last, 1.0)


def test_a_bin_that_nobody_was_seen_in_goes_on_at_the_rate_of_the_others() -> None:
    """A tenth came on each of the days that were seen: of the four days after them, 1 - 0.9 ** 4."""
    bins = Bins((DAY, 2 * DAY, 6 * DAY))
    seen = [(0, 1)] * 100 + [(0, 0)] * 900 + [(1, 1)] * 90 + [(1, 0)] * 810
    hazards = StageHazards.fit(bins, rows(*seen), np.zeros(len(seen), dtype=np.int64), (1, 2))
    found = hazards.forecast(np.empty((1, 0), dtype=np.float32), np.array([0]), np.array([NOTHING]))
    assert np.allclose(found.survival[0], [0.9, 0.9**2, 0.9**6], atol=0.005)


def test_few_rows_of_a_stage_lean_on_those_of_all_stages() -> None:
    many, few = [(0, 1)] * 500 + [(0, 0)] * 500, [(0, 1)] * 3
    hazards = StageHazards.fit(BINS, rows(*many, *few), np.array([0] * 1000 + [1] * 3), (2, 2))
    assert 0.5 < 1.0 - forecast(hazards, 1)[0] < 0.6


def test_hazards_read_back_from_json_are_the_same() -> None:
    hazards = StageHazards.fit(BINS, rows((0, 1), (1, 0)), np.array([0, 1]), (2, 2))
    again = StageHazards.from_dict(BINS, json.loads(json.dumps(hazards.to_dict())))
    assert np.array_equal(again.table, hazards.table)
