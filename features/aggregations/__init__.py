"""Every aggregation, and how to read one back from plain data."""

from dataclasses import fields
from typing import Any

from features.aggregations.aggregation import Aggregation
from features.aggregations.attributes import Attribute
from features.aggregations.calendar import Calendar
from features.aggregations.counts import ActiveDays, Count, Trend
from features.aggregations.measures import Max, Mean, Sum
from features.aggregations.path import StageVisits, Transitions
from features.aggregations.rhythm import Sessions, Slope
from features.aggregations.sequences import LastEvents, LastStages
from features.aggregations.spreads import Last, Min, NetPromoter, Std
from features.aggregations.stages import CurrentStage, StageChanges, TimeInStage
from features.aggregations.times import Gaps, Recency, Tenure
from features.aggregations.variety import Distinct, Entropy
from features.errors import FeatureError, did_you_mean

KINDS: dict[str, type[Aggregation]] = {
    kind.__name__: kind
    for kind in (
        ActiveDays,
        Attribute,
        Calendar,
        Count,
        CurrentStage,
        Distinct,
        Entropy,
        Gaps,
        Last,
        LastEvents,
        LastStages,
        Max,
        Mean,
        Min,
        NetPromoter,
        Recency,
        Sessions,
        Slope,
        StageChanges,
        StageVisits,
        Std,
        Sum,
        Tenure,
        TimeInStage,
        Transitions,
        Trend,
    )
}


def aggregation_from_dict(data: Any) -> Aggregation:
    """Returns the aggregation of plain data, as ``Aggregation.to_dict`` wrote it.

    Raises
    ------
    FeatureError
        If there is no such aggregation, or it has no such option, or an option is of a wrong type.
    """
    if not isinstance(data, dict) or "aggregation" not in data:
        raise FeatureError(f"{data!r} names no aggregation; write one like {{aggregation: Count, windows: [7d]}}")
    name = str(data["aggregation"])
    if name not in KINDS:
        raise FeatureError(f"aggregation '{name}' is unknown; {did_you_mean(name, KINDS)}")
    known = {field.name for field in fields(KINDS[name])}
    options = {option: value for option, value in data.items() if option != "aggregation"}
    for option in options:
        if option not in known:
            raise FeatureError(f"{name} has no option '{option}'; {did_you_mean(str(option), known)}")
    return KINDS[name](**options)


__all__ = [
    "KINDS",
    "ActiveDays",
    "Aggregation",
    "Attribute",
    "Calendar",
    "Count",
    "CurrentStage",
    "Distinct",
    "Entropy",
    "Gaps",
    "Last",
    "LastEvents",
    "LastStages",
    "Max",
    "Mean",
    "Min",
    "NetPromoter",
    "Recency",
    "Sessions",
    "Slope",
    "StageChanges",
    "StageVisits",
    "Std",
    "Sum",
    "Tenure",
    "TimeInStage",
    "Transitions",
    "Trend",
    "aggregation_from_dict",
]
