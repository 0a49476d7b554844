"""Contributions are held to LightGBM's own ``pred_contrib`` on models of every kind."""

from fractions import Fraction
from math import comb
from typing import Any

import lightgbm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.arrays import Floats, Ints
from features.errors import PredictorError
from models.trees import Tree, Trees
from models.treeshap import TreeShap

EXACT = 1e-9


def drawn_rows(rng: np.random.Generator, rows: int = 400) -> Floats:
    """Returns ties, zeros, NaN, a category with many values (column 4) and one with few (column 5)."""
    X = rng.normal(size=(rows, 7)).round(1)
    X[:, 4] = rng.integers(0, 90, rows)
    X[:, 5] = rng.integers(0, 3, rows)
    X[rng.random(X.shape) < 0.15] = 0.0
    X[rng.random(X.shape) < 0.1] = np.nan
    return X


def drawn_answers(rng: np.random.Generator, X: Floats, n_classes: int) -> Ints:
    filled = np.nan_to_num(X, nan=1.0)
    score = filled[:, 0] * filled[:, 1] + filled[:, 2] + (filled[:, 4] % 7 < 3) + rng.normal(size=len(X))
    return np.searchsorted(np.quantile(score, np.arange(1, n_classes) / n_classes), score)


def fitted(X: Floats, y: Ints, rounds: int = 8, weight: Floats | None = None, **options: Any) -> lightgbm.Booster:
    n_classes = int(y.max()) + 1
    several = {"objective": "multiclass", "num_class": n_classes}
    parameters = {
        **({"objective": "binary"} if n_classes == 2 else several),
        **{"num_threads": 1, "verbosity": -1, "min_data_in_leaf": 3, "min_data_per_group": 3, "learning_rate": 0.3},
        **options,
    }
    categorical = [4, 5] if X.shape[1] == 7 else "auto"
    data = lightgbm.Dataset(X, y, weight=weight, categorical_feature=categorical, params={"verbosity": -1})
    return lightgbm.train(parameters, data, rounds)


def assert_equal_to_lightgbm(booster: lightgbm.Booster, X: Floats) -> None:
    trees = Trees.from_text(booster.model_to_string())
    wanted = np.asarray(booster.predict(X, pred_contrib=True, num_threads=1))
    wanted = wanted.reshape(len(X), trees.n_classes, X.shape[1] + 1)
    raw = np.asarray(booster.predict(X, raw_score=True, num_threads=1)).reshape(len(X), -1)
    for code in range(trees.n_classes):
        found = TreeShap.of(trees, code).contributions(X)
        np.testing.assert_allclose(found, wanted[:, code], rtol=0, atol=EXACT)
        np.testing.assert_allclose(found.sum(axis=1), raw[:, code], rtol=0, atol=EXACT)


@given(
    seed=st.integers(0, 2**32 - 1),
    n_classes=st.integers(2, 4),
    leaves=st.integers(2, 40),
    use_missing=st.booleans(),
    zero_as_missing=st.booleans(),
    weighted=st.booleans(),
)
def test_contributions_are_those_of_lightgbm(
    seed: int, n_classes: int, leaves: int, use_missing: bool, zero_as_missing: bool, weighted: bool
) -> None:
    rng = np.random.default_rng(seed)
    X = drawn_rows(rng)
    options = {"num_leaves": leaves, "use_missing": use_missing, "zero_as_missing": zero_as_missing}
    weight = rng.gamma(1.0, 1.0, len(X)) if weighted else None
    booster = fitted(X, drawn_answers(rng, X, n_classes), weight=weight, **options)
    new = drawn_rows(rng, 60)
    new[:40, 4] = [-1, -0.5, -3.7, 2.9, 89, 95, 96, 128, 5000, 2.0**31, 2.0**40, -(2.0**40), np.inf, -np.inf] * 2 + [
        float(number) for number in range(12)
    ]
    new[:6, :4] = [[1e-36], [-1e-36], [1e-30], [np.inf], [-np.inf], [-0.0]]
    assert_equal_to_lightgbm(booster, new)


@pytest.mark.parametrize("max_cat_to_onehot", [1, 100])
def test_categories_one_by_one_or_in_sets(max_cat_to_onehot: int) -> None:
    rng = np.random.default_rng(3)
    X = drawn_rows(rng)
    booster = fitted(X, drawn_answers(rng, X, 2), max_cat_to_onehot=max_cat_to_onehot)
    assert "cat_threshold" in booster.model_to_string()
    assert_equal_to_lightgbm(booster, drawn_rows(rng, 50))


def chain(columns: int) -> tuple[lightgbm.Booster, Floats]:
    """Returns a model whose trees are chains: each split takes the next of ``columns`` features."""
    rng = np.random.default_rng(4)
    X = (rng.random((3000, columns)) < 0.85).astype(np.float64)
    depth = np.cumprod(X, axis=1).sum(axis=1)
    options = {"objective": "regression", "num_leaves": columns + 1, "min_data_in_leaf": 1, "num_threads": 1}
    return lightgbm.train({**options, "verbosity": -1, "learning_rate": 0.5}, lightgbm.Dataset(X, depth**2), 5), X


@pytest.mark.parametrize("columns", [12, 17, 24])
def test_paths_with_more_features_than_one_panel_of_the_quadrature_holds(columns: int) -> None:
    booster, X = chain(columns)
    paths = TreeShap.of(Trees.from_text(booster.model_to_string()), 0).paths
    assert max(len(group.quadrature) for group in paths) == -(-columns // 16)
    assert_equal_to_lightgbm(booster, X[:50])


def exact_contributions(tree: Tree, row: Floats) -> list[Fraction]:
    """Returns the Shapley values of a tree of numerical splits in fractions, from the definition over subset sizes."""
    total = [Fraction(0)] * len(row)
    paths: list[tuple[int, dict[int, tuple[int, Fraction]]]] = [(0, {})]
    while paths:
        node, path = paths.pop()
        if node < 0:
            for feature, (here, share) in path.items():
                sizes = [Fraction(1)]  # of subsets of the other features, weighted by their products
                for other, (o, z) in path.items():
                    if other != feature:
                        pairs = zip([*sizes, Fraction(0)], [Fraction(0), *sizes], strict=True)
                        sizes = [z * without + o * within for without, within in pairs]
                weights = [Fraction(1, len(path) * comb(len(path) - 1, size)) for size in range(len(path))]
                weight = sum(w * size for w, size in zip(weights, sizes, strict=True))
                total[feature] += (here - share) * weight * Fraction(tree.leaf_value[-1 - node])
            continue
        feature, children = int(tree.split_feature[node]), (int(tree.left_child[node]), int(tree.right_child[node]))
        taken = children[0] if row[feature] <= tree.threshold[node] else children[1]
        here, share = path.get(feature, (1, Fraction(1)))
        for child in children:
            count = tree.internal_count[child] if child >= 0 else tree.leaf_count[-1 - child]
            part = share * Fraction(int(count), int(tree.internal_count[node]))
            paths.append((child, {**path, feature: (here * (child == taken), part)}))
    return total


def test_very_long_paths_are_nearer_to_the_exact_values_than_those_of_lightgbm() -> None:
    """LightGBM's recursion loses digits on long paths, so that with 40 features it is 5e-8 off."""
    booster, X = chain(40)
    rows = X[X.sum(axis=1) >= 38][:1]
    trees = Trees.from_text(booster.model_to_string())
    exact = np.array(
        [[sum(v) for v in zip(*(exact_contributions(t, row) for t in trees.trees), strict=True)] for row in rows]
    )
    exact = exact.astype(np.float64)
    ours = np.abs(TreeShap.of(trees, 0).contributions(rows)[:, :-1] - exact).max()
    theirs = np.abs(np.asarray(booster.predict(rows, pred_contrib=True, num_threads=1))[:, :-1] - exact).max()
    assert ours < EXACT
    assert ours < theirs


def test_a_feature_that_comes_again_and_again_on_a_path() -> None:
    rng = np.random.default_rng(5)
    X = rng.normal(size=(2000, 2))
    y = (np.sin(4 * X[:, 0]) + X[:, 1] > 0).astype(np.int64)
    assert_equal_to_lightgbm(fitted(X, y, num_leaves=200), X[:50])


def test_a_class_that_never_came_has_only_an_expected_value() -> None:
    rng = np.random.default_rng(6)
    X = drawn_rows(rng)
    booster = fitted(X, 2 * drawn_answers(rng, X, 2), rounds=3)  # class 1 of 3 is empty
    trees = Trees.from_text(booster.model_to_string())
    assert TreeShap.of(trees, 1).paths == ()
    assert_equal_to_lightgbm(booster, X[:20])


def test_trees_that_stop_splitting() -> None:
    rng = np.random.default_rng(7)
    X = drawn_rows(rng)
    booster = fitted(X, drawn_answers(rng, X, 2), rounds=60, min_gain_to_split=8.0)
    assert_equal_to_lightgbm(booster, X[:20])


@pytest.mark.parametrize(
    "options",
    [{"boosting": "dart"}, {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}],
    ids=["dart", "rf"],
)
def test_other_ways_of_boosting(options: dict[str, Any]) -> None:
    rng = np.random.default_rng(8)
    X = drawn_rows(rng)
    assert_equal_to_lightgbm(fitted(X, drawn_answers(rng, X, 2), **options), X[:20])


def test_single_precision_rows_count_as_the_doubles_they_are() -> None:
    rng = np.random.default_rng(9)
    X = rng.normal(size=(500, 7)).astype(np.float32)
    X[:, 4:6] = rng.integers(0, 9, (500, 2))
    assert_equal_to_lightgbm(fitted(X, drawn_answers(rng, X.astype(np.float64), 2)), X)


def test_a_row_is_explained_alike_alone_and_among_others() -> None:
    rng = np.random.default_rng(10)
    X = drawn_rows(rng)
    shap = TreeShap.of(Trees.from_text(fitted(X, drawn_answers(rng, X, 2)).model_to_string()), 0)
    together = shap.contributions(X[:30])
    assert all(np.array_equal(shap.contributions(X[row : row + 1])[0], together[row]) for row in range(30))
    assert np.array_equal(shap.contributions(np.asfortranarray(X[:30])), together)


def test_no_rows_have_no_contributions() -> None:
    rng = np.random.default_rng(11)
    X = drawn_rows(rng)
    shap = TreeShap.of(Trees.from_text(fitted(X, drawn_answers(rng, X, 2)).model_to_string()), 0)
    assert shap.contributions(X[:0]).shape == (0, 8)


def test_rows_of_another_width_are_refused() -> None:
    rng = np.random.default_rng(12)
    X = drawn_rows(rng)
    shap = TreeShap.of(Trees.from_text(fitted(X, drawn_answers(rng, X, 2)).model_to_string()), 0)
    with pytest.raises(PredictorError, match=r"rows of 7 features; these have shape \(400, 6\)"):
        shap.contributions(X[:, :6])
