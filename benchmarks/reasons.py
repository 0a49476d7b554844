"""What the reasons of one customer cost, beside LightGBM's own ``pred_contrib``, on generated data.

Run with ``python -m benchmarks.reasons``; ``--quick`` grows fewer trees and asks only for equality. Two models of 31
leaves on 120 features with missing values and a categorical one: 200 trees with two classes, and six classes with 200
trees each, of which only the reported class is explained. Times are CPU microseconds for one row on one thread: the
medians of rounds in which both are measured in turn, so that what else runs on the machine slows both.
"""

import sys
import time
from collections.abc import Callable

import lightgbm
import numpy as np

from benchmarks.bars import Bar, at_least, command_line, settle
from features.arrays import Floats
from models.trees import Trees
from models.treeshap import TreeShap

FEATURES, LEAVES, ROWS = 120, 31, 20_000
CATEGORICAL = 7
EXACT = 1e-9
FASTER = {2: 9.0, 6: 50.0}


def main() -> int:
    """Measures every bar, prints the table, and returns 1 if one is missed."""
    arguments = command_line(__doc__, "20 trees per class, no demand on the time").parse_args()
    trees = 20 if arguments.quick else 200
    bars = [bar for n_classes in FASTER for bar in compared(n_classes, trees, arguments.quick)]
    title = f"Reasons of one row: {FEATURES} features, {LEAVES} leaves, {trees} trees per class, generated data"
    return settle(bars, title, arguments.json, trees=trees)


def compared(n_classes: int, trees: int, quick: bool) -> list[Bar]:
    """Returns how the contributions to one class compare with ``pred_contrib`` in value and in time."""
    X = generated_rows(np.random.default_rng(0))
    booster = grown(X, n_classes, trees)
    code = 0 if n_classes == 2 else 3
    shap = TreeShap.of(Trees.from_text(booster.model_to_string()), code)
    some = X[:50]
    theirs = np.asarray(booster.predict(some, pred_contrib=True, num_threads=1))
    theirs = theirs.reshape(len(some), -1, FEATURES + 1)[:, code]
    worst = float(np.abs(shap.contributions(some) - theirs).max())
    own, lightgbms = in_turn(
        lambda row: shap.contributions(X[row : row + 1]),
        lambda row: booster.predict(X[row : row + 1], pred_contrib=True, num_threads=1),
    )
    name = f"{n_classes} classes, {trees} trees each"
    return [
        Bar(f"{name}: greatest difference", f"<= {EXACT:g}", f"{worst:.1e}", worst <= EXACT),
        Bar(f"{name}: reported class, us", "", f"{own:.0f}"),
        Bar(f"{name}: pred_contrib, us", "", f"{lightgbms:.0f}"),
        at_least(f"{name}: times faster", 0.0 if quick else FASTER[n_classes], lightgbms / own),
    ]


def generated_rows(random: np.random.Generator) -> Floats:
    """Returns rows of normal features with a tenth missing, and one of 40 categories."""
    X = random.normal(size=(ROWS, FEATURES))
    X[:, CATEGORICAL] = random.integers(0, 40, ROWS)
    X[random.random(X.shape) < 0.1] = np.nan
    return X


def grown(X: Floats, n_classes: int, rounds: int) -> lightgbm.Booster:
    """Returns a model of equally frequent classes that depend on thirty features, two of them together."""
    random = np.random.default_rng(1)
    filled = np.nan_to_num(X)
    score = filled[:, :30] @ random.normal(size=30) + 2 * filled[:, 40] * filled[:, 41]
    score += 3 * random.normal(size=ROWS) + filled[:, CATEGORICAL] % 3
    y = np.argsort(np.argsort(score)) * n_classes // ROWS
    several = {"objective": "multiclass", "num_class": n_classes}
    parameters = {
        **({"objective": "binary"} if n_classes == 2 else several),
        **{"num_leaves": LEAVES, "learning_rate": 0.05, "feature_fraction": 0.5, "min_data_in_leaf": 20},
        **{"num_threads": 1, "force_row_wise": True, "deterministic": True, "seed": 7, "verbosity": -1},
    }
    data = lightgbm.Dataset(X, y, categorical_feature=[CATEGORICAL], params={"verbosity": -1})
    return lightgbm.train(parameters, data, rounds)


def in_turn(first: Callable[[int], object], second: Callable[[int], object], rounds: int = 20) -> tuple[float, float]:
    """Returns the median CPU microseconds of one call of each, measured in turn."""
    first(0), second(0)
    spent = np.empty((2, rounds))
    for turn in range(rounds):
        for which, (work, calls) in enumerate(((first, 100), (second, 10))):
            started = time.process_time()
            for call in range(calls):
                work(turn * 100 + call)
            spent[which, turn] = (time.process_time() - started) / calls
    own, other = np.median(spent, axis=1) * 1e6
    return float(own), float(other)


if __name__ == "__main__":
    sys.exit(main())
