"""Every aggregation, and how to read one back from plain data."""

from dataclasses import fields
from typing import Any

from features.aggregations.aggregation import Aggregation
from features.aggregations.attributes import Attribute
from features.aggregations.counts import ActiveDays, Count, Trend
from features.aggregations.measures import Max, Mean, Sum
from features.aggregations.stages import CurrentStage, StageChanges, TimeInStage
from features.aggregations.times import Gaps, Recency, Tenure
from features.errors import FeatureError, did_you_mean

KINDS: dict[str, type[Aggregation]] = {
    kind.__name__: kind
    for kind in (
        ActiveDays,
        Attribute,
        Count,
        CurrentStage,
        Gaps,
        Max,
        Mean,
        Recency,
        StageChanges,
        Sum,
        Tenure,
        TimeInStage,
        Trend,
    )
}


def aggregation_from_dict(data: dict[str, Any]) -> Aggregation:
    """Returns the aggregation of plain data, as ``Aggregation.to_dict`` wrote it.

    Raises
    ------
    FeatureError
        If there is no such aggregation, or it has no such option.
    """
    name = str(data.get("aggregation"))
    if name not in KINDS:
        raise FeatureError(f"aggregation '{name}' is unknown; {did_you_mean(name, KINDS)}")
    known = {field.name for field in fields(KINDS[name])}
    options = {option: tuple(value) if isinstance(value, list) else value for option, value in data.items()}
    del options["aggregation"]
    for option in options:
        if option not in known:
            raise FeatureError(f"{name} has no option '{option}'; {did_you_mean(option, known)}")
    return KINDS[name](**options)


__all__ = [
    "KINDS",
    "ActiveDays",
    "Aggregation",
    "Attribute",
    "Count",
    "CurrentStage",
    "Gaps",
    "Max",
    "Mean",
    "Recency",
    "StageChanges",
    "Sum",
    "Tenure",
    "TimeInStage",
    "Trend",
    "aggregation_from_dict",
]
