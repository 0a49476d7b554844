"""The Predictor as an MLflow pyfunc: a frame of events in, the score table out. MLflow runs this file to load it."""

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel, PythonModelContext

from features.ingest import CUSTOMER, log_from_frame
from features.snapshots import Snapshots
from features.timestamps import parse_moment
from models.predictor import Predictor

ARTIFACT = "predictor"


class PredictorModel(PythonModel):  # type: ignore[misc]  # mlflow ships no type information
    """Scores every customer in a frame of events at ``params['as_of']``, or at the last event without it.

    Customer attributes are further columns; a customer's first row has theirs.
    """

    def load_context(self, context: PythonModelContext) -> None:
        """Loads the predictor's folder."""
        self.predictor = Predictor.load(Path(context.artifacts[ARTIFACT]))

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Returns one row of scores per customer, in the order of their ids."""
        del context
        given = [name for name in self.predictor.attributes if name in model_input.columns]
        attributes = model_input[[CUSTOMER, *given]].drop_duplicates(CUSTOMER) if given else None
        log = log_from_frame(model_input, attributes=attributes)
        as_of = str((params or {}).get("as_of", ""))
        cutoff = parse_moment(as_of) if as_of else log.end
        return self.predictor.score(log, Snapshots.at(log, cutoff)).frame()


mlflow.models.set_model(PredictorModel())
