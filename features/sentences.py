"""What each column of a feature set says of a customer: which messages, by the kind of aggregation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from features import aggregations as kinds
from features.aggregations.aggregation import Aggregation, GroupedAggregation
from features.aggregations.measures import MeasureAggregation
from features.aggregations.path import ARROW
from features.aggregations.variety import VarietyAggregation
from features.events import EVENT
from features.featureset import FeatureSet
from features.journey import Journey
from features.labels import spoken
from features.languages.messages import ENGLISH, Cases
from features.phrases import Phrases, phrases
from features.plan import ALL, STAGE, Group
from features.wording import Template, Wording


@dataclass(frozen=True, eq=False)
class Teller:
    """Makes wordings of the messages of one language, for customers of one journey."""

    own: Phrases
    journey: Journey

    def wording(
        self, some: str, zero: str | None = None, missing: str = "unknown", names: Sequence[str] = (), **given: Any
    ) -> Wording:
        """Returns the wording of the messages under some keys.

        Parameters
        ----------
        names
            What each value stands for, if values are codes.
        given
            What is known before the value is, by its place.
        """
        nothing = None if zero is None else self.template(zero, names, **given)
        return Wording(self.template(some, names, **given), nothing, self.template(missing, **given))

    def template(self, key: str, names: Sequence[str] = (), **given: Any) -> Template:
        """Returns a message with what is known filled in; ``count`` chooses its form."""
        return Template.of(self.own.messages.form(f"reasons.{key}", given), self.own, given, names)

    def things(self, aggregation: GroupedAggregation) -> list[Cases]:
        """Returns what each group of an aggregation is about."""
        return [self.thing(group) for group in aggregation.groups()]

    def thing(self, group: Group) -> Cases:
        """Returns what a group of events is about."""
        return self.own.thing(group, self._called(group.value) if group.by == STAGE else None)

    def stage(self, name: str) -> str:
        """Returns a stage in quotes."""
        return self.own.quoted(self._called(name))

    @property
    def stages(self) -> tuple[str, ...]:
        """All stages, by their codes."""
        return tuple(self.stage(name) for name in self.journey.stage_names)

    def _called(self, stage: str) -> str:
        """Returns a stage's name in English, for so do programs know it, else its label."""
        language = self.own.messages.language
        return spoken(stage) if language == ENGLISH else self.journey.stage_label(stage, language)


def describe(feature_set: FeatureSet, journey: Journey, language: str = ENGLISH) -> tuple[Wording, ...]:
    """Returns the wording of every column of a bound feature set, in the order of its columns."""
    place = {name: column for column, name in enumerate(feature_set.columns)}
    tell = Teller(phrases(language), journey)
    return tuple(
        _with_usual(wording, name, place, tell)
        for aggregation in feature_set.aggregations
        for name, wording in zip(aggregation.columns(), _wordings(aggregation, tell), strict=True)
    )


def _with_usual(wording: Wording, name: str, place: dict[str, int], tell: Teller) -> Wording:
    """Adds what is usual: the mean gap to a recency, the trend to a count."""
    gap = f"{name.removesuffix('recency')}gap_mean"
    if name.endswith("_recency") and gap in place:
        return replace(wording, beside=place[gap], aside=tell.template("recency.usual"))
    trend = name.replace("_count_", "_trend_", 1) + "_"
    beside = next((column for other, column in place.items() if other.startswith(trend) and "_count_" in name), None)
    return wording if beside is None else replace(wording, beside=beside, aside=tell.template("count.usual"))


def _wordings(aggregation: Aggregation, tell: Teller) -> list[Wording]:
    for kind, word in TABLE.items():
        if isinstance(aggregation, kind):
            return word(aggregation, tell)
    return [tell.wording("column.any", column=spoken(name)) for name in aggregation.columns()]


def _count(count: kinds.Count, tell: Teller) -> list[Wording]:
    return [
        tell.wording("count.some", "count.none", what=what, when=tell.own.within(window))
        for what in tell.things(count)
        for window in count.windows
    ]


def _active_days(active: kinds.ActiveDays, tell: Teller) -> list[Wording]:
    return [tell.wording("active.some", "active.none", when=tell.own.within(window)) for window in active.windows]


def _trend(trend: kinds.Trend, tell: Teller) -> list[Wording]:
    recent, before = (tell.own.within(window) for window in (trend.short, trend.long))
    return [
        replace(
            tell.wording("trend.some", "count.none", what=what, recent=recent, when=recent),
            missing=tell.template("count.none", what=what, when=before),
        )
        for what in tell.things(trend)
    ]


def _measure(statistic: MeasureAggregation, tell: Teller) -> list[Wording]:
    some, measure = f"value.{statistic.statistic}", tell.own.dimension(statistic.measure)
    return [
        tell.wording(some, missing="value.missing", what=what, measure=measure, when=tell.own.within(window))
        for what in tell.things(statistic)
        for window in statistic.windows
    ]


def _recency(recency: kinds.Recency, tell: Teller) -> list[Wording]:
    return [tell.wording("recency.some", missing="recency.missing", what=what) for what in tell.things(recency)]


def _tenure(tenure: kinds.Tenure, tell: Teller) -> list[Wording]:
    del tenure
    return [tell.wording("tenure.some", missing="tenure.missing")]


def _gaps(gaps: kinds.Gaps, tell: Teller) -> list[Wording]:
    said = ("gap.last", "gap.mean", "gap.std", "gap.relative")
    return [tell.wording(each, missing="gap.missing", what=what) for what in tell.things(gaps) for each in said]


def _current_stage(current: kinds.CurrentStage, tell: Teller) -> list[Wording]:
    del current
    return [tell.wording("stage.current", names=tell.stages)]


def _time_in_stage(time: kinds.TimeInStage, tell: Teller) -> list[Wording]:
    del time
    return [tell.wording("stage.days", missing="stage.missing")]


def _stage_changes(changes: kinds.StageChanges, tell: Teller) -> list[Wording]:
    return [
        tell.wording("stage.changes", "stage.unchanged", when=tell.own.within(window)) for window in changes.windows
    ]


def _stage_visits(visits: kinds.StageVisits, tell: Teller) -> list[Wording]:
    return [
        tell.wording(some, "stage.never", stage=tell.stage(name))
        for name in visits.stages or ()
        for some in ("stage.entered", "stage.spent")
    ]


def _transitions(transitions: kinds.Transitions, tell: Teller) -> list[Wording]:
    return [
        tell.wording(
            "stage.moved",
            "stage.unmoved",
            source=tell.stage(source),
            goal=tell.stage(goal),
            when=tell.own.within(window),
        )
        for source, goal in (move.split(ARROW) for move in transitions.moves or ())
        for window in transitions.windows
    ]


def _sessions(sessions: kinds.Sessions, tell: Teller) -> list[Wording]:
    return [tell.wording("session.some", "session.none", when=tell.own.within(window)) for window in sessions.windows]


def _slope(slope: kinds.Slope, tell: Teller) -> list[Wording]:
    every = tell.own.every(slope.bucket)
    return [
        tell.wording("slope.some", "slope.none", what=what, every=every, when=tell.own.within(window))
        for what in tell.things(slope)
        for window in slope.windows
    ]


def _variety(variety: VarietyAggregation, tell: Teller) -> list[Wording]:
    is_spread = isinstance(variety, kinds.Entropy)
    wordings = []
    for group in variety.groups():
        amid = "variety" if group.by == ALL else "variety_of"
        some, zero = (f"{amid}.spread", f"{amid}.one") if is_spread else (f"{amid}.some", f"{amid}.none")
        noun, what = tell.own.dimension(variety.of), tell.thing(group)
        wordings += [
            tell.wording(some, zero, f"{amid}.none", noun=noun, what=what, when=tell.own.within(window))
            for window in variety.windows
        ]
    return wordings


def _last_events(last: kinds.LastEvents, tell: Teller) -> list[Wording]:
    names = tuple(tell.own.quoted(spoken(value)) for value in last.values or ())
    places = range(1, last.last + 1)
    some, dimension = "last.event" if last.of == EVENT else "last.value", tell.own.dimension(last.of)
    gaps = places[:-1] if last.of == EVENT else ()
    return [
        *(
            tell.wording(
                some, None, "last.fewer", names, place=_from_last(place, tell), dimension=dimension, count=place
            )
            for place in places
        ),
        *(
            tell.wording("last.gap", None, "last.fewer", place=_from_last(place, tell), count=place + 1)
            for place in gaps
        ),
    ]


def _last_stages(last: kinds.LastStages, tell: Teller) -> list[Wording]:
    wordings = []
    for count in range(1, last.last + 1):
        key = "earlier.place_1" if count == 1 else "earlier.place_n"
        place = tell.own.messages.cases(f"reasons.{key}", place=count)
        wordings.append(tell.wording("earlier.stage", None, "earlier.fewer", tell.stages, place=place, count=count))
        wordings.append(tell.wording("earlier.lasted", None, "earlier.fewer", place=place, count=count))
    return wordings


def _attribute(attribute: kinds.Attribute, tell: Teller) -> list[Wording]:
    given = {"attribute": tell.own.named(spoken(attribute.name))}
    if attribute.values is None:
        return [tell.wording("attribute.is", missing="attribute.missing", **given)]
    names = tuple(tell.own.quoted(value) for value in attribute.values)
    return [tell.wording("attribute.is_named", None, "attribute.missing", names, **given)]


def _calendar(calendar: kinds.Calendar, tell: Teller) -> list[Wording]:
    locale = tell.own.messages.locale
    days, months = (named["stand-alone"]["wide"] for named in (locale.days, locale.months))
    parts = {
        "day_of_week": tell.wording("calendar.name", names=[days[place] for place in range(7)]),
        "day_of_month": tell.wording("calendar.day_of_month"),
        "month": tell.wording("calendar.name", names=["", *(months[place] for place in range(1, 13))]),
        "week_of_year": tell.wording("calendar.week_of_year"),
        "weekend": tell.wording("calendar.weekend", "calendar.weekday"),
        "hour": tell.wording("calendar.hour", "calendar.midnight"),
    }
    return [parts[part] for part in calendar.parts]


def _from_last(place: int, tell: Teller) -> Cases:
    return tell.own.messages.cases(f"reasons.last.place_{place if place < 4 else 'n'}", place=place)


TABLE: dict[type[Aggregation], Callable[[Any, Teller], list[Wording]]] = {
    kinds.Count: _count,
    kinds.ActiveDays: _active_days,
    kinds.Trend: _trend,
    MeasureAggregation: _measure,
    kinds.Recency: _recency,
    kinds.Tenure: _tenure,
    kinds.Gaps: _gaps,
    kinds.CurrentStage: _current_stage,
    kinds.TimeInStage: _time_in_stage,
    kinds.StageChanges: _stage_changes,
    kinds.StageVisits: _stage_visits,
    kinds.Transitions: _transitions,
    kinds.Sessions: _sessions,
    kinds.Slope: _slope,
    VarietyAggregation: _variety,
    kinds.LastEvents: _last_events,
    kinds.LastStages: _last_stages,
    kinds.Attribute: _attribute,
    kinds.Calendar: _calendar,
}
