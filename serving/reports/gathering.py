"""Gathers what a report is made of while a run scores block after block, so that no event is read twice."""

from collections.abc import Mapping

import numpy as np

from features.events import EventLog
from features.journey import Journey
from features.touches import Paths
from models.scores import Scores
from serving.reports import attribution
from serving.reports.expected import Expected
from serving.reports.observed import Observed, concatenate, observe
from serving.reports.run_report import RunReport, run_report


class Gathering:
    """The blocks of one run at one cutoff, in the order of their customers.

    Parameters
    ----------
    as_of
        The cutoff, UTC microseconds.
    """

    def __init__(self, journey: Journey, as_of: int) -> None:
        self._journey = journey
        self._as_of = as_of
        self._observed: list[Observed] = []
        self._expected: list[Expected] = []
        self._paths: list[Paths] = []

    def add(self, log: EventLog, scores: Scores) -> None:
        """Takes in the customers of a log and their scores, which are in the same order."""
        self._observed.append(observe(log, self._journey, self._as_of))
        self._expected.append(Expected.of(scores, self._journey))
        self._paths.append(attribution.paths_until(log, self._journey, self._as_of))

    def report(self, personas: Mapping[str, str]) -> RunReport:
        """Returns the report of everybody taken in, whose personas are known by their ids."""
        observed, expected = concatenate(self._observed), Expected.concatenate(self._expected)
        own = np.array([personas.get(customer) for customer in observed.customers.tolist()], dtype=object)
        return run_report(observed, expected, attribution.concatenate(self._paths), own, self._journey)
