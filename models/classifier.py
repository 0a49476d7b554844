"""LightGBM behind fit and predict_proba: deterministic, one thread per prediction, saved as text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import lightgbm
import numpy as np

from features.arrays import Floats, Ints, Singles


@dataclass(frozen=True)
class BoostingOptions:
    """How gradient-boosted trees are grown; the names are LightGBM's where it has them."""

    rounds: int = 100
    learning_rate: float = 0.08
    num_leaves: int = 15
    min_data_in_leaf: int = 200
    feature_fraction: float = 0.5
    bagging_fraction: float = 0.7
    lambda_l2: float = 10.0
    seed: int = 7
    threads: int = 2

    def to_lightgbm(self, n_classes: int) -> dict[str, object]:
        """Returns the LightGBM parameters of a classifier."""
        several = {"objective": "multiclass", "num_class": n_classes}
        return {**({"objective": "binary"} if n_classes == 2 else several), **self.growth()}

    def growth(self) -> dict[str, object]:
        """Returns the parameters of any objective, under which training twice gives byte-identical models."""
        return {
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_data_in_leaf": self.min_data_in_leaf,
            "feature_fraction": self.feature_fraction,
            "bagging_fraction": self.bagging_fraction,
            "bagging_freq": 1,
            "lambda_l2": self.lambda_l2,
            "seed": self.seed,
            "num_threads": self.threads,
            "deterministic": True,
            "force_col_wise": True,
            "verbosity": -1,
        }


@dataclass
class BoostedClassifier:
    """A gradient-boosted classifier over the codes ``0 .. n_classes - 1``."""

    n_classes: int
    options: BoostingOptions = field(default_factory=BoostingOptions)
    booster: lightgbm.Booster | None = None

    def fit(self, X: Singles, y: Ints, columns: tuple[str, ...], on_round: Callable[[], None] | None = None) -> None:
        """Fits on rows of features and their class codes.

        Parameters
        ----------
        X, y
            Shapes (rows, columns) and (rows,).
        columns
            Feature names, kept in the model text.
        on_round
            Called after each boosting round.
        """
        data = lightgbm.Dataset(X, label=y, feature_name=list(columns), free_raw_data=True)
        callbacks = [] if on_round is None else [lambda _: on_round()]
        parameters = self.options.to_lightgbm(self.n_classes)
        self.booster = lightgbm.train(parameters, data, num_boost_round=self.options.rounds, callbacks=callbacks)

    def predict_proba(self, X: Singles) -> Floats:
        """Returns uncalibrated class probabilities, shape (rows, n_classes), row by row the same in any batch."""
        if self.booster is None:
            raise RuntimeError("predict_proba was called before fit")
        raw = np.asarray(self.booster.predict(X, num_threads=1), dtype=np.float64)
        return np.column_stack([1.0 - raw, raw]) if self.n_classes == 2 else raw

    def importance(self) -> Mapping[str, float]:
        """Returns the total gain of each feature, largest first."""
        if self.booster is None:
            raise RuntimeError("importance was called before fit")
        gain = zip(self.booster.feature_name(), self.booster.feature_importance("gain").tolist(), strict=True)
        return dict(sorted(gain, key=lambda pair: (-pair[1], pair[0])))

    def to_text(self) -> str:
        """Returns the model in LightGBM's text format."""
        if self.booster is None:
            raise RuntimeError("to_text was called before fit")
        return str(self.booster.model_to_string())

    @classmethod
    def from_text(cls, text: str, n_classes: int) -> "BoostedClassifier":
        """Returns the classifier of a model text; nothing in it is executed."""
        return cls(n_classes, booster=lightgbm.Booster(model_str=text))
