import numpy as np
import pytest

from features.arrays import Ints
from features.durations import DAY, parse_duration
from features.errors import TrainingError
from features.events import EventLog
from training.config import PeriodConfig
from training.periods import Periods, longest_periods, split_periods


@pytest.mark.parametrize("longest", ["14d", "28d", "90d"])
@pytest.mark.parametrize("every", ["3d", "7d", "28d"])
def test_everything_learnt_comes_before_the_test_and_every_tested_label_is_known(
    log: EventLog, longest: str, every: str
) -> None:
    periods = split_periods(log, ("7d", longest), PeriodConfig(every=every))
    assert periods.fitted_until == periods.calibrated_until - parse_duration("28d")
    assert periods.calibrated_until <= periods.tested[0]
    assert periods.tested[-1] + parse_duration(longest) <= log.end
    assert periods.tested[-1] - periods.tested[0] < parse_duration("28d")
    assert set(periods.tested) <= set(periods.cutoffs)


def test_a_model_for_use_learns_up_to_the_end(log: EventLog) -> None:
    periods = split_periods(log, ("28d",), PeriodConfig()).until(log.end)
    assert (periods.fitted_until, periods.calibrated_until) == (log.end - 28 * DAY, log.end)
    assert len(periods.tested) == 0


def test_periods_without_an_embargo_cannot_be_made() -> None:
    def day(*numbers: int) -> Ints:
        return np.array(numbers, dtype=np.int64) * DAY

    Periods(day(0, 7, 80, 87), 40 * DAY, 80 * DAY, day(80, 87))
    with pytest.raises(AssertionError, match="reaches into a later period"):
        Periods(day(0, 7, 80, 87), 40 * DAY, 81 * DAY, day(80, 87))


def test_cutoffs_do_not_come_before_the_start(log: EventLog) -> None:
    periods = split_periods(log, ("28d",), PeriodConfig(start="2024-05-01T00:00:00Z"))
    first = np.datetime64(int(periods.cutoffs[0]), "us")
    assert np.datetime64("2024-05-01") <= first < np.datetime64("2024-05-08")


@pytest.mark.parametrize("longest", ["120d", "400d"])
def test_a_log_too_short_says_what_to_change(log: EventLog, longest: str) -> None:
    with pytest.raises(TrainingError, match="bring more history or shorten 'horizons:' and 'periods:'"):
        split_periods(log, ("7d", longest), PeriodConfig())


@pytest.mark.parametrize("days", [14, 15, 60, 100, 200])
def test_of_a_log_too_short_for_a_test_baselines_learn_up_to_its_end(log: EventLog, days: int) -> None:
    short = log.until(log.start + days * DAY)
    periods = longest_periods(short, ("7d", "90d"), PeriodConfig())
    assert periods.only_baselines
    assert len(periods.tested) == 0
    assert periods.calibrated_until == short.end
    assert short.start + 7 * DAY <= periods.cutoffs[0] <= periods.cutoffs[-1] == short.end - 7 * DAY
    assert periods.describe().keys() == {"baselines"}
    assert periods.until(short.end).calibrated_until == short.end


def test_a_log_that_is_long_enough_has_the_periods_of_a_test(log: EventLog) -> None:
    whole, split = (each(log, ("7d", "28d"), PeriodConfig()) for each in (longest_periods, split_periods))
    assert whole.describe() == split.describe()
    assert not whole.only_baselines


@pytest.mark.parametrize("config", [PeriodConfig(), PeriodConfig(start="2030-01-01")])
def test_a_log_without_a_cutoff_says_so(log: EventLog, config: PeriodConfig) -> None:
    short = log.until(log.start + 13 * DAY)
    with pytest.raises(TrainingError, match="leave no cutoff with 7d before and after"):
        longest_periods(short, ("7d", "28d"), config)
