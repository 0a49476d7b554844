import numpy as np

from models.scale import Scale


def columns(*parts: object) -> np.ndarray:
    return np.column_stack([np.asarray(part, dtype=np.float32) for part in parts])


NO = np.array([False])


def test_what_is_kept_has_mean_zero_and_spread_one() -> None:
    rng = np.random.default_rng(0)
    X = columns(rng.poisson(3, 500), rng.lognormal(2, 1, 500))
    Z = Scale.of(X, np.zeros(2, dtype=bool)).apply(X)
    assert np.allclose(Z.mean(axis=0), 0.0)
    assert np.allclose(Z.std(axis=0), 1.0)


def test_a_column_that_never_varies_is_unknown_or_repeats_another_is_left_out() -> None:
    rng = np.random.default_rng(0)
    counts = rng.poisson(5, 300)
    X = columns(np.full(300, 7), counts, counts, np.full(300, np.nan), rng.poisson(5, 300))
    assert Scale.of(X, np.zeros(5, dtype=bool)).kept.tolist() == [1, 4]


def test_nothing_that_varies_leaves_no_column() -> None:
    X = columns(np.ones(10))
    assert Scale.of(X, NO).apply(X).shape == (10, 0)


def test_who_never_did_it_counts_as_long_ago_or_as_the_median() -> None:
    days = np.append(np.arange(1.0, 100.0), np.nan)
    X = columns(days)
    longest, median = Scale.of(X, ~NO).apply(X)[-1, 0], Scale.of(X, NO).apply(X)[-1, 0]
    assert longest == Scale.of(X, ~NO).apply(X)[:-1, 0].max()
    assert abs(median - Scale.of(X, NO).apply(X)[49, 0]) < 1e-6


def test_the_most_extreme_hundredth_counts_no_more_than_its_border() -> None:
    X = columns(np.append(np.linspace(0, 10, 400), [1e9]))
    Z = Scale.of(X, NO).apply(X)
    assert Z[-1, 0] == Z[-2, 0]


def test_a_refund_is_as_far_below_nothing_as_a_purchase_above() -> None:
    X = columns([-5.0, 0.0, 5.0] * 20)
    Z = Scale.of(X, NO).apply(X)
    assert np.isclose(Z[0, 0], -Z[2, 0])


def test_a_scale_read_back_from_its_dict_gives_the_same_bits() -> None:
    X = columns(np.random.default_rng(0).poisson(3, 50))
    scale = Scale.of(X, NO)
    assert np.array_equal(Scale.from_dict(scale.to_dict()).apply(X), scale.apply(X))
