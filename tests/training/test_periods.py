import numpy as np
import pytest

from features.arrays import Ints
from features.durations import parse_duration
from features.errors import TrainingError
from features.events import EventLog
from training.config import PeriodConfig
from training.periods import Periods, split_periods


@pytest.mark.parametrize("horizon", ["7d", "14d", "28d"])
@pytest.mark.parametrize("every", ["3d", "7d", "28d"])
def test_every_label_is_known_before_the_next_period_begins(log: EventLog, horizon: str, every: str) -> None:
    periods = split_periods(log, horizon, PeriodConfig(every=every))
    ahead = parse_duration(horizon)
    assert periods.training[-1] + ahead <= periods.calibration[0]
    assert periods.calibration[-1] + ahead <= periods.test[0]
    assert periods.test[-1] + ahead == log.end


def test_periods_without_an_embargo_cannot_be_made() -> None:
    def day(*numbers: int) -> Ints:
        return np.array(numbers, dtype=np.int64) * parse_duration("1d")

    with pytest.raises(AssertionError, match="reaches into a later period"):
        Periods(day(0, 7), day(34, 41), day(80, 87), parse_duration("28d"))


def test_cutoffs_do_not_come_before_the_start(log: EventLog) -> None:
    start = "2024-05-01T00:00:00Z"
    periods = split_periods(log, "28d", PeriodConfig(start=start))
    first = np.datetime64(int(periods.training[0]), "us")
    assert np.datetime64("2024-05-01") <= first < np.datetime64("2024-05-08")


def test_a_log_too_short_says_what_to_change(log: EventLog) -> None:
    with pytest.raises(TrainingError, match="bring more history or shorten 'periods:' and 'horizon:'"):
        split_periods(log, "90d", PeriodConfig())
