"""BG/NBD and gamma-gamma against published figures, the formulas in fifty digits, and simulated customers."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.arrays import Floats
from features.errors import TrainingError
from models.bgnbd import BgNbd, GammaGamma
from models.repeats import RepeatPurchases

CDNOW = BgNbd(r=0.2425945, alpha=4.4136019, a=0.7929199, b=2.4258881)
"""As published for the CDNOW sample, in weeks."""


def purchases(*rows: tuple[float, float, float]) -> RepeatPurchases:
    return RepeatPurchases(*np.array(rows, dtype=np.float64).T)


def test_the_published_expectation_of_a_customer() -> None:
    """Fader, Hardie and Lee, "Implementing the BG/NBD Model for Customer Base Analysis in Excel", 2005."""
    known = purchases((2, 30.43, 38.86))
    assert CDNOW.expected_purchases(known, 39.0)[0] == pytest.approx(1.226, abs=5e-4)


def test_published_figure_of_the_mean_value_of_all_customers() -> None:
    assert GammaGamma(6.25, 3.74, 15.44).expected_value(np.zeros(1), np.full(1, np.nan))[0] == pytest.approx(
        35.2, abs=0.05
    )


def in_many_digits(model: BgNbd, x: int, recency: float, age: float, horizon: float) -> tuple[float, float, float]:
    """Returns log-likelihood, P(alive) and expected purchases from equations (6), (8) and (10) as they are printed."""
    with localcontext() as context:
        context.prec = 50
        r, alpha, a, b = (Decimal(number) for number in (model.r, model.alpha, model.a, model.b))
        one, t_x, T, t = Decimal(1), Decimal(recency), Decimal(age), Decimal(horizon)
        purchasing = alpha**r
        stayed = left = one
        for i in range(x):
            purchasing *= r + i
            stayed *= (b + i) / (a + b + i)
            left *= (b + i if i < x - 1 else a) / (a + b + i)
        here, gone = stayed / (alpha + T) ** (r + x), (left / (alpha + t_x) ** (r + x) if x else Decimal(0))
        alive = here / (here + gone)
        z, term, series, n = t / (alpha + T + t), one, one, 0
        while abs(term) > Decimal(10) ** -40:
            term *= (r + x + n) * (b + x + n) / (a + b + x - 1 + n) / (n + 1) * z
            series, n = series + term, n + 1
        expected = (a + b + x - 1) / (a - 1) * (1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * series) * alive
        return float((purchasing * (here + gone)).ln()), float(alive), float(expected)


@given(
    parameters=st.tuples(*[st.floats(0.05, 8.0)] * 4),
    x=st.integers(0, 200),
    recency=st.floats(0.0, 1.0),
    age=st.floats(0.5, 200.0),
    horizon=st.floats(0.1, 100.0),
)
def test_formulas_hold_in_fifty_digits(
    parameters: tuple[float, float, float, float], x: int, recency: float, age: float, horizon: float
) -> None:
    model = BgNbd(*parameters)
    t_x = recency * age if x else 0.0
    known = purchases((x, t_x, age))
    likelihood, alive, expected = in_many_digits(model, x, t_x, age, horizon)
    assert model.log_likelihood(known) == pytest.approx(likelihood, rel=1e-9, abs=1e-9)
    assert model.alive(known)[0] == pytest.approx(alive, rel=1e-9)
    assert model.expected_purchases(known, horizon)[0] == pytest.approx(expected, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(("a", "b"), [(1.0, 2.0), (0.6, 0.4), (1.0 + 1e-12, 0.5)])
def test_expectations_where_the_formula_is_zero_by_zero(a: float, b: float) -> None:
    known = purchases((0, 0, 10), (3, 5, 10))
    near = BgNbd(0.3, 4.0, a + 1e-4, b).expected_purchases(known, 20.0)
    assert BgNbd(0.3, 4.0, a, b).expected_purchases(known, 20.0) == pytest.approx(near, rel=1e-3)


def test_customers_who_leave_alike_are_expected_to_buy_as_those_who_hardly_differ() -> None:
    known = purchases((0, 0, 10), (3, 5, 10), (40, 300, 310))
    differ, alike = (BgNbd(0.7, 4.0, a, 5.0 * a).expected_purchases(known, 20.0) for a in (99.9, 100.1))
    assert alike == pytest.approx(differ, rel=2e-3)
    surely = BgNbd(0.7, 4.0, 3e4, 16e4).expected_purchases(known, 7.0)
    assert np.isfinite(surely).all()
    assert (surely > 0.0).all()


def test_very_many_purchases_do_not_overflow() -> None:
    known = purchases((100_000, 999.999, 1000), (100_000, 100, 1000))
    model = BgNbd(0.5, 10.0, 0.8, 2.0)
    assert np.isfinite(model.log_likelihood(known))
    assert model.alive(known) == pytest.approx([1.0, 0.0], abs=1e-4)
    assert np.isfinite(model.expected_purchases(known, 30.0)).all()
    assert model.purchase_probability(known, 30.0) == pytest.approx([1.0, 0.0], abs=1e-4)


def test_a_longer_horizon_and_a_later_purchase_raise_the_probability() -> None:
    known = purchases((3, 5, 50), (3, 20, 50), (3, 45, 50))
    by_horizon = np.stack([CDNOW.purchase_probability(known, horizon) for horizon in (1.0, 4.0, 13.0, 52.0)])
    assert (np.diff(by_horizon, axis=0) > 0).all()
    assert (np.diff(by_horizon, axis=1) > 0).all()
    assert (by_horizon < CDNOW.alive(known)).all()
    assert (CDNOW.expected_purchases(known, 52.0) > by_horizon[-1]).all()


def simulated(model: BgNbd, customers: int, horizon: float) -> tuple[RepeatPurchases, Floats]:
    """Returns customers who behave as the model says, looked at after 100 to 300 days, and their purchases then on."""
    rng = np.random.default_rng(0)
    age = rng.uniform(100, 300, customers)
    rate, leaves = rng.gamma(model.r, 1 / model.alpha, customers), rng.beta(model.a, model.b, customers)
    frequency, recency, later = np.zeros((3, customers))
    for customer in range(customers):
        moment = rng.exponential(1 / rate[customer])
        while moment < age[customer] + horizon:
            if moment <= age[customer]:
                frequency[customer], recency[customer] = frequency[customer] + 1, moment
            else:
                later[customer] += 1
            if rng.random() < leaves[customer]:
                break
            moment += rng.exponential(1 / rate[customer])
    return RepeatPurchases(frequency, recency, age), later


def test_simulated_customers_are_recovered() -> None:
    truth = BgNbd(r=0.8, alpha=20.0, a=0.9, b=2.2)
    known, later = simulated(truth, 6000, 60.0)
    found = BgNbd.fit(known)
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.8, 20.0, 0.9, 2.2), rel=0.15)
    assert found.log_likelihood(known) >= truth.log_likelihood(known)
    probability, expected = found.purchase_probability(known, 60.0), found.expected_purchases(known, 60.0)
    for fifth in np.array_split(np.argsort(probability), 5):
        assert np.mean(later[fifth] > 0) == pytest.approx(probability[fifth].mean(), abs=0.04)
    assert later.mean() == pytest.approx(expected.mean(), rel=0.05)


def test_the_unit_of_time_changes_only_alpha() -> None:
    known, _ = simulated(BgNbd(0.8, 20.0, 0.9, 2.2), 500, 1.0)
    days, weeks = BgNbd.fit(known), BgNbd.fit(known.per(7.0))
    assert (weeks.r, weeks.alpha * 7, weeks.a, weeks.b) == pytest.approx((days.r, days.alpha, days.a, days.b), rel=1e-3)


def test_gamma_gamma_recovers_simulated_values() -> None:
    rng = np.random.default_rng(1)
    count = rng.integers(0, 9, 8000).astype(np.float64)
    scale = rng.gamma(3.7, 1 / 15.4, 8000)  # each value is gamma distributed with shape p and this rate
    mean = np.where(count > 0, rng.gamma(6.2 * np.maximum(count, 1), 1 / scale) / np.maximum(count, 1), np.nan)
    found = GammaGamma.fit(count, mean)
    assert (found.p, found.q, found.gamma) == pytest.approx((6.2, 3.7, 15.4), rel=0.12)
    expected = found.expected_value(count, mean)
    assert expected.mean() == pytest.approx((6.2 / scale).mean(), rel=0.05)
    assert expected[count == 0] == pytest.approx(found.p * found.gamma / (found.q - 1))


def test_more_purchases_pull_the_expected_value_nearer_to_the_own_mean() -> None:
    count = np.array([1.0, 5.0, 50.0])
    expected = GammaGamma(6.25, 3.74, 15.44).expected_value(count, np.full(3, 100.0))
    assert (np.diff(np.abs(expected - 100.0)) < 0).all()


def test_without_repeat_purchases_there_is_nothing_to_learn() -> None:
    with pytest.raises(TrainingError, match="nobody bought twice"):
        BgNbd.fit(purchases((0, 0, 10), (0, 0, 3)))
    with pytest.raises(TrainingError, match="the values of purchases, and there are none"):
        GammaGamma.fit(np.array([0.0, 2.0]), np.array([np.nan, 0.0]))
