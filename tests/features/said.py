"""Feature sets of every kind, and values at which the words change: what sentences are held against."""

from collections.abc import Iterator

import numpy as np

from features import aggregations as kinds
from features.aggregations.aggregation import Aggregation
from features.featureset import FeatureSet
from features.journey import Journey
from features.sentences import describe

VALUES = (0.0, 1.0, 2.0, 3.0, 5.0, 12.0, 21.0, 0.01, 0.37, 1.3, 41.2, 1234.5, 123456.7, -0.5, -3.0, np.nan, np.inf)
BOUGHT = ("purchase",)
NAMES = ("campaign_mailed", "Product Viewed", "{x} '<b>'")
WINDOWS = ("7d", "1d", "2h", "45s", "30m", "lifetime")
SETS: dict[str, tuple[Aggregation, ...]] = {
    "counts of events": (kinds.Count(values=NAMES, windows=WINDOWS),),
    "counts of channels": (kinds.Count(by="channel", values=("e-mail",), top=1, windows=("28d",)),),
    "counts of a dimension": (kinds.Count(by="device_type", values=("iPhone",), top=1, windows=("28d",)),),
    "counts of stages": (kinds.Count(by="stage", values=("loyal",), windows=("28d",)),),
    "counts of all": (kinds.Count(by="all", values=("",), windows=("1w", "2w")),),
    "counts of rare events": (kinds.Count(values=BOUGHT, top=1, windows=("7d",)),),
    "active days": (kinds.ActiveDays(windows=("7d", "lifetime")),),
    "trend": (kinds.Trend(values=BOUGHT, short="7d", long="28d"),),
    "values": tuple(
        kind(values=BOUGHT, windows=("28d",), **{"measure": measure} if measure else {})
        for kind in (kinds.Sum, kinds.Mean, kinds.Max, kinds.Min, kinds.Last, kinds.Std, kinds.NetPromoter)
        for measure in ("", "item_count")
    ),
    "recency": (kinds.Recency(values=("purchase", "Product Viewed")), kinds.Recency(by="channel", values=("web",))),
    "tenure": (kinds.Tenure(),),
    "gaps": (kinds.Gaps(values=("campaign_mailed",)),),
    "what is usual": (
        kinds.Recency(values=BOUGHT),
        kinds.Gaps(values=BOUGHT),
        kinds.Count(values=BOUGHT, windows=("7d",)),
        kinds.Trend(values=BOUGHT, short="7d", long="28d"),
    ),
    "stages": (
        kinds.CurrentStage(),
        kinds.TimeInStage(),
        kinds.StageChanges(windows=("91d", "lifetime")),
        kinds.StageVisits(stages=("loyal",)),
        kinds.Transitions(moves=("lapsed > loyal",), windows=("28d", "lifetime")),
        kinds.LastStages(last=2),
    ),
    "sessions": (kinds.Sessions(windows=("7d", "lifetime")),),
    "slope": (kinds.Slope(values=BOUGHT, windows=("84d",)), kinds.Slope(values=BOUGHT, windows=("10d",), bucket="1d")),
    "varieties": tuple(
        kind(of=of, by=by, values=values, windows=("28d", "lifetime"))
        for kind in (kinds.Distinct, kinds.Entropy)
        for of in ("event", "channel", "product_category")
        for by, values in (("all", ("",)), ("event", ("visit",)))
    ),
    "last events": (kinds.LastEvents(last=5, values=NAMES),),
    "last values": (kinds.LastEvents(of="product_category", last=2, values=("Shoes & bags",)),),
    "attributes": (kinds.Attribute(name="age_group", values=("19-24", "25-34")), kinds.Attribute(name="income")),
    "calendar": (kinds.Calendar(timezone="Europe/Warsaw"),),
}


def said(journey: Journey, *language: str) -> Iterator[tuple[str, str, str]]:
    """Yields the set and column, the value, and what is said of it, all columns having that value."""
    for title, aggregations in SETS.items():
        chosen = FeatureSet(aggregations)
        wordings = describe(chosen, journey, *language)
        for value in VALUES:
            row = np.full(len(wordings), value)
            for column, (name, wording) in enumerate(zip(chosen.columns, wordings, strict=True)):
                yield f"{title}: {name}", f"{value:g}", wording.say(row, column)
