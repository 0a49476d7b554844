"""How often each caller may ask: a bucket of tokens that fills up at a steady pace."""

from dataclasses import dataclass, field


@dataclass(eq=False)
class RateLimit:
    """Counts the requests of each caller in this process.

    Parameters
    ----------
    per_second
        How many requests a caller may make per second in the long run; as many may come at once.
    """

    per_second: float
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait(self, caller: str, now: float) -> float:
        """Counts a request and returns 0, or the seconds until the next one is allowed, and does not count it.

        Parameters
        ----------
        now
            Seconds on any clock that never goes back.
        """
        most = max(self.per_second, 1.0)
        tokens, before = self._buckets.get(caller, (most, now))
        tokens = min(most, tokens + (now - before) * self.per_second)
        allowed = tokens >= 1.0
        self._buckets[caller] = (tokens - 1.0 if allowed else tokens, now)
        return 0.0 if allowed else (1.0 - tokens) / self.per_second
