"""More statistics of a measure: how it spreads, its least, its last, and the score of a survey."""

from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from features.aggregations.measures import MeasureAggregation, StackedAggregation
from features.aggregations.options import at_least_one
from features.arrays import Floats, Ints
from features.errors import FeatureError
from features.kernel.operations import EXTREME, LAST, STD
from features.layout import segment_std
from features.plan import EVERY, SMALLEST
from features.segments import count_true, segment_max


@dataclass(frozen=True)
class Std(StackedAggregation):
    """The population standard deviation of a measure, in its unit; zero of one event, NaN without events.

    ``sqrt(sum((x - mean) ** 2) / n)``

    Examples
    --------
    >>> Std(values=("purchase",), windows=("28d",)).columns()
    ('purchase_std_28d',)
    """

    statistic = "std"
    operation, keeps = STD, EVERY

    @override
    def reduce(self, values: Floats, start: Ints, stop: Ints) -> Floats:
        return segment_std(values, start, stop)


@dataclass(frozen=True)
class Min(StackedAggregation):
    """The smallest value of a measure, in its unit; NaN without events.

    Examples
    --------
    >>> Min(values=("purchase",), windows=("28d",)).columns()
    ('purchase_min_28d',)
    """

    statistic = "min"
    operation, keeps = EXTREME, SMALLEST

    @override
    def reduce(self, values: Floats, start: Ints, stop: Ints) -> Floats:
        return 0.0 - segment_max(-values, start, stop)  # not a bare minus, which would turn 0 into -0


@dataclass(frozen=True)
class Last(StackedAggregation):
    """The measure of the last event in each window that has it, in its unit; NaN without events.

    By a survey's event, this is the customer's last answer.

    Examples
    --------
    >>> Last(values=("nps_answered",), windows=("lifetime",)).columns()
    ('nps_answered_last_lifetime',)
    """

    statistic = "last"
    operation, keeps = LAST, EVERY

    @override
    def reduce(self, values: Floats, start: Ints, stop: Ints) -> Floats:
        return np.where(start < stop, np.append(values, np.nan)[np.maximum(stop - 1, 0)], np.nan)


@dataclass(frozen=True)
class NetPromoter(MeasureAggregation):
    """The net promoter score of the answers in each window, from -100 to 100; NaN without answers.

    ``100 * (answers >= promoter - answers <= detractor) / answers``, by default on the scale from 0 to 10 (Reichheld,
    "The One Number You Need to Grow", 2003). For satisfaction from 1 to 5, say promoter 4 and detractor 2.

    Examples
    --------
    >>> NetPromoter(values=("nps_answered",), windows=("91d",)).columns()
    ('nps_answered_net_promoter_91d',)
    """

    statistic = "net_promoter"

    promoter: int = 9
    detractor: int = 6

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_one(self, "promoter")
        if self.detractor >= self.promoter:
            raise FeatureError(f"NetPromoter: detractor {self.detractor} is not below promoter {self.promoter}")

    @override
    def reduce(self, values: Floats, start: Ints, stop: Ints) -> Floats:
        promoters = count_true(values >= self.promoter, start, stop)
        detractors = count_true(values <= self.detractor, start, stop)
        with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN that is promised
            return 100.0 * (promoters - detractors) / (stop - start)
