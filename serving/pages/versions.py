"""The champion that is served, and the challenger beside it, as the registry knows them."""

import logging
import time
from typing import Any

from features.errors import PredictorError
from models.predictor import RegisteredPredictor
from serving.reports.model import model_panel
from serving.scorer import Scorer

logger = logging.getLogger(__name__)
Version = tuple[str, dict[str, Any]]
FRESH = 30.0  # seconds until the registry is asked again


class Versions:
    """Knows what was read last."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._known: tuple[float, str, dict[str, Any]] | None = None

    def panel(self) -> dict[str, Any]:
        """Returns the report card of the versions."""
        version = self._model.version
        if self._known is None or self._known[1] != version or time.monotonic() - self._known[0] > FRESH:
            self._known = (time.monotonic(), version, self._read())
        return self._known[2]

    @property
    def _model(self) -> RegisteredPredictor:
        return self._scorer.model

    def _read(self) -> dict[str, Any]:
        name, version, predictor = self._model.name, self._model.version, self._model.predictor
        told = {
            "name": name,
            "version": version,
            "fingerprint": predictor.fingerprint,
            "features": len(predictor.feature_set.columns),
            "facts": predictor.facts,
        }
        own: Version = ("champion", told)
        versions: list[Version] = [own]
        card, address = None, None
        try:  # a registry that does not answer is no reason to hide the model that does
            versions, card, address = self._versions(own)
        except ImportError:
            pass  # a Bento carries its model and no MLflow
        except PredictorError:
            logger.warning("the registry does not answer, so that the model page shows the champion alone")
        return model_panel(versions, predictor.horizon, card, address)

    def _versions(self, own: Version) -> tuple[list[Version], str | None, str | None]:
        """Returns the champion and the challenger, the champion's card and where it is shown."""
        from models.registry import CHALLENGER, described_by, read_document, version_at, web_page

        name, version = self._model.name, self._model.version
        challenger = version_at(name, CHALLENGER)
        versions = [own]
        if challenger is not None and challenger != version:
            document = read_document(name, challenger)
            told = {"fingerprint": document["fingerprint"], "facts": document["facts"], "features": None}
            versions.append(("challenger", {"name": name, "version": challenger, **told}))
        return versions, described_by(name, version), web_page(name, version)
