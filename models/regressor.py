"""LightGBM behind fit and predict, for a number: deterministic, one thread per prediction, saved as text."""

from dataclasses import dataclass

import lightgbm
import numpy as np

from features.arrays import Floats, Singles
from models.classifier import BoostingOptions

OBJECTIVE = {"objective": "regression"}
"""The mean squared error."""


@dataclass(frozen=True, eq=False)
class BoostedRegressor:
    """A gradient-boosted regression, fitted."""

    booster: lightgbm.Booster

    @classmethod
    def fit(cls, X: Singles, y: Floats, columns: tuple[str, ...], options: BoostingOptions) -> "BoostedRegressor":
        """Returns the regression on rows of features and their numbers.

        Parameters
        ----------
        X, y
            Shapes (rows, columns) and (rows,).
        columns
            Feature names, kept in the model text.
        """
        data = lightgbm.Dataset(X, label=y, feature_name=list(columns), free_raw_data=True)
        return cls(lightgbm.train({**OBJECTIVE, **options.growth()}, data, num_boost_round=options.rounds))

    def predict(self, X: Singles) -> Floats:
        """Returns the expected number, shape (rows,), row by row the same in any batch."""
        return np.asarray(self.booster.predict(X, num_threads=1), dtype=np.float64)

    def to_text(self) -> str:
        """Returns the model in LightGBM's text format."""
        return str(self.booster.model_to_string())

    @classmethod
    def from_text(cls, text: str) -> "BoostedRegressor":
        """Returns the regression of a model text; nothing in it is executed."""
        return cls(lightgbm.Booster(model_str=text))
