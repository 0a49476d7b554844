"""A challenger in the shadow of the champion: it scores whom the champion scored, and only the store hears of it."""

import json
import logging
import queue
import threading
from collections.abc import Sequence

from features.timestamps import to_iso
from models.predictor import RegisteredPredictor
from serving.audit import last_erasure
from serving.database import Row
from serving.errors import UnknownCustomerError
from serving.loaded import Loaded, Record
from serving.metrics import Metrics
from serving.problems import place_of
from serving.schemas import ScoreRequest
from serving.store import Store
from serving.tables import SHADOW_SCORES

logger = logging.getLogger(__name__)

MOST_WAITING = 10_000
"""Customers who wait for the challenger; more are not scored by it, and counted."""

MOST_AT_ONCE = 50
PAUSE = 0.2  # seconds between two blocks: whoever waits for an answer comes first

Asked = tuple[str, int]
"""A customer, and the cutoff in UTC microseconds."""


class Shadow:
    """Scores after the answer has been sent, in a thread of its own; the first score of a customer and day is kept."""

    def __init__(self, store: Store, metrics: Metrics, most: int = MOST_WAITING) -> None:
        self._store, self._metrics = store, metrics
        self._loaded: Loaded | None = None
        self._waiting: queue.Queue[Asked] = queue.Queue(most)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)

    def use(self, model: RegisteredPredictor) -> None:
        """Scores with a challenger from now on."""
        fresh = Loaded(model, self._store)
        fresh.prepare()
        self._loaded = fresh

    def offer(self, customers: Sequence[str], as_of: int) -> None:
        """Notes who was scored; never waits."""
        if self._loaded is None:
            return
        for place, name in enumerate(customers):
            try:
                self._waiting.put_nowait((name, as_of))
            except queue.Full:
                self._metrics.not_shadowed(len(customers) - place)
                return

    def start(self) -> None:
        """Begins to score."""
        self._thread.start()

    def close(self) -> None:
        """Ends it; who still waits is not scored."""
        self._ended.set()

    def work(self) -> int:
        """Scores some of who waits, keeps that, and returns how many there were."""
        asked: list[Asked] = []
        while len(asked) < MOST_AT_ONCE and not self._waiting.empty():
            asked.append(self._waiting.get_nowait())
        loaded = self._loaded
        if asked and loaded is not None:
            with self._store.database.reading() as connection:
                erasure = last_erasure(connection)
            self._keep(loaded, [row for each in dict.fromkeys(asked) for row in _scored(loaded, *each)], erasure)
        return len(asked)

    def _keep(self, loaded: Loaded, rows: list[Row], erasure: int | None) -> None:
        """Keeps scores, unless somebody was erased since they were begun: it may be one of these customers."""
        model = {"model_name": loaded.model.name, "model_version": loaded.model.version}
        with self._store.database.writing() as connection:
            if last_erasure(connection) == erasure:
                self._store.database.add_missing(connection, SHADOW_SCORES, [model | row for row in rows])

    def _run(self) -> None:
        while not self._ended.wait(PAUSE):
            try:
                self.work()
            except Exception as problem:  # the champion goes on answering, whatever the challenger does
                logger.error("the challenger could not score: %s", place_of(problem))


def _scored(loaded: Loaded, name: str, as_of: int) -> list[Row]:
    try:
        record: Record = loaded.records(ScoreRequest(customer_ids=[name]), as_of)[0]
    except UnknownCustomerError:  # erased since
        return []
    if record.get("suppressed"):
        return []
    day = to_iso(as_of)[:10]
    return [{"customer_id": name, "day": day, "as_of": as_of, "scores": json.dumps(record, allow_nan=False)}]
