"""The trees of one class laid out for the kernel of ``treeshap.py``: everything that does not depend on a row.

The compiled code on disk is renewed when ``models/treeshap.py`` changes, not when this file does, so a change of
``Paths`` goes with one there.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from features.arrays import Codes, Floats, Ints
from models.trees import CATEGORICAL, DEFAULT_LEFT, Tree

LANES = 8
"""How many nodes of the quadrature are worked on at a time."""

IS_ZERO, IS_NAN, IN_CATEGORIES = 1, 2, 4
"""What a split takes for missing, as LightGBM numbers it, and a split by categories; to zeros NaN is one of them."""

FEATURE, INCOMING, ABOVE, MISSING, DEFAULT = range(5)
"""Columns of Paths.nodes."""

RATIO, SHARE, GAIN = range(3)
"""Columns of Paths.edges."""

Path = dict[int, int]
"""The last edge on a path that splits by each feature."""


class Paths(NamedTuple):
    """Nodes and edges of several trees; edge 2 i goes to the left of node i, edge 2 i + 1 to the right.

    Edges are named by their number in their own tree, and one more, 2 n in a tree of n nodes, stands for the way into
    the root and for none. What is read together lies together: little is worked out per node, so reading must be quick.

    Parameters
    ----------
    pointer
        The nodes of tree n are ``pointer[n]`` to ``pointer[n + 1]``, parents first.
    nodes
        Shape (nodes, 5). FEATURE; INCOMING, the edge to the node; ABOVE, the nearest edge on the way to it that splits
        by the same feature; MISSING, which is 0 for nothing, IS_ZERO or IS_NAN for what goes to side DEFAULT, or
        IN_CATEGORIES: then the threshold is the place of the categories in ``bounds``.
    threshold
        Shape (nodes,).
    edges
        Shape (edges, 3). RATIO, the part of the training rows of a node that an edge leads on; SHARE, the product of
        that over the edges on the path down to it which split by the same feature; GAIN, the value of the leaf that it
        leads to, or 1 if it leads to a node.
    quadrature
        Nodes t, 1 - t, 1 / (1 - t) and weights, shape (panels, 4, LANES).
    words, bounds
        Those of categorical split n are ``words[bounds[n] : bounds[n + 1]]``.
    """

    pointer: Ints
    nodes: Codes
    threshold: Floats
    edges: Floats
    quadrature: Floats
    words: Ints
    bounds: Ints


class _Layout(NamedTuple):
    """The nodes, but for how they split, and edges of one tree, and the most features on a path."""

    nodes: Codes
    edges: Floats
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
    nodes, edges = np.full((n, 5), 2 * n, dtype=np.int32), np.ones((2 * n, 3))
    nodes[:, FEATURE] = tree.split_feature
    paths: dict[int, Path] = {0: {}}
    width = 0
    for node in range(n):  # a child has a higher number than its parent
        path, feature = paths.pop(node), int(tree.split_feature[node])
        above = path.get(feature, 2 * n)
        nodes[node, ABOVE] = above
        width = max(width, len(path.keys() | {feature}))
        for side, child in enumerate((int(tree.left_child[node]), int(tree.right_child[node]))):
            edge = 2 * node + side
            count = tree.internal_count[child] if child >= 0 else tree.leaf_count[-1 - child]
            edges[edge, RATIO] = count / tree.internal_count[node]
            edges[edge, SHARE] = edges[edge, RATIO] * (edges[above, SHARE] if feature in path else 1.0)
            if child < 0:
                edges[edge, GAIN] = tree.leaf_value[-1 - child]
            else:
                nodes[child, INCOMING], paths[child] = edge, {**path, feature: edge}
    return _Layout(nodes, edges, width)


def _joined(pairs: list[tuple[Tree, _Layout]], panels: int) -> Paths:
    trees, layouts = zip(*pairs, strict=True)
    pointer = np.cumsum([0, *(tree.n_splits for tree in trees)]).astype(np.int64)
    kind = np.concatenate([tree.decision_type for tree in trees])
    categories = [words for tree in trees for words in tree.categories]
    earlier = np.cumsum([0, *(len(tree.categories) for tree in trees)])
    is_categorical = (kind & CATEGORICAL) > 0
    tree_of = np.repeat(np.arange(len(trees)), np.diff(pointer))
    threshold = np.concatenate([tree.threshold for tree in trees]) + np.where(is_categorical, earlier[tree_of], 0)
    nodes = np.concatenate([layout.nodes for layout in layouts])
    nodes[:, MISSING] = np.where(is_categorical, IN_CATEGORIES, kind >> 2 & 3)
    nodes[:, DEFAULT] = np.where(kind & DEFAULT_LEFT, 0, 1)
    return Paths(
        pointer=pointer,
        nodes=nodes,
        threshold=threshold,
        edges=np.concatenate([layout.edges for layout in layouts]),
        quadrature=_quadrature(panels),
        words=np.concatenate([*categories, np.zeros(0, dtype=np.int64)]),
        bounds=np.cumsum([0, *(len(words) for words in categories)]).astype(np.int64),
    )


def _quadrature(panels: int) -> Floats:
    node, weight = np.polynomial.legendre.leggauss(panels * LANES)
    t = (node + 1.0) / 2.0
    parts = np.stack([t, 1.0 - t, 1.0 / (1.0 - t), weight / 2.0])
    return np.ascontiguousarray(parts.reshape(4, panels, LANES).transpose(1, 0, 2))
