"""The audience builder's figures: whom each share of the customers with the highest scores would hold."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from features.arrays import Bools, Floats, Ints, Texts
from features.errors import did_you_mean
from features.journey import Journey
from serving.errors import RequestError
from serving.reports.expected import Expected

EVERYWHERE = ""
"""Stands for every stage."""
POINTS = 200


@dataclass(frozen=True)
class Curve:
    """Whom a list holds that takes the highest scores first, at up to POINTS sizes.

    Parameters
    ----------
    customers
        Who has the score at all.
    positives
        How many of them are expected to do it.
    size, threshold
        The number on the list, and the lowest score on it.
    captured, spend
        How many on it are expected to do it, and what all on it are expected to spend within the main horizon.
    """

    customers: int
    positives: float
    size: list[int]
    threshold: list[float]
    captured: list[float]
    spend: list[float] | None


Curves = dict[str, dict[str, Curve]]
"""By score and stage."""


@dataclass(frozen=True)
class OfPersona:
    """The customers of one persona alone."""

    customers: int
    curves: Curves


@dataclass(frozen=True)
class AudienceCurves:
    """Those of all customers, and of each persona that was known when the scores were made."""

    horizon: str
    curves: Curves
    personas: dict[str, OfPersona]

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return asdict(self)


def audience_curves(expected: Expected, journey: Journey, personas: Texts) -> AudienceCurves:
    """Returns a curve for each score and stage that has customers with that score, of all and of each persona.

    Parameters
    ----------
    personas
        Of each customer, None for who has none, shape (customers,).
    """
    of_each = {}
    for name in sorted(set(personas.tolist()) - {None}):
        own: Bools = np.asarray(personas == name, dtype=bool)
        of_each[name] = OfPersona(int(np.count_nonzero(own)), _curves(expected.take(own), journey))
    return AudienceCurves(expected.horizon, _curves(expected, journey), of_each)


def chosen_audience(audience: Mapping[str, Any], persona: str) -> dict[str, Any]:
    """Returns the curves of one persona as plain data, of the audience of a report.

    Raises
    ------
    RequestError
        If the report has no such persona.
    """
    known = audience.get("personas", {})  # runs of earlier releases kept none
    if persona not in known:
        hint = did_you_mean(persona, known) if known else "run 'nextstage personas', then 'nextstage score'"
        raise RequestError(f"the last scoring run knew no persona {persona!r:.120}; {hint}")
    return {"horizon": audience["horizon"], "persona": persona, **known[persona]}


def _curves(expected: Expected, journey: Journey) -> Curves:
    found: Curves = {}
    for kind, probabilities in expected.yes.items():
        known = ~np.isnan(probabilities)
        stages: dict[str, Bools] = {EVERYWHERE: known}
        stages |= {name: known & (expected.stage == code) for code, name in enumerate(journey.stage_names)}
        found[kind] = {
            name: curve(probabilities[rows], None if expected.spend is None else expected.spend[rows])
            for name, rows in stages.items()
            if rows.any()
        }
    return found


def curve(probabilities: Floats, spend: Floats | None) -> Curve:
    """Returns the curve of one score, shape (customers,)."""
    order = np.argsort(-probabilities, kind="stable")
    sizes = sizes_shown(len(order))
    captured = np.cumsum(probabilities[order])
    spent = None if spend is None else np.cumsum(spend[order])[sizes - 1].tolist()
    return Curve(
        customers=len(order),
        positives=float(captured[-1]),
        size=sizes.tolist(),
        threshold=probabilities[order][sizes - 1].tolist(),
        captured=captured[sizes - 1].tolist(),
        spend=spent,
    )


def sizes_shown(customers: int) -> Ints:
    """Returns the sizes of a curve: POINTS steps of equal width, or every size of fewer customers.

    Examples
    --------
    >>> sizes_shown(3).tolist(), len(sizes_shown(1_000))
    ([1, 2, 3], 200)
    """
    steps = np.arange(1, POINTS + 1)
    return np.unique(np.maximum(1, np.round(customers * steps / POINTS))).astype(np.int64)
