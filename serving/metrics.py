"""What Prometheus reads: how often and how fast each route answers, and how old data and model are."""

from collections.abc import Iterable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from serving.gauges import Reading

MEDIA_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"))  # a client may send any word
ELSEWHERE = "elsewhere"
"""The route of a request that no route fits: a path may hold an id, and never becomes a label."""


class Metrics:
    """Counts the requests of this process; several processes of one service share a folder and are counted as one.

    Parameters
    ----------
    folder
        What the processes share; None counts this one alone.
    """

    def __init__(self, folder: str | None = None) -> None:
        self._folder = folder
        self._own = CollectorRegistry()
        registry = None if folder else self._own  # what is in the folder is read from there
        labels = ("route", "method", "status")
        self._requests = Counter("nextstage_requests", "Requests answered", labels, registry=registry)
        self._seconds = Histogram(
            "nextstage_request_seconds", "Time to an answer", ("route",), buckets=SECONDS, registry=registry
        )
        self._scores = Counter("nextstage_scores", "Customers scored", ("stage",), registry=registry)
        self._failed = Counter("nextstage_model_load_failures", "Models that could not be loaded", registry=registry)
        self._unshadowed = Counter(
            "nextstage_shadow_dropped", "Customers whom the challenger was too busy to score", registry=registry
        )
        self._events = Counter("nextstage_events_stored", "Events that were new", registry=registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Counts a request by the template of its route."""
        self._requests.labels(route, method if method in METHODS else "other", str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def stored(self, events: int) -> None:
        """Counts new events."""
        self._events.inc(events)

    def scored(self, stages: Iterable[str]) -> None:
        """Counts customers who were scored, by the stage they are in."""
        for stage in stages:
            self._scores.labels(stage).inc()

    def failed_to_load(self) -> None:
        """Counts a model that could not be loaded."""
        self._failed.inc()

    def not_shadowed(self, customers: int) -> None:
        """Counts customers whom the challenger did not score."""
        self._unshadowed.inc(customers)

    def text(self, ages: Mapping[str, float], model: Mapping[str, str], readings: Sequence[Reading] = ()) -> bytes:
        """Returns everything in Prometheus' text format.

        Parameters
        ----------
        ages
            In seconds, by what they are the age of.
        model
            The name and version of the model that answers.
        readings
            More gauges; those of one name have the same labels.
        """
        counted = self._own
        if self._folder:
            counted = CollectorRegistry()
            MultiProcessCollector(counted, path=self._folder)  # type: ignore[no-untyped-call]
        now = CollectorRegistry()
        for name, age in ages.items():
            Gauge(f"nextstage_{name}_age_seconds", f"Age of the {name}", registry=now).set(age)
        Gauge("nextstage_model", "The model that answers", tuple(model), registry=now).labels(**model).set(1)
        gauges: dict[str, Gauge] = {}
        for name, words, labels, value in readings:
            if name not in gauges:
                gauges[name] = Gauge(name, words, tuple(labels), registry=now)
            (gauges[name].labels(**labels) if labels else gauges[name]).set(value)
        return generate_latest(counted) + generate_latest(now)
