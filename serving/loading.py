"""The model that is served: from the registry, or from a folder without any MLflow in the process."""

from pathlib import Path

from models.predictor import RegisteredPredictor

REGISTRY = "models:"


def load_model(address: str) -> RegisteredPredictor:
    """Returns the model at a registry address such as ``models:/nextstage@champion``, or in a folder.

    Raises
    ------
    PredictorError
        If there is none, or it is damaged.
    """
    if not address.startswith(REGISTRY):
        return RegisteredPredictor.load(Path(address))
    from models.registry import load_predictor  # loads MLflow, which is not installed with a Bento

    return load_predictor(address)
