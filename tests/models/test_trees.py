from pathlib import Path

import lightgbm
import numpy as np
import pytest

from features.errors import PredictorError
from models.trees import Trees


@pytest.fixture(scope="module")
def text() -> str:
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(300, 2)), rng.integers(0, 70, 300)])
    y = (X[:, 0] + (X[:, 2] % 3 == 0) > 0.5).astype(np.int64)
    options = {"objective": "binary", "num_leaves": 6, "num_threads": 1, "verbosity": -1, "min_data_in_leaf": 5}
    options |= {"max_cat_to_onehot": 1, "cat_smooth": 1, "min_data_per_group": 5}
    booster = lightgbm.train(options, lightgbm.Dataset(X, y, categorical_feature=[2], params={"verbosity": -1}), 4)
    return str(booster.model_to_string())


def test_trees_are_those_of_the_text(text: str) -> None:
    trees = Trees.from_text(text)
    assert (trees.n_features, trees.n_classes, len(trees.trees)) == (3, 1, 4)
    for tree in trees.trees:
        assert len(tree.leaf_value) == tree.n_splits + 1 == 6
        assert tree.leaf_count.sum() == tree.internal_count[0] == 300
    assert any(tree.categories for tree in trees.trees)


def test_the_trees_of_a_class_are_every_nth() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(300, 2))
    options = {"objective": "multiclass", "num_class": 3, "num_threads": 1, "verbosity": -1}
    booster = lightgbm.train(options, lightgbm.Dataset(X, rng.integers(0, 3, 300)), 2)
    trees = Trees.from_text(booster.model_to_string())
    assert trees.of_class(1) == (trees.trees[1], trees.trees[4])


def test_what_is_no_model_text_is_refused() -> None:
    with pytest.raises(PredictorError, match="the text has no trees"):
        Trees.from_text("not a model")


def test_a_damaged_text_is_refused(text: str) -> None:
    with pytest.raises(PredictorError, match="leaf_value has 1 numbers, not 6; download or train it again"):
        Trees.from_text(text.replace("leaf_value=", "leaf_value=1\nx=", 1))
    with pytest.raises(PredictorError, match="the model text is damaged: 'num_cat'"):
        Trees.from_text(text.replace("num_cat=", "numcat="))


def test_linear_trees_are_refused() -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(300, 2))
    options = {"objective": "binary", "linear_tree": True, "num_threads": 1, "verbosity": -1}
    booster = lightgbm.train(options, lightgbm.Dataset(X, (X[:, 0] > 0).astype(int), params={"verbosity": -1}), 2)
    with pytest.raises(PredictorError, match="linear trees"):
        Trees.from_text(booster.model_to_string())


def test_a_leaf_that_no_row_reached_is_refused(text: str) -> None:
    line = next(line for line in text.splitlines() if line.startswith("leaf_count="))
    with pytest.raises(PredictorError, match="a leaf of the model has no rows"):
        Trees.from_text(text.replace(line, "leaf_count=" + " ".join("0" * 6), 1))


def test_a_saved_model_file_reads_like_its_text(text: str, tmp_path: Path) -> None:
    lightgbm.Booster(model_str=text).save_model(tmp_path / "model.txt")
    read = Trees.from_text((tmp_path / "model.txt").read_text(encoding="utf-8"))
    assert [tree.expected_value for tree in read.trees] == [t.expected_value for t in Trees.from_text(text).trees]
