"""The flows as a page: the step matrices, with a shade for each cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serving.errors import PageError
from serving.whole_number import whole_number

LEAST = 0.005
"""The share from which a cell shows a figure, and a shade."""
HEATS = (LEAST, 0.05, 0.15, 0.35)
"""The shares from which a cell is one shade darker."""


@dataclass(frozen=True)
class ChosenFlows:
    """The flows of one past period, and those expected within one horizon."""

    period: int
    horizon: str
    past: list[dict[str, Any]]
    predicted: list[dict[str, Any]]
    stays: dict[str, float]


def chosen_flows(report: Mapping[str, Any], period: str, horizon: str) -> ChosenFlows:
    """Returns the flows of a choice.

    Raises
    ------
    PageError
        If there is no such period or horizon.
    """
    flows, most = report["flows"], len(report["maps"])
    place = whole_number(period, most - 1)
    if place is None:
        raise PageError("no_period", period, most=most)
    if horizon not in flows["predicted"]:
        raise PageError("no_horizon", horizon, flows["predicted"])
    past = flows["past_by_period"][place]
    return ChosenFlows(place, horizon, past, flows["predicted"][horizon], flows["stays"][horizon])


def step_rows(
    flows: Sequence[Mapping[str, Any]], stages: Sequence[str], stays: Mapping[str, float] | None = None
) -> list[dict[str, Any]]:
    """Returns a row for each stage that somebody left: how many went to each other, and what share of the row.

    Parameters
    ----------
    stays
        How many stay in each stage; without, only moves are shown.
    """
    found: dict[str | None, dict[str, float]] = {name: {} for name in (*stages, None)}
    for flow in flows:
        found[flow["source"]][flow["target"]] = flow["customers"]
    for name, count in (stays or {}).items():
        found[name][name] = count
    return [
        {"name": name, "cells": _cells([row.get(target, 0.0) for target in stages])}
        for name, row in found.items()
        if row
    ]


def _cells(counts: Sequence[float]) -> list[dict[str, float]]:
    whole = sum(counts)
    shares = [count / whole if whole else 0.0 for count in counts]
    heats = [sum(share >= border for border in HEATS) for share in shares]
    return [
        {"customers": count, "share": share, "heat": heat}
        for count, share, heat in zip(counts, shares, heats, strict=True)
    ]
