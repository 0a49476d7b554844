"""Exact TreeSHAP of one class: how much each feature moves a raw score, compiled.

What ``pred_contrib`` of LightGBM computes: path-dependent Shapley values (Lundberg et al., "From local explanations to
global understanding with explainable AI for trees", Nature Machine Intelligence 2, 2020, algorithm 2), but for one
class alone and without branches over the sizes of subsets. With o = 1 where a row satisfies every split by a feature
on the path to a leaf (else 0) and z the share of the training rows that do, the weight of a subset is the integral of
``t**size * (1 - t)**rest``, so that feature f gets from a leaf of value v

    v * (o_f - z_f) * integral over [0, 1] of the product over the other features g of (t * o_g + (1 - t) * z_g)

(the linear-time form of Yu et al., "Linear TreeSHAP", NeurIPS 2022). The integral is a sum over the nodes of a
quadrature that is exact for the polynomial, several nodes at a time: products go down a tree, sums come up.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np
from llvmlite import ir
from numba import extending
from numba.core import types

from features.arrays import Bools, Floats, Ints, Singles
from features.errors import PredictorError
from models.paths import (
    ABOVE,
    DEFAULT,
    FEATURE,
    GAIN,
    IN_CATEGORIES,
    INCOMING,
    IS_NAN,
    IS_ZERO,
    LANES,
    MISSING,
    RATIO,
    SHARE,
    Paths,
    lay_out,
)
from models.trees import Trees

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
INNER: dict[str, Any] = {**OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True}
ZERO = float(np.float32(1e-35))
LARGEST = 2.0**31
COLD = -1
NODE, REST, INVERSE, WEIGHT = range(4)  # rows of Paths.quadrature

Function = TypeVar("Function", bound=Callable[..., Any])


class Work(NamedTuple):
    """Work space of one call.

    Parameters
    ----------
    lanes, slope, hot
        By edge of a tree: the product or sum, ``(1 - z) / (t + (1 - t) * z)``, and whether o is 1.
    side
        By node: where o is 1, or COLD.
    values, absent, moved
        By feature: its value, what it is taken for when it is missing, and its contribution before it is integrated.
    """

    lanes: Floats
    slope: Floats
    hot: Bools
    side: Ints
    values: Floats
    absent: Ints
    moved: Floats


@dataclass(frozen=True, eq=False)
class TreeShap:
    """The contributions of every feature to the raw score of one class."""

    n_features: int
    expected_value: float
    paths: tuple[Paths, ...]

    @classmethod
    def of(cls, trees: Trees, code: int) -> "TreeShap":
        """Returns the contributions to the class of this code; a binary model has one raw score, under code 0."""
        chosen = trees.of_class(code)
        return cls(trees.n_features, sum(tree.expected_value for tree in chosen), lay_out(chosen))

    def contributions(self, X: Singles | Floats) -> Floats:
        """Returns contributions and last the expected value, shape (rows, features + 1); a row sums to its raw score.

        Raises
        ------
        PredictorError
            If the rows do not have as many columns as the model.
        """
        if X.ndim != 2 or X.shape[1] != self.n_features:
            raise PredictorError(f"the model explains rows of {self.n_features} features; these have shape {X.shape}")
        out = np.zeros((len(X), self.n_features + 1))
        rows: Floats = np.ascontiguousarray(X)
        work = self._work()
        for paths in self.paths:
            add_contributions(paths, rows, work, out)
        out[:, -1] += self.expected_value
        return out

    def _work(self) -> Work:
        nodes, features = self._most_nodes, self.n_features
        lanes, slope = np.empty((2, 2 * nodes + 1, LANES))
        hot, side = np.empty(2 * nodes + 1, np.bool_), np.empty(nodes, np.int64)
        moved = np.empty((features, LANES))
        return Work(lanes, slope, hot, side, np.empty(features), np.empty(features, np.int64), moved)

    @cached_property
    def _most_nodes(self) -> int:
        return max((int(np.diff(paths.pointer).max()) for paths in self.paths), default=0)


class Lanes(types.Type):
    """Eight floats that the processor works on at once; numba on its own would take them one by one."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


def intrinsic(function: Callable[..., Any]) -> Any:
    """Makes an operation of the machine; numba fills in the first parameter, its typing context."""
    return extending.intrinsic(function)


VECTOR = ir.VectorType(ir.DoubleType(), LANES)
lanes_type: Any = Lanes()


@extending.register_model(Lanes)
class LanesModel(extending.models.PrimitiveModel):
    """Lanes are a vector of the machine."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, VECTOR)  # type: ignore[no-untyped-call]


@intrinsic
def load(typing: Any, array: Any, row: Any) -> Any:
    """Reads a row of an array of shape (rows, LANES)."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_address(context, builder, signature, arguments), align=8)

    return lanes_type(array, row), generate


@intrinsic
def store(typing: Any, array: Any, row: Any, lanes: Any) -> Any:
    """Writes a row of an array of shape (rows, LANES)."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _address(context, builder, signature, arguments), align=8)
        return context.get_dummy_value()

    return types.void(array, row, lanes), generate


@intrinsic
def spread(typing: Any, number: Any) -> Any:
    """Returns one number in every lane."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        first = ir.Constant(ir.IntType(32), 0)
        lane = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), arguments[0], first)
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return builder.shuffle_vector(lane, ir.Constant(VECTOR, ir.Undefined), everywhere)

    return lanes_type(number), generate


def _address(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    place = context.data_model_manager[signature.args[0]].get_field_position("data")
    data = builder.bitcast(builder.extract_value(arguments[0], place), VECTOR.as_pointer())
    return builder.gep(data, [arguments[1]])


def _arithmetic(operation: Callable[[Any, Any], Any], instruction: str) -> None:
    """Teaches numba one operation on lanes."""

    @intrinsic
    def by_lane(typing: Any, left: Any, right: Any) -> Any:
        del typing

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            del context, signature
            return getattr(builder, instruction)(*arguments, flags=("contract",))

        return lanes_type(left, right), generate

    @extending.overload(operation, inline="always")
    def operate(left: Any, right: Any) -> Any:
        def on_lanes(left: Any, right: Any) -> Any:
            return by_lane(left, right)

        return on_lanes if left is lanes_type and right is lanes_type else None


_arithmetic(operator.add, "fadd")
_arithmetic(operator.sub, "fsub")
_arithmetic(operator.mul, "fmul")
_arithmetic(operator.truediv, "fdiv")


def compiled(function: Function) -> Function:
    """Compiles a function on first use and keeps the machine code on disk; it makes no arrays."""
    result: Function = numba.njit(**OPTIONS)(function)
    return result


def inner(function: Function) -> Function:
    """Compiles a function that only compiled ones call."""
    result: Function = numba.njit(**INNER)(function)
    return result


@compiled
def add_contributions(paths: Paths, X: Floats, work: Work, out: Floats) -> None:
    """Adds every row's contributions to ``out``, shape (rows, features + 1)."""
    for row in range(len(X)):
        _read(X[row], work)
        for panel in range(len(paths.quadrature)):
            work.moved[:] = 0.0
            for tree in range(len(paths.pointer) - 1):
                nodes = (paths.pointer[tree], paths.pointer[tree + 1])
                _descend(paths, panel, nodes, work)
                _ascend(paths, panel, nodes, work)
            weight = paths.quadrature[panel, WEIGHT]
            for feature in range(X.shape[1]):
                total = 0.0
                for lane in range(LANES):
                    total += weight[lane] * work.moved[feature, lane]
                out[row, feature] += total


@inner
def _read(row: Floats, work: Work) -> None:
    """Notes each value as LightGBM reads it: tiny ones are zero, and NaN is zero too where it is not missing."""
    for feature in range(len(row)):
        value = float(row[feature])
        is_nan = np.isnan(value)
        is_zero = is_nan or abs(value) <= ZERO
        work.values[feature] = 0.0 if is_zero else value
        work.absent[feature] = int(is_zero) * IS_ZERO + int(is_nan) * IS_NAN


@inner
def _descend(paths: Paths, panel: int, nodes: tuple[int, int], work: Work) -> None:
    """Writes for each edge the product over the features above it, and below an edge to a leaf times its value."""
    first, stop = nodes
    quadrature, root, one = paths.quadrature[panel], 2 * (stop - first), spread(1.0)
    node, rest = load(quadrature, NODE), load(quadrature, REST)
    store(work.lanes, root, one)
    store(work.slope, root, spread(0.0))
    work.hot[root] = True
    for at in range(first, stop):
        local, above, edge = 2 * (at - first), paths.nodes[at, ABOVE], 2 * at
        came = load(work.lanes, paths.nodes[at, INCOMING])
        if not work.hot[above]:
            work.side[at - first] = COLD
            for side in range(2):
                scale = paths.edges[edge + side, RATIO] * paths.edges[edge + side, GAIN]
                work.hot[local + side] = False
                store(work.lanes, local + side, came * spread(scale))
            continue
        hot = _side(paths, at, work)
        cold = 1 - hot
        work.side[at - first] = hot
        work.hot[local + hot], work.hot[local + cold] = True, False
        came = came * (one + rest * load(work.slope, above))  # without the edge above: 1 / (t + (1 - t) * z)
        share = spread(paths.edges[edge + hot, SHARE])
        passed = node + rest * share
        store(work.slope, local + hot, (one - share) / passed)
        store(work.lanes, local + hot, came * spread(paths.edges[edge + hot, GAIN]) * passed)
        refused = rest * spread(paths.edges[edge + cold, SHARE] * paths.edges[edge + cold, GAIN])
        store(work.lanes, local + cold, came * refused)


@inner
def _ascend(paths: Paths, panel: int, nodes: tuple[int, int], work: Work) -> None:
    """Adds up the leaves below each edge, and what the feature of each node takes from them.

    Below an edge the feature's ``(o - z) / (t * o + (1 - t) * z)`` is the slope where o is 1 and ``-1 / (1 - t)``
    where it is 0; what the edge above has counted for the same leaves is taken back.
    """
    first, stop = nodes
    inverse = load(paths.quadrature[panel], INVERSE)
    for at in range(stop - 1, first - 1, -1):
        local, hot = 2 * (at - first), work.side[at - first]
        if hot == COLD:
            total = load(work.lanes, local) + load(work.lanes, local + 1)
            store(work.lanes, paths.nodes[at, INCOMING], total)
            continue
        passed, refused = load(work.lanes, local + hot), load(work.lanes, local + 1 - hot)
        total = passed + refused
        store(work.lanes, paths.nodes[at, INCOMING], total)
        feature = paths.nodes[at, FEATURE]
        moved = load(work.moved, feature) + passed * load(work.slope, local + hot) - refused * inverse
        store(work.moved, feature, moved - total * load(work.slope, paths.nodes[at, ABOVE]))


@inner
def _side(paths: Paths, at: int, work: Work) -> int:
    """Returns 0 where LightGBM sends a row to the left of a node and 1 where to the right."""
    feature, missing = paths.nodes[at, FEATURE], paths.nodes[at, MISSING]
    if missing == IN_CATEGORIES:
        return _category_side(paths, int(paths.threshold[at]), work.values[feature], work.absent[feature])
    right = int(work.values[feature] > paths.threshold[at])
    side: int = paths.nodes[at, DEFAULT] if missing & work.absent[feature] else right
    return side


@inner
def _category_side(paths: Paths, split: int, value: float, absent: int) -> int:
    """Returns 0 for a listed category; what is no whole number is cut off, as LightGBM does it."""
    if absent & IS_NAN or not (-1.0 < value < LARGEST):
        return 1
    category = int(value)
    word = paths.bounds[split] + category // 32
    if word >= paths.bounds[split + 1]:
        return 1
    return 0 if (paths.words[word] >> (category % 32)) & 1 else 1
