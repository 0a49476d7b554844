"""What customers answered: which events are survey answers, and what answers come to."""

import re

import numpy as np

from features.arrays import Bools, Floats
from serving.reports.observed import Observed

NPS, CSAT = "nps answered", "csat answered"
"""The names that imports give to the events whose value is an answer, however they are spelt."""
PROMOTER, DETRACTOR = 9, 6


def survey(observed: Observed, name: str) -> Bools:
    """Says which touches are answers of one kind, shape (events,)."""
    is_named = [re.sub(r"[\W_]+", " ", event).strip().lower() == name for event in observed.events]
    named = np.array([*is_named, False], dtype=bool)[observed.touches.event]
    return named & ~np.isnan(observed.touches.value)


def nps(answers: Floats) -> float | None:
    """Returns the net promoter score: the percentage of 9 and 10 less that of 0 to 6; None without answers.

    Reichheld, "The One Number You Need to Grow", Harvard Business Review, 2003.

    Examples
    --------
    >>> nps(np.array([10.0, 9.0, 8.0, 3.0]))
    25.0
    """
    if not len(answers):
        return None
    return 100.0 * float((answers >= PROMOTER).mean() - (answers <= DETRACTOR).mean())


def csat(answers: Floats) -> float | None:
    """Returns the mean of answers from 1 to 5; None without answers."""
    return float(answers.mean()) if len(answers) else None
