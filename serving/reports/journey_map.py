"""The journey map: the stages in their order, who is there, what happens there and where everybody goes."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from features.arrays import Bools, Floats, Ints
from features.durations import DAY
from features.journey import Journey
from features.targets import NO_LABEL
from features.timestamps import to_iso
from serving.reports.expected import Expected
from serving.reports.observed import NEW, PERIOD, PERIOD_WEEKS, Observed
from serving.reports.surveys import CSAT, NPS, csat, nps, survey

MOST_TOUCHPOINTS = 5


@dataclass(frozen=True)
class StageFigures:
    """One stage in one period.

    Parameters
    ----------
    customers, customers_before
        Who is there at the end of the period, and who was at its start.
    entries, exits
        Moves into the stage and out of it, first events included among the entries; customers = before + entries -
        exits.
    moved_on
        The share of all stays (those at the start and the entries) that ended in a later stage; None without any.
    median_days
        How long the stays took that ended in the period; None without any.
    touchpoints, channels
        The most frequent events while in the stage, with their numbers; an event that leads into a stage is its own.
    nps, csat
        The net promoter score (-100 to 100) and the mean satisfaction (1 to 5); None without answers.
    churn_rate
        Of those who were in the stage, and active, when the period began: the share without activity in it.
    churn_expected, purchase_expected
        The mean probability within the main horizon; None for a past period.
    predicted
        By horizon the expected number of customers who come to the stage or stay, and of those who come.
    """

    name: str
    customers: int
    customers_before: int
    entries: int
    exits: int
    moved_on: float | None
    median_days: float | None
    touchpoints: tuple[tuple[str, int], ...]
    channels: tuple[tuple[str, int], ...]
    nps: float | None
    nps_answers: int
    csat: float | None
    csat_answers: int
    churn_rate: float | None
    churn_asked: int
    churn_expected: float | None = None
    purchase_expected: float | None = None
    predicted: dict[str, dict[str, float]] | None = None


@dataclass(frozen=True)
class JourneyMap:
    """The stages in one period ``(start, end]``; their customers sum to all customers."""

    start: str
    end: str
    customers: int
    stages: tuple[StageFigures, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return asdict(self)


def journey_map(observed: Observed, journey: Journey, period: int = 0, expected: Expected | None = None) -> JourneyMap:
    """Returns the map of one period, 0 the latest, of which alone something can be expected."""
    end = observed.as_of - period * PERIOD
    now, before = population(observed, journey, end), population(observed, journey, end - PERIOD)
    flows = transitions(observed, journey, period)
    coming = {} if expected is None or period else {h: expected.flows(h) for h in expected.horizons}
    last = len(journey.stages)
    figures = [
        StageFigures(
            name=name,
            customers=int(now[code]),
            customers_before=int(before[code]),
            entries=int(flows[:, code].sum()),
            exits=int(flows[code].sum()),
            moved_on=None
            if code == last
            else _share(flows[code, code + 1 :].sum(), before[code] + flows[:, code].sum()),
            **_stays(observed, code, end),
            **_touches(observed, code, period),
            **_churn(observed, code, period),
            **({} if expected is None or period else _expected(expected, coming, code)),
        )
        for code, name in enumerate(journey.stage_names)
    ]
    return JourneyMap(to_iso(end - PERIOD), to_iso(end), int(now.sum()), tuple(figures))


def population(observed: Observed, journey: Journey, moment: int) -> Ints:
    """Returns how many customers are in each stage at a moment, shape (stages,).

    Who has no event up to the cutoff of the run counts as lapsed, as in the scores; who comes later, from then on.
    """
    stage = observed.stage_at(moment)
    unseen = np.ones(len(observed.customers), dtype=bool)
    unseen[observed.stays.customer] = False
    stage[unseen] = 0
    return np.bincount(stage[stage != NEW], minlength=len(journey.stage_names))


def transitions(observed: Observed, journey: Journey, period: int = 0) -> Ints:
    """Returns the moves of a period, shape (stages + 1, stages + 1): from each stage, the last row being new customers.

    The last column is empty: nobody leaves the journey for good.
    """
    stays, size = observed.stays, len(journey.stage_names) + 1
    end = observed.as_of - period * PERIOD
    rows = (stays.entered_at > end - PERIOD) & (stays.entered_at <= end)
    came = np.where(stays.came_from[rows] == NEW, size - 1, stays.came_from[rows])
    return np.bincount(came * size + stays.stage[rows], minlength=size * size).reshape(size, size)


def _stays(observed: Observed, code: int, end: int) -> dict[str, Any]:
    stays = observed.stays
    rows = (stays.stage == code) & (stays.left_at > end - PERIOD) & (stays.left_at <= end)
    days = (stays.left_at[rows] - stays.entered_at[rows]) / DAY
    return {"median_days": float(np.median(days)) if len(days) else None}


def _touches(observed: Observed, code: int, period: int) -> dict[str, Any]:
    touches = observed.touches
    rows = (touches.week // PERIOD_WEEKS == period) & (touches.stage == code)
    promoters, satisfied = survey(observed, NPS) & rows, survey(observed, CSAT) & rows
    return {
        "touchpoints": _most(touches.event[rows], observed.events),
        "channels": _most(touches.channel[rows], observed.channels),
        "nps": nps(touches.value[promoters]),
        "nps_answers": int(promoters.sum()),
        "csat": csat(touches.value[satisfied]),
        "csat_answers": int(satisfied.sum()),
    }


def _churn(observed: Observed, code: int, period: int) -> dict[str, Any]:
    labels = observed.churned[:, period]
    stage = observed.stage_at(observed.as_of - (period + 1) * PERIOD)
    asked: Bools = (labels != NO_LABEL) & (stage == code)
    return {"churn_rate": _share((labels[asked] == 1).sum(), asked.sum()), "churn_asked": int(asked.sum())}


def _expected(expected: Expected, coming: dict[str, Floats], code: int) -> dict[str, Any]:
    there = expected.stage == code
    means = {f"{kind}_expected": _mean(values[there]) for kind, values in expected.yes.items()}
    predicted = {
        horizon: {"customers": float(flows[:, code].sum()), "inflow": float(np.delete(flows[:, code], code).sum())}
        for horizon, flows in coming.items()
    }
    return {**means, "predicted": predicted}


def _most(codes: Ints, names: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    counted = Counter(dict(enumerate(np.bincount(codes[codes >= 0], minlength=len(names)).tolist())))
    return tuple((names[code], count) for code, count in counted.most_common(MOST_TOUCHPOINTS) if count)


def _share(part: Any, whole: Any) -> float | None:
    return float(part) / float(whole) if whole else None


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
