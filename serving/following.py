"""Follows an alias of the registry: loads the model that it points at beside the one in use, then replaces that."""

import logging
import threading
from collections.abc import Callable, Sequence

from models.predictor import RegisteredPredictor
from models.registry import load_predictor, version_named
from serving.metrics import Metrics
from serving.problems import place_of
from serving.scorer import Scorer
from serving.settings import Settings
from serving.shadow import Shadow

logger = logging.getLogger(__name__)

ALIAS = "@"
EVERY = 5.0
"""Seconds between two looks at the registry."""


class Follower:
    """Notices that a registry address points at another version.

    Parameters
    ----------
    address
        Such as ``models:/nextstage@champion``; one with a version never changes.
    version
        The version in use; None for none yet.
    use
        Puts a model to use; it may fail, and then the one in use stays.
    """

    def __init__(
        self, address: str, version: str | None, use: Callable[[RegisteredPredictor], None], metrics: Metrics
    ) -> None:
        self.version = version
        self._address, self._use, self._metrics = address, use, metrics
        self._told: str | None = None

    def look(self) -> None:
        """Takes over the version that the address points at, if it is another; if that fails, the old one stays."""
        found = "unknown"
        try:
            found = version_named(self._address) or ""
            if found and found != self.version:
                self._use(load_predictor(self._address))
                self.version = self._told = found
                logger.warning("%s is version %s now", self._address, found)
        except Exception as problem:  # files, the registry, LightGBM: none of it may end the service
            self._metrics.failed_to_load()
            if self._told != found:  # once, not every few seconds
                self._told = found
                told = (self._address, found, place_of(problem), self.version)
                logger.error("%s points at version %s, which cannot be loaded: %s; version %s stays in use", *told)


def followers(settings: Settings, scorer: Scorer, shadow: Shadow | None, metrics: Metrics) -> list[Follower]:
    """Returns who follows the served model and the challenger; a version that is named as such needs nobody."""
    found = []
    if ALIAS in settings.model:
        found.append(Follower(settings.model, scorer.model.version, scorer.replace, metrics))
    if shadow is not None:
        found.append(Follower(settings.shadow or "", None, shadow.use, metrics))
        found[-1].look()
        shadow.start()
    return found


class Watch:
    """Lets followers look every few seconds, in a thread of its own."""

    def __init__(self, followers: Sequence[Follower], every: float = EVERY) -> None:
        self._followers, self._every = followers, every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="registry", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def close(self) -> None:
        """Ends it; a model that is being loaded is not waited for."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            for follower in self._followers:
                follower.look()
