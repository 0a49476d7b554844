"""The raw scores of a row at every bin at once, compiled: bit for bit what LightGBM adds up bin by bin.

Rows that differ in the bin alone go the same way through most of a tree, so they go together, as a set, and part only
where a split asks for the bin. A dozen bins then cost little more than one.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from features.arrays import Codes, Floats, Ints, Singles
from features.errors import PredictorError
from features.kernel.compiling import compiled
from models.trees import CATEGORICAL, DEFAULT_LEFT, Trees

MISSING_IS_ZERO, MISSING_IS_NAN = 1, 2
ZERO = float(np.float32(1e-35))
MOST_BINS = 62
"""As many as a set of bins in one integer can hold."""


class Nodes(NamedTuple):
    """Every split and leaf of a model.

    Parameters
    ----------
    root, score
        Where each tree begins and which raw score it adds to, shape (trees,).
    split
        Feature, what counts as missing, whether that goes left, left child and right child, shape (splits, 5); a child
        below zero is the leaf ``-1 - child``.
    threshold
        Shape (splits,).
    value
        Shape (leaves,).
    """

    root: Ints
    score: Ints
    split: Codes
    threshold: Floats
    value: Floats


@dataclass(frozen=True, eq=False)
class Forest:
    """The trees of a model whose last feature is the bin, or the place of a horizon, from 0 on."""

    n_features: int
    n_scores: int
    nodes: Nodes
    deepest: int

    @classmethod
    def of(cls, trees: Trees) -> "Forest":
        """Returns the forest of a model.

        Raises
        ------
        PredictorError
            If it splits by categories.
        """
        root, split, threshold, value = [], [np.empty((0, 5))], [np.empty(0)], []
        n_splits, n_leaves = 0, 0
        for tree in trees.trees:
            if (tree.decision_type & CATEGORICAL).any():
                raise PredictorError("the model splits by categories, which is not made for hazards; train it without")
            children = np.column_stack([tree.left_child, tree.right_child])
            children = np.where(children < 0, children - n_leaves, children + n_splits)
            kind = tree.decision_type
            told = [tree.split_feature, kind >> 2 & 3, (kind & DEFAULT_LEFT) > 0]
            split.append(np.column_stack([*told, children]))
            root.append(n_splits if tree.n_splits else -1 - n_leaves)
            threshold.append(tree.threshold)
            value.append(tree.leaf_value)
            n_splits, n_leaves = n_splits + tree.n_splits, n_leaves + len(tree.leaf_value)
        nodes = Nodes(
            root=np.array(root, dtype=np.int64),
            score=np.arange(len(root)) % trees.n_classes,
            split=np.concatenate(split).astype(np.int32),
            threshold=np.concatenate(threshold),
            value=np.concatenate(value),
        )
        return cls(trees.n_features, trees.n_classes, nodes, max(tree.n_splits for tree in trees.trees) + 1)

    def raw_scores(self, X: Singles, n_bins: int) -> Floats:
        """Returns the raw scores of every row at every bin, shape (rows, bins, scores).

        Parameters
        ----------
        X
            The features without the bin, shape (rows, features).

        Raises
        ------
        PredictorError
            If the rows do not have the model's columns.
        """
        if X.ndim != 2 or X.shape[1] + 1 != self.n_features or n_bins > MOST_BINS:
            raise PredictorError(
                f"the model scores rows of {self.n_features - 1} features at up to {MOST_BINS} bins; "
                f"these have shape {X.shape} and {n_bins} bins"
            )
        out = np.zeros((len(X), n_bins, self.n_scores))
        add_leaves(self.nodes, np.ascontiguousarray(X), np.empty((2, self.deepest), dtype=np.int64), out)
        return out


@compiled
def add_leaves(nodes: Nodes, X: Singles, waiting: Ints, out: Floats) -> None:
    """Adds each tree's leaf to the raw scores, trees in their order.

    Parameters
    ----------
    waiting
        Work space for splits still to be visited and their sets of bins, shape (2, deepest).
    """
    n_bins, last = out.shape[1], X.shape[1]
    for row in range(len(X)):
        for tree in range(len(nodes.root)):
            score = nodes.score[tree]
            waiting[0, 0], waiting[1, 0] = nodes.root[tree], (1 << n_bins) - 1
            depth = 1
            while depth > 0:
                depth -= 1
                node, bins = waiting[0, depth], waiting[1, depth]
                while node >= 0:
                    feature, threshold = nodes.split[node, 0], nodes.threshold[node]
                    left, right = nodes.split[node, 3], nodes.split[node, 4]
                    if feature == last:
                        going_left = 0
                        for place in range(n_bins):
                            going_left |= (place <= threshold) << place
                        going_right = bins & ~going_left
                        going_left &= bins
                        if going_left == 0:
                            node = right
                        else:
                            if going_right != 0:
                                waiting[0, depth], waiting[1, depth] = right, going_right
                                depth += 1
                            node, bins = left, going_left
                        continue
                    value: float = X[row, feature]
                    missing = nodes.split[node, 1]
                    if np.isnan(value) and missing != MISSING_IS_NAN:
                        value = 0.0
                    if (missing == MISSING_IS_NAN and np.isnan(value)) or (
                        missing == MISSING_IS_ZERO and -ZERO <= value <= ZERO
                    ):
                        node = left if nodes.split[node, 2] != 0 else right
                    else:
                        node = left if value <= threshold else right
                leaf = nodes.value[-1 - node]
                for place in range(n_bins):
                    if bins >> place & 1:
                        out[row, place, score] += leaf
