import numpy as np
import pytest

from features.errors import ConfigError
from models.power import Size, Trial


def test_equal_arms_are_those_of_r():
    # power.prop.test(p1 = .50, p2 = .75, power = .90) of R's documentation: n = 76.7
    assert Trial(0.5, 0.5, holdout=0.5, power=0.9).size() == Size(77, 77)
    # power.prop.test(n = 50, p1 = .50, p2 = .75): power = 0.740
    assert Trial(0.5, 0.5, holdout=0.5, power=0.740).size().control == 50


@pytest.mark.parametrize(("holdout", "lift"), [(0.1, 0.25), (0.3, -0.2), (0.5, 0.15)])
def test_so_many_customers_prove_the_effect_as_often_as_asked(holdout, lift):
    trial = Trial(0.08, lift, holdout)
    size, rng = trial.size(), np.random.default_rng(1)
    treated = rng.binomial(size.treated, trial.changed, 20_000) / size.treated
    control = rng.binomial(size.control, trial.baseline, 20_000) / size.control
    mean = (treated * size.treated + control * size.control) / size.total
    error = np.sqrt(mean * (1 - mean) * (1 / size.treated + 1 / size.control))
    assert np.mean(np.abs(treated - control) > 1.959964 * error) == pytest.approx(0.8, abs=0.015)


def test_the_holdout_is_the_share_of_the_control_group():
    size = Trial(0.08, 0.1).size()
    assert size.control / size.total == pytest.approx(0.1, abs=1e-4)
    assert size.total > Trial(0.08, 0.1, holdout=0.5).size().total


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"baseline": 0.0}, "baseline is 0; give a share between 0 and 1"),
        ({"holdout": 1.0}, "holdout is 1"),
        ({"lift": 0.0}, "a lift of 0% makes 8.00% to 8.00%"),
        ({"lift": 20.0}, "makes 8.00% to 168.00%"),
    ],
)
def test_what_cannot_be_is_one_sentence(changes, says):
    with pytest.raises(ConfigError, match=says):
        Trial(**({"baseline": 0.08, "lift": 0.1} | changes))
