"""The trees of one class laid out for the kernel of ``treeshap.py``: everything that does not depend on a row.

The compiled code on disk is renewed when ``models/treeshap.py`` changes, not when this file does, so a change of
``Paths`` goes with one there.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from features.arrays import Floats, Ints
from models.trees import CATEGORICAL, Tree

LANES = 8
"""How many nodes of the quadrature are worked on at a time."""

IS_ZERO, IS_NAN, IN_CATEGORIES = 1, 2, 4
"""What a split takes for missing, as LightGBM numbers it, and a split by categories; to zeros NaN is one of them."""

Path = dict[int, int]
"""The last edge on a path that splits by each feature."""


class Paths(NamedTuple):
    """Nodes and edges of several trees; edge 2 i goes to the left of node i, edge 2 i + 1 to the right.

    Edges are numbered over all trees and one more stands at the end: above a root, and where nothing lies above.

    Parameters
    ----------
    pointer
        The nodes of tree n are ``pointer[n]`` to ``pointer[n + 1]``, parents first.
    feature, threshold, missing, default
        How a node splits, shape (nodes,). Missing is 0 for nothing, IS_ZERO or IS_NAN for what goes to side
        ``default``, or IN_CATEGORIES; then the threshold is the place of the categories in ``bounds``.
    incoming, above
        The edge to a node, and the nearest edge on the way to it that splits by the same feature, shape (nodes,).
    ratio, share
        The part of the training rows of a node that an edge leads on, and the product of that over the edges on the
        path down to it which split by the same feature, shape (edges,).
    gain
        The value of the leaf that an edge leads to; 1 for one that leads to a node.
    slope
        ``(1 - share) / (t + (1 - t) * share)`` at the quadrature's nodes t, shape (panels, edges + 1, LANES).
    quadrature
        Nodes t, 1 - t, 1 / (1 - t) and weights, shape (panels, 4, LANES).
    words, bounds
        Those of categorical split n are ``words[bounds[n] : bounds[n + 1]]``.
    """

    pointer: Ints
    feature: Ints
    threshold: Floats
    missing: Ints
    default: Ints
    incoming: Ints
    above: Ints
    ratio: Floats
    share: Floats
    gain: Floats
    slope: Floats
    quadrature: Floats
    words: Ints
    bounds: Ints


class _Layout(NamedTuple):
    """The columns of Paths for one tree, its edges numbered from 0."""

    incoming: Ints
    above: Ints
    ratio: Floats
    share: Floats
    gain: Floats
    width: int


def lay_out(trees: Sequence[Tree]) -> tuple[Paths, ...]:
    """Returns the trees that split at all, those with paths of similar width together.

    The Shapley weight on a path of d features is the integral of a polynomial of degree d - 1, so a Gauss-Legendre
    rule with at least d / 2 nodes is exact: one panel of eight nodes does for 16 different features on a path.
    """
    layouts = [(tree, _layout(tree)) for tree in trees if tree.n_splits]
    panels = [-(-layout.width // (2 * LANES)) for _, layout in layouts]
    return tuple(
        _joined([pair for pair, needed in zip(layouts, panels, strict=True) if needed == number], number)
        for number in sorted(set(panels))
    )


def _layout(tree: Tree) -> _Layout:
    n = tree.n_splits
    incoming, above = np.full((2, n), 2 * n, dtype=np.int64)
    ratio, share, gain = np.ones((3, 2 * n))
    paths: dict[int, Path] = {0: {}}
    width = 0
    for node in range(n):  # a child has a higher number than its parent
        path, feature = paths.pop(node), int(tree.split_feature[node])
        above[node] = path.get(feature, 2 * n)
        width = max(width, len(path.keys() | {feature}))
        for side, child in enumerate((int(tree.left_child[node]), int(tree.right_child[node]))):
            edge = 2 * node + side
            count = tree.internal_count[child] if child >= 0 else tree.leaf_count[-1 - child]
            ratio[edge] = count / tree.internal_count[node]
            share[edge] = ratio[edge] * (share[above[node]] if feature in path else 1.0)
            if child < 0:
                gain[edge] = tree.leaf_value[-1 - child]
            else:
                incoming[child], paths[child] = edge, {**path, feature: edge}
    return _Layout(incoming, above, ratio, share, gain, width)


def _joined(pairs: list[tuple[Tree, _Layout]], panels: int) -> Paths:
    trees, layouts = zip(*pairs, strict=True)
    pointer = np.cumsum([0, *(tree.n_splits for tree in trees)]).astype(np.int64)
    kind = np.concatenate([tree.decision_type for tree in trees])
    share = np.concatenate([layout.share for layout in layouts])
    categories = [words for tree in trees for words in tree.categories]
    earlier = np.cumsum([0, *(len(tree.categories) for tree in trees)])
    is_categorical = (kind & CATEGORICAL) > 0
    tree_of = np.repeat(np.arange(len(trees)), np.diff(pointer))
    threshold = np.concatenate([tree.threshold for tree in trees]) + np.where(is_categorical, earlier[tree_of], 0)
    quadrature = _quadrature(panels)
    return Paths(
        pointer=pointer,
        feature=np.concatenate([tree.split_feature for tree in trees]),
        threshold=threshold,
        missing=np.where(is_categorical, IN_CATEGORIES, kind >> 2 & 3),
        default=1 - (kind >> 1 & 1),
        incoming=_numbered([layout.incoming for layout in layouts], pointer),
        above=_numbered([layout.above for layout in layouts], pointer),
        ratio=np.concatenate([layout.ratio for layout in layouts]),
        share=share,
        gain=np.concatenate([layout.gain for layout in layouts]),
        slope=_slope(share, quadrature),
        quadrature=quadrature,
        words=np.concatenate([*categories, np.zeros(0, dtype=np.int64)]),
        bounds=np.cumsum([0, *(len(words) for words in categories)]).astype(np.int64),
    )


def _numbered(edges: list[Ints], pointer: Ints) -> Ints:
    """Returns edges of single trees as edges of all of them; the one after the last stands for none."""
    shifted = [
        np.where(own < 2 * len(own), own + 2 * first, 2 * pointer[-1])
        for own, first in zip(edges, pointer[:-1], strict=True)
    ]
    return np.concatenate(shifted).astype(np.int64)


def _quadrature(panels: int) -> Floats:
    node, weight = np.polynomial.legendre.leggauss(panels * LANES)
    t = (node + 1.0) / 2.0
    parts = np.stack([t, 1.0 - t, 1.0 / (1.0 - t), weight / 2.0])
    return np.ascontiguousarray(parts.reshape(4, panels, LANES).transpose(1, 0, 2))


def _slope(share: Floats, quadrature: Floats) -> Floats:
    """Returns the slopes of every edge, and zeros for the one that stands for none."""
    t, rest = quadrature[:, 0, None, :], quadrature[:, 1, None, :]
    slope = (1.0 - share[:, None]) / (t + rest * share[:, None])
    return np.concatenate([slope, np.zeros((len(quadrature), 1, LANES))], axis=1)
