"""Figures over time: who was active, what was bought, how satisfied customers were and how many left."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from features.arrays import Bools, Ints
from features.journey import Journey
from features.targets import NO_LABEL
from features.timestamps import to_iso
from serving.reports.observed import PERIOD, PERIOD_WEEKS, PERIODS, WEEK, Observed
from serving.reports.surveys import CSAT, NPS, csat, nps, survey

MOST_CHANNELS = 6
ALL, STAGE, CHANNEL = "all", "stage", "channel"
Line = list[float | None]


@dataclass(frozen=True)
class Kpis:
    """Lines over time, the oldest point first.

    Parameters
    ----------
    weeks, periods
        When each week and each four weeks end.
    lines
        By figure, then by ``all``, ``stage`` or ``channel``, then by name. ``active`` customers, ``purchases``,
        ``revenue``, ``nps`` and ``csat`` have a point per week, ``churn`` one per four weeks. A customer who was active
        in two stages or channels counts in both.
    """

    weeks: list[str]
    periods: list[str]
    lines: dict[str, dict[str, dict[str, Line]]]

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return asdict(self)


def kpis(observed: Observed, journey: Journey) -> Kpis:
    """Returns the figures of every week since the first event, at most two years."""
    periods = known_periods(observed)
    weeks = periods * PERIOD_WEEKS
    touches = observed.touches
    bought = _is_named(observed, journey.purchase) & ~(touches.value < 0)
    active = _is_named(observed, journey.activity)
    answers = {NPS: survey(observed, NPS), CSAT: survey(observed, CSAT)}

    def each(rows: Bools, figure: Callable[[Ints], float | None]) -> dict[str, dict[str, Line]]:
        return {
            by: {name: _weekly(np.flatnonzero(rows & mask), touches.week, weeks, figure) for name, mask in own.items()}
            for by, own in _cuts(observed, journey).items()
        }

    return Kpis(
        weeks=[to_iso(observed.as_of - week * WEEK) for week in range(weeks)][::-1],
        periods=[to_iso(observed.as_of - period * PERIOD) for period in range(periods)][::-1],
        lines={
            "active": each(active, lambda rows: float(len(np.unique(touches.customer[rows])))),
            "purchases": each(bought, lambda rows: float(len(rows))),
            "revenue": each(bought, lambda rows: float(np.nansum(touches.value[rows]))),
            "nps": each(answers[NPS], lambda rows: nps(touches.value[rows])),
            "csat": each(answers[CSAT], lambda rows: csat(touches.value[rows])),
            "churn": _churn(observed, journey, periods),
        },
    )


def known_periods(observed: Observed) -> int:
    """Returns how many periods of four weeks lie between the first event and the cutoff, at least one."""
    if not len(observed.stays.entered_at):
        return 1
    first = int(observed.stays.entered_at.min())
    return int(np.clip((observed.as_of - first) // PERIOD, 1, PERIODS))


def _cuts(observed: Observed, journey: Journey) -> dict[str, dict[str, Bools]]:
    """Returns which touches belong to each line."""
    touches = observed.touches
    counted = np.bincount(touches.channel[touches.channel >= 0], minlength=len(observed.channels))
    main = np.argsort(-counted, kind="stable")[:MOST_CHANNELS].tolist()
    return {
        ALL: {ALL: np.ones(len(touches.week), dtype=bool)},
        STAGE: {name: touches.stage == code for code, name in enumerate(journey.stage_names)},
        CHANNEL: {observed.channels[code]: touches.channel == code for code in main},
    }


def _weekly(rows: Ints, week: Ints, weeks: int, figure: Callable[[Ints], float | None]) -> Line:
    order = rows[np.argsort(-week[rows], kind="stable")]
    bounds = np.searchsorted(-week[order], -np.arange(weeks)[::-1], side="left").tolist()
    ends = np.searchsorted(-week[order], -np.arange(weeks)[::-1], side="right").tolist()
    return [figure(order[start:stop]) for start, stop in zip(bounds, ends, strict=True)]


def _churn(observed: Observed, journey: Journey, periods: int) -> dict[str, dict[str, Line]]:
    """Returns the share that left in each period, of all and by the stage in which they began."""
    labels = observed.churned[:, :periods]
    starts = [observed.stage_at(observed.as_of - (period + 1) * PERIOD) for period in range(periods)]
    stages, asked = np.column_stack(starts), labels != NO_LABEL
    by_stage = {name: _shares(labels, asked & (stages == code)) for code, name in enumerate(journey.stage_names)}
    return {ALL: {ALL: _shares(labels, asked)}, STAGE: by_stage}


def _shares(labels: Ints, asked: Bools) -> Line:
    left, sizes = ((labels == 1) & asked).sum(axis=0).tolist(), asked.sum(axis=0).tolist()
    return [gone / size if size else None for gone, size in zip(left, sizes, strict=True)][::-1]


def _is_named(observed: Observed, names: tuple[str, ...]) -> Bools:
    wanted = np.array([*(event in names for event in observed.events), False], dtype=bool)
    return wanted[observed.touches.event]
