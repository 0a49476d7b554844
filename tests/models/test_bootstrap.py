import json
import math

import numpy as np
import pytest

from features.arrays import Floats, Ints
from models.bootstrap import Difference, Resampling, bootstrap, paired_bootstrap
from models.metrics import evaluate

FEW = Resampling(replicates=60, seed=3)
ALL = ("log_loss", "brier", "accuracy", "ece", "auc", "average_precision", "lift_10")


def two_classes(yes: Floats) -> Floats:
    return np.column_stack([1 - yes, yes])


def drawn(rows: int, seed: int, per_customer: int = 3) -> tuple[Floats, Ints, Ints]:
    """True probabilities, answers that follow them, and customers whose codes have gaps."""
    rng = np.random.default_rng(seed)
    truth = rng.beta(1.0, 2.0, rows).round(2).clip(0.01, 0.99)
    return two_classes(truth), (rng.random(rows) < truth).astype(np.int64), 7 * (np.arange(rows) // per_customer)


def blurred(probabilities: Floats, by: float, seed: int) -> Floats:
    odds = np.log(probabilities[:, 1] / probabilities[:, 0])
    return two_classes(1 / (1 + np.exp(-odds - by * np.random.default_rng(seed).normal(size=len(odds)))))


def slow_draws(probabilities: Floats, y: Ints, customers: Ints, resampling: Resampling) -> list[dict[str, float]]:
    """Draws customers, gathers all their rows and measures them, once per replicate."""
    rng, known = np.random.default_rng(resampling.seed), np.unique(customers)
    draws = []
    for _ in range(resampling.replicates):
        chosen = known[rng.integers(0, len(known), len(known))].tolist()
        rows = [row for row, customer in enumerate(customers.tolist()) for _ in range(chosen.count(customer))]
        draws.append(evaluate(probabilities[rows], y[rows]))
    return draws


def test_intervals_are_the_percentiles_of_customers_drawn_again() -> None:
    probabilities, y, customers = drawn(240, 1)
    draws = slow_draws(probabilities, y, customers, FEW)
    for metric, interval in bootstrap(probabilities, y, customers, ALL, FEW).items():
        low, high = np.quantile([draw[metric] for draw in draws], [0.025, 0.975])
        assert (interval.low, interval.high) == pytest.approx((low, high), rel=1e-9)
        assert interval.value == pytest.approx(evaluate(probabilities, y)[metric])


def test_paired_differences_are_measured_on_the_same_draws() -> None:
    probabilities, y, customers = drawn(240, 2)
    other = blurred(probabilities, 1.0, 5)
    these, those = (slow_draws(model, y, customers, FEW) for model in (probabilities, other))
    for metric, found in paired_bootstrap((probabilities, other), y, customers, ALL, FEW).items():
        gaps = np.array([this[metric] - that[metric] for this, that in zip(these, those, strict=True)])
        assert (found.low, found.high) == pytest.approx(tuple(np.quantile(gaps, [0.025, 0.975])), rel=1e-9, abs=1e-12)
        ahead = gaps < 0 if metric in ("log_loss", "brier", "ece") else gaps > 0
        assert found.chance_better == pytest.approx(np.mean(ahead + 0.5 * (np.abs(gaps) == 0)))


def test_more_classes_have_intervals_too() -> None:
    probabilities = np.random.default_rng(6).dirichlet(np.ones(4), 200)
    y = np.arange(200) % 4
    for interval in bootstrap(probabilities, y, np.arange(200), ("log_loss", "brier", "accuracy", "ece"), FEW).values():
        assert interval.low < interval.high


def test_the_interval_of_independent_rows_is_that_of_a_binomial_share() -> None:
    probabilities, y, _ = drawn(2_000, 7)
    interval = bootstrap(probabilities, y, np.arange(2_000), ["accuracy"])["accuracy"]
    reach = 1.96 * np.sqrt(interval.value * (1 - interval.value) / 2_000)
    assert interval.high - interval.low == pytest.approx(2 * reach, rel=0.1)


def test_rows_that_repeat_within_a_customer_do_not_make_it_surer() -> None:
    probabilities, y, customers = drawn(150, 8, per_customer=1)
    once = bootstrap(probabilities, y, customers, ["log_loss", "auc"], FEW)
    again = np.repeat(np.arange(150), 4)
    often = bootstrap(probabilities[again], y[again], customers[again], ["log_loss", "auc"], FEW)
    for metric, interval in once.items():
        assert (interval.low, interval.high) == pytest.approx((often[metric].low, often[metric].high))


def test_a_model_is_neither_better_nor_worse_than_itself() -> None:
    probabilities, y, customers = drawn(150, 9)
    for found in paired_bootstrap((probabilities, probabilities), y, customers, ALL, FEW).values():
        assert (found.low, found.high, found.chance_better) == (0.0, 0.0, 0.5)
        assert (found.is_ahead, found.is_better, found.is_worse) == (False, False, False)


def test_better_is_lower_or_higher_as_the_metric_has_it() -> None:
    probabilities, y, customers = drawn(3_000, 10)
    worse = blurred(probabilities, 2.0, 5)
    for found in paired_bootstrap((probabilities, worse), y, customers, ("log_loss", "auc"), FEW).values():
        assert (found.is_ahead, found.is_better, found.is_worse, found.chance_better) == (True, True, False, 1.0)
    for found in paired_bootstrap((worse, probabilities), y, customers, ("log_loss", "auc"), FEW).values():
        assert (found.is_ahead, found.is_better, found.is_worse, found.chance_better) == (False, False, True, 0.0)


def test_pairing_makes_the_interval_of_a_difference_narrow() -> None:
    probabilities, y, customers = drawn(600, 11)
    alike = blurred(probabilities, 0.1, 5)
    paired = paired_bootstrap((probabilities, alike), y, customers, ["log_loss"], FEW)["log_loss"]
    alone = bootstrap(probabilities, y, customers, ["log_loss"], FEW)["log_loss"]
    assert paired.high - paired.low < 0.3 * (alone.high - alone.low)


def test_equal_seeds_draw_equally_and_a_higher_level_is_wider() -> None:
    probabilities, y, customers = drawn(150, 12)
    first, second, other, wide = (
        bootstrap(probabilities, y, customers, ["auc"], resampling)["auc"]
        for resampling in (FEW, FEW, Resampling(60, 4), Resampling(60, 3, 0.99))
    )
    assert first == second
    assert (first.low, first.high) != (other.low, other.high)
    assert wide.low <= first.low < first.high <= wide.high


def test_draws_without_a_single_yes_are_left_out() -> None:
    probabilities, _, customers = drawn(60, 13)
    rare = np.zeros(60, dtype=np.int64)
    assert math.isnan(bootstrap(probabilities, rare, customers, ["auc"], FEW)["auc"].low)
    rare[30] = 1
    interval = bootstrap(probabilities, rare, customers, ["auc"], FEW)["auc"]
    assert 0 <= interval.low <= interval.value <= interval.high <= 1


def test_intervals_and_differences_are_plain_data() -> None:
    probabilities, y, customers = drawn(60, 14)
    interval = bootstrap(probabilities, y, customers, ["brier"], FEW)["brier"]
    assert json.loads(json.dumps(interval.to_dict()))["level"] == 0.95
    found = paired_bootstrap((probabilities, probabilities), y, customers, ["brier"], FEW)["brier"]
    assert json.loads(json.dumps(found.to_dict()))["difference"] == 0.0


def test_a_difference_in_words_has_its_sign_and_level() -> None:
    found = Difference("auc", 0.8, 0.75, 0.01, 0.09, 0.9, 1.0)
    assert found.describe() == "auc 0.8000 against 0.7500 (difference +0.0500, 90 % interval +0.0100 to +0.0900)"
