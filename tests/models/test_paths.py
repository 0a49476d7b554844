import numpy as np
import pytest

from models.paths import ABOVE, DEFAULT, FEATURE, GAIN, INCOMING, LANES, MISSING, RATIO, SHARE, lay_out
from models.trees import Tree


def tree(features: list[int], counts: list[int]) -> Tree:
    """Returns a chain: every split sends rows to a leaf on the right and the others on."""
    n = len(features)
    below = np.array([*range(1, n), -1])
    return Tree(
        split_feature=np.array(features),
        threshold=np.arange(n, dtype=np.float64),
        decision_type=np.full(n, 2 | 2 << 2),
        left_child=below,
        right_child=-2 - np.arange(n),
        internal_count=np.array(counts[:-1]),
        leaf_value=np.arange(1.0, n + 2.0),
        leaf_count=np.array([counts[-1], *(-np.diff(counts)).tolist()]),
        categories=(),
    )


def test_shares_multiply_over_splits_by_the_same_feature() -> None:
    (paths,) = lay_out([tree([0, 1, 0], [100, 50, 40, 10])])
    assert paths.edges[:, RATIO].tolist() == [0.5, 0.5, 0.8, 0.2, 0.25, 0.75]
    assert paths.edges[:, SHARE].tolist() == [0.5, 0.5, 0.8, 0.2, 0.125, 0.375]
    assert paths.nodes[:, ABOVE].tolist() == [6, 6, 0]
    assert paths.nodes[:, INCOMING].tolist() == [6, 0, 2]
    assert paths.edges[:, GAIN].tolist() == [1.0, 2.0, 1.0, 3.0, 1.0, 4.0]
    assert (paths.nodes[:, MISSING].tolist(), paths.nodes[:, DEFAULT].tolist()) == ([2, 2, 2], [0, 0, 0])


def test_edges_are_numbered_within_their_tree() -> None:
    one, other = tree([0, 0], [9, 6, 3]), tree([2, 2], [8, 4, 2])
    (paths,) = lay_out([one, other])
    assert paths.pointer.tolist() == [0, 2, 4]
    assert paths.nodes[:, ABOVE].tolist() == [4, 0, 4, 0]
    assert paths.nodes[:, INCOMING].tolist() == [4, 0, 4, 0]
    assert paths.nodes[:, FEATURE].tolist() == [0, 0, 2, 2]


def test_a_tree_without_splits_needs_no_path() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    leaf = Tree(nothing, np.zeros(0), nothing, nothing, nothing, nothing, np.array([0.3]), np.array([10]), ())
    assert lay_out([leaf]) == ()
    assert leaf.expected_value == 0.3


@pytest.mark.parametrize(("features", "panels"), [(1, 1), (16, 1), (17, 2), (33, 3)])
def test_a_panel_of_the_quadrature_does_for_twice_as_many_features_as_it_has_nodes(features: int, panels: int) -> None:
    counts = [2 * features - n for n in range(features + 1)]
    (paths,) = lay_out([tree(list(range(features)), counts)])
    assert paths.quadrature.shape == (panels, 4, LANES)
    node, rest, inverse, weight = paths.quadrature.transpose(1, 0, 2).reshape(4, -1)
    assert np.allclose(node + rest, 1.0)
    assert np.allclose(rest * inverse, 1.0)
    assert np.sum(weight * node ** (features - 1)) == pytest.approx(1.0 / features, rel=1e-13)


def test_trees_with_long_paths_do_not_slow_down_the_others() -> None:
    short, long = tree([0], [9, 4]), tree(list(range(20)), list(range(60, 39, -1)))
    assert [len(paths.pointer) - 1 for paths in lay_out([short, long, short])] == [2, 1]
