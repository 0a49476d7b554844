"""The trees of a LightGBM model text as plain arrays: what decides a score, and how many rows trained each part."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Floats, Ints
from features.errors import PredictorError

CATEGORICAL, DEFAULT_LEFT = 1, 2
"""Bits of a node's decision type; the two above them say what counts as missing: none, zero or NaN."""

Words = dict[str, str]


@dataclass(frozen=True, eq=False)
class Tree:
    """One tree. A child below zero is the leaf ``-1 - child``; a tree without a split is its one leaf.

    Parameters
    ----------
    split_feature, threshold, decision_type, left_child, right_child, internal_count
        Shape (leaves - 1,). The threshold of a categorical split is its place in ``categories``.
    leaf_value, leaf_count
        Shape (leaves,); counts are rows of the training data.
    categories
        For each categorical split the bits of the categories that go left, as 32-bit words.
    """

    split_feature: Ints
    threshold: Floats
    decision_type: Ints
    left_child: Ints
    right_child: Ints
    internal_count: Ints
    leaf_value: Floats
    leaf_count: Ints
    categories: tuple[Ints, ...]

    @property
    def n_splits(self) -> int:
        """The number of splits."""
        return len(self.split_feature)

    @property
    def expected_value(self) -> float:
        """The mean of the leaves by the rows that trained them, as LightGBM adds it up."""
        if self.n_splits == 0:
            return float(self.leaf_value[0])
        return float(np.sum(self.leaf_count / self.internal_count[0] * self.leaf_value))


@dataclass(frozen=True, eq=False)
class Trees:
    """Every tree of a model, round by round; within a round one for each class, and one in all for a binary model."""

    n_features: int
    n_classes: int
    trees: tuple[Tree, ...]

    @classmethod
    def from_text(cls, text: str) -> "Trees":
        """Returns the trees of a model in LightGBM's text format, as ``Booster.model_to_string`` writes it.

        Raises
        ------
        PredictorError
            If it is no such text, or has linear trees, or leaves that no row of the training data reached.
        """
        head, *parts = text.split("\nTree=")
        if not parts:
            raise PredictorError("the text has no trees; give a model as LightGBM's model_to_string writes it")
        words = _words(head)
        try:
            trees = tuple(_tree(_words(part)) for part in parts)
            return cls(int(words["max_feature_idx"]) + 1, int(words["num_tree_per_iteration"]), trees)
        except PredictorError:
            raise
        except (KeyError, ValueError, IndexError) as problem:
            raise PredictorError(f"the model text is damaged: {problem}; download or train it again") from None

    def of_class(self, code: int) -> tuple[Tree, ...]:
        """Returns the trees that add up to the raw score of one class."""
        return self.trees[code :: self.n_classes]


def _words(part: str) -> Words:
    return dict(line.split("=", 1) for line in part.splitlines() if "=" in line)


def _tree(words: Words) -> Tree:
    if int(words.get("is_linear", "0")):
        raise PredictorError("the model has linear trees, whose scores cannot be explained; train without linear_tree")
    leaves = int(words["num_leaves"])
    splits = {name: _integers(words, name, leaves - 1) for name in ("split_feature", "decision_type")}
    splits |= {name: _integers(words, name, leaves - 1) for name in ("left_child", "right_child", "internal_count")}
    tree = Tree(
        **splits,
        threshold=_numbers(words, "threshold", leaves - 1),
        leaf_value=_numbers(words, "leaf_value", leaves),
        leaf_count=_integers(words, "leaf_count", leaves) if leaves > 1 else np.zeros(1, dtype=np.int64),
        categories=_categories(words) if int(words["num_cat"]) else (),
    )
    if leaves > 1 and min(tree.leaf_count.min(), tree.internal_count.min()) < 1:
        raise PredictorError("a leaf of the model has no rows; train with min_data_in_leaf of 1 or more")
    return tree


def _categories(words: Words) -> tuple[Ints, ...]:
    bounds = [int(bound) for bound in words["cat_boundaries"].split()]
    bits = _integers(words, "cat_threshold", bounds[-1])
    return tuple(np.split(bits, bounds[1:-1]))


def _integers(words: Words, name: str, length: int) -> Ints:
    return _numbers(words, name, length).astype(np.int64)


def _numbers(words: Words, name: str, length: int) -> Floats:
    numbers = np.array(words[name].split(), dtype=np.float64)
    if len(numbers) != length:
        raise ValueError(f"{name} has {len(numbers)} numbers, not {length}")
    return numbers
