"""What each column of a feature set says of a customer: a table of wordings by the kind of aggregation."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from features import aggregations as kinds
from features.aggregations.aggregation import Aggregation, GroupedAggregation
from features.aggregations.measures import MeasureAggregation
from features.aggregations.path import ARROW
from features.aggregations.variety import VarietyAggregation
from features.events import EVENT, VALUE
from features.featureset import FeatureSet
from features.journey import Journey
from features.phrases import amount, plural, span, spoken, thing, within, words
from features.plan import ALL
from features.wording import Wording

DAYS_OF_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November")
STATISTICS = {
    "sum": "with a total {measure} of {{number}}",
    "mean": "with an average {measure} of {{number}}",
    "max": "with a {measure} of at most {{number}}",
    "min": "with a {measure} of at least {{number}}",
    "last": "with a last {measure} of {{number}}",
    "std": "with {measures} that vary by {{number}}",
    "net_promoter": "with a net promoter score of {{number}}",
}


def describe(feature_set: FeatureSet, journey: Journey) -> tuple[Wording, ...]:
    """Returns the wording of every column of a bound feature set, in the order of its columns."""
    place = {name: column for column, name in enumerate(feature_set.columns)}
    return tuple(
        _with_usual(wording, name, place)
        for aggregation in feature_set.aggregations
        for name, wording in zip(aggregation.columns(), _wordings(aggregation, journey), strict=True)
    )


def _with_usual(wording: Wording, name: str, place: dict[str, int]) -> Wording:
    """Adds what is usual: the mean gap to a recency, the trend to a count."""
    if name.endswith("_recency") and f"{name.removesuffix('recency')}gap_mean" in place:
        return replace(wording, beside=place[f"{name.removesuffix('recency')}gap_mean"], aside=", usually every {days}")
    trend = name.replace("_count_", "_trend_", 1) + "_"
    beside = next((column for other, column in place.items() if other.startswith(trend) and "_count_" in name), None)
    return wording if beside is None else replace(wording, beside=beside, aside=", {number} of usual")


def _wordings(aggregation: Aggregation, journey: Journey) -> list[Wording]:
    for kind, word in TABLE.items():
        if isinstance(aggregation, kind):
            return word(aggregation, journey)
    return [Wording("{number} by " + words(name)) for name in aggregation.columns()]


def _groups(aggregation: GroupedAggregation) -> list[str]:
    return [thing(group) for group in aggregation.groups()]


def _count(count: kinds.Count, journey: Journey) -> list[Wording]:
    del journey
    parts = [(what, within(window)) for what in _groups(count) for window in count.windows]
    return [Wording(f"{what} {{times}} {when}", f"no {what} {when}") for what, when in parts]


def _active_days(active: kinds.ActiveDays, journey: Journey) -> list[Wording]:
    del journey
    when = [within(window) for window in active.windows]
    return [Wording(f"active days {part}: {{number}}", f"active on no day {part}") for part in when]


def _trend(trend: kinds.Trend, journey: Journey) -> list[Wording]:
    del journey
    recent, before = within(trend.short), within(trend.long)
    return [
        Wording(f"{what} {recent} at {{number}} of the usual rate", f"no {what} {recent}", f"no {what} {before}")
        for what in _groups(trend)
    ]


def _measure(statistic: MeasureAggregation, journey: Journey) -> list[Wording]:
    del journey
    noun = "value" if statistic.measure == VALUE else words(statistic.measure)
    said = STATISTICS[statistic.statistic].format(measure=noun, measures=plural(noun))
    parts = [(what, within(window)) for what in _groups(statistic) for window in statistic.windows]
    return [Wording(f"{what} {said} {when}", missing=f"no {what} with a known {noun} {when}") for what, when in parts]


def _recency(recency: kinds.Recency, journey: Journey) -> list[Wording]:
    del journey
    return [Wording(f"no {what} for {{days}}", missing=f"no {what} so far") for what in _groups(recency)]


def _tenure(tenure: kinds.Tenure, journey: Journey) -> list[Wording]:
    del tenure, journey
    return [Wording("known for {days}", missing="no activity so far")]


def _gaps(gaps: kinds.Gaps, journey: Journey) -> list[Wording]:
    del journey
    return [
        Wording(template.format(what=what), missing=f"no second {what} so far")
        for what in _groups(gaps)
        for template in (
            "the last {what} came {{days}} after the one before",
            "{what} every {{days}} on average",
            "the time from one {what} to the next varies by {{days}}",
            "the time since the last {what} is {{number}} of usual",
        )
    ]


def _current_stage(current: kinds.CurrentStage, journey: Journey) -> list[Wording]:
    del current
    return [Wording("now in stage {name}", names=_stages(journey))]


def _time_in_stage(time: kinds.TimeInStage, journey: Journey) -> list[Wording]:
    del time, journey
    return [Wording("in the current stage for {days}", missing="in no stage so far")]


def _stage_changes(changes: kinds.StageChanges, journey: Journey) -> list[Wording]:
    del journey
    when = [within(window) for window in changes.windows]
    return [Wording(f"changed stage {{times}} {part}", f"did not change stage {part}") for part in when]


def _stage_visits(visits: kinds.StageVisits, journey: Journey) -> list[Wording]:
    del journey
    names = [words(stage) for stage in visits.stages or ()]
    said = ("entered stage '{name}' {{times}} so far", "{{days}} in stage '{name}' so far")
    return [Wording(part.format(name=name), f"never in stage '{name}'") for name in names for part in said]


def _transitions(transitions: kinds.Transitions, journey: Journey) -> list[Wording]:
    del journey
    moves = [move.split(ARROW) for move in transitions.moves or ()]
    parts = [
        (f"from stage '{words(source)}' to '{words(goal)}'", within(window))
        for source, goal in moves
        for window in transitions.windows
    ]
    return [Wording(f"moved {move} {{times}} {when}", f"no move {move} {when}") for move, when in parts]


def _sessions(sessions: kinds.Sessions, journey: Journey) -> list[Wording]:
    del journey
    return [Wording(f"came {{times}} {when}", f"did not come {when}") for when in map(within, sessions.windows)]


def _slope(slope: kinds.Slope, journey: Journey) -> list[Wording]:
    del journey
    parts = [(what, within(window)) for what in _groups(slope) for window in slope.windows]
    step = f"{{change}} every {span(slope.bucket)}"
    return [Wording(f"{what}: {step} {when}", f"{what} as often as before {when}") for what, when in parts]


def _variety(variety: VarietyAggregation, journey: Journey) -> list[Wording]:
    del journey
    noun, wordings = "kind of event" if variety.of == EVENT else words(variety.of), []
    many = "kinds of event" if variety.of == EVENT else plural(noun)
    for group in variety.groups():
        amid = "" if group.by == ALL else f" of {thing(group)}"
        for when in map(within, variety.windows):
            none = f"no {noun}{amid} {when}"
            if isinstance(variety, kinds.Entropy):
                spread = f"as varied as {{kinds}} equally frequent {many}{amid} {when}"
                wordings.append(Wording(spread, f"only one {noun}{amid} {when}", none))
            else:
                wordings.append(Wording(f"different {many}{amid} {when}: {{number}}", none, none))
    return wordings


def _last_events(last: kinds.LastEvents, journey: Journey) -> list[Wording]:
    del journey
    names = tuple(f"'{spoken(value)}'" for value in last.values or ())
    what = "" if last.of == EVENT else f"the {words(last.of)} of "
    said = [f"{what}{_from_last(place)} was {{name}}" for place in range(1, last.last + 1)]
    between = range(1, last.last if last.of == EVENT else 1)
    gaps = [f"{_from_last(place)} came {{days}} after the one before" for place in between]
    missing = [_fewer(place, "event") for place in range(1, last.last + 1)]
    return [
        *(Wording(text, missing=none, names=names) for text, none in zip(said, missing, strict=True)),
        *(Wording(text, missing=none) for text, none in zip(gaps, missing[1 : len(gaps) + 1], strict=True)),
    ]


def _last_stages(last: kinds.LastStages, journey: Journey) -> list[Wording]:
    wordings = []
    for place in range(1, last.last + 1):
        stage = "the stage before the current one" if place == 1 else f"the stage {place} before the current one"
        none = _fewer(place, "earlier stage")
        wordings.append(Wording(f"{stage} was {{name}}", missing=none, names=_stages(journey)))
        wordings.append(Wording(f"{stage} lasted {{days}}", missing=none))
    return wordings


def _attribute(attribute: kinds.Attribute, journey: Journey) -> list[Wording]:
    del journey
    name, missing = words(attribute.name), f"{words(attribute.name)} is not known"
    if attribute.values is None:
        return [Wording(f"{name} is {{number}}", missing=missing)]
    return [Wording(f"{name} is {{name}}", missing=missing, names=tuple(f"'{value}'" for value in attribute.values))]


def _calendar(calendar: kinds.Calendar, journey: Journey) -> list[Wording]:
    del journey
    parts = {
        "day_of_week": Wording("it is {name}", names=DAYS_OF_WEEK),
        "day_of_month": Wording("it is day {number} of the month"),
        "month": Wording("it is {name}", names=("", *MONTHS, "December")),
        "week_of_year": Wording("it is week {number} of the year"),
        "weekend": Wording("it is the weekend", "it is a weekday"),
        "hour": Wording("it is {number} o'clock", "it is midnight"),
    }
    return [parts[part] for part in calendar.parts]


def _stages(journey: Journey) -> tuple[str, ...]:
    return tuple(f"'{spoken(name)}'" for name in journey.stage_names)


def _from_last(place: int) -> str:
    return ("the last event", "the last event but one", "the last event but two", f"event {place} from the end")[
        min(place, 4) - 1
    ]


def _fewer(place: int, noun: str) -> str:
    return f"no {noun} so far" if place == 1 else f"fewer than {amount(place, noun)} so far"


TABLE: dict[type[Aggregation], Callable[[Any, Journey], list[Wording]]] = {
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
