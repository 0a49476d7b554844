"""The readable definition of every Aggregation and Target: plain Python on one customer's raw rows."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from features.durations import DAY, LIFETIME, parse_duration
from features.journey import Journey, Rule
from features.targets import NO_LABEL
from tests.laws import Row

NAN = math.nan


@dataclass(frozen=True)
class Past:
    """What is known of one customer at a cutoff: rows by time, none after the cutoff."""

    rows: tuple[Row, ...]
    journey: Journey
    cutoff: int
    attributes: dict

    def group(self, by: str, value: str) -> list[Row]:
        """Returns the rows that an aggregation by a dimension, by stage or over all looks at."""
        if by == "all":
            return list(self.rows)
        if by == "stage":
            rules = next(stage.rules for stage in self.journey.stages if stage.name == value)
            return [row for row in self.rows if any(counts_for(rule, row) for rule in rules)]
        return [row for row in self.rows if getattr(row, by) == value]

    def groups(self, aggregation) -> list[list[Row]]:
        """Returns the rows of each value, and where ``top`` is set those of all others behind them."""
        by, values = aggregation.by, aggregation.values
        named = [self.group(by, value) for value in values]
        if aggregation.top is None:
            return named
        return [*named, [row for row in self.rows if getattr(row, by) not in (None, *values)]]

    def within(self, rows: Iterable[Row], window: str) -> list[Row]:
        """Returns the rows in ``(cutoff - window, cutoff]``."""
        return [row for row in rows if window == LIFETIME or row.time > self.cutoff - parse_duration(window)]

    def days_since(self, moment: int) -> float:
        return (self.cutoff - moment) / DAY


def counts_for(rule: Rule, row: Row) -> bool:
    return row.event in rule.events and (rule.min_value is None or row.value >= rule.min_value)


def stage_at(rows: Sequence[Row], journey: Journey, moment: int) -> int:
    """Returns the code of the stage at a moment; ``rows`` are by time and may go beyond it."""
    holding = []
    for code, stage in enumerate(journey.stages, start=1):
        for rule in stage.rules:
            since = -math.inf if rule.within is None else moment - parse_duration(rule.within)
            hits = [n for n, row in enumerate(rows) if counts_for(rule, row) and since < row.time <= moment]
            if len(hits) >= rule.at_least:
                holding.append((hits[-1], code))
    if not holding:
        return 0
    return max(holding)[1] if journey.stage == "latest" else max(code for _, code in holding)


def changing_moments(rows: Sequence[Row], journey: Journey) -> list[int]:
    """Returns every moment at which a stage could change: an event comes, or leaves some rule's window."""
    widths = {parse_duration(rule.within) for stage in journey.stages for rule in stage.rules if rule.within}
    return sorted({row.time + width for row in rows for width in {0, *widths}})


def stage_entries(rows: Sequence[Row], journey: Journey, until: int) -> list[tuple[int, int]]:
    """Returns (entered at, stage) from the first event on."""
    entries: list[tuple[int, int]] = []
    for moment in changing_moments(rows, journey):
        code = stage_at(rows, journey, moment)
        if moment <= until and (not entries or entries[-1][1] != code):
            entries.append((moment, code))
    return entries


def _count(aggregation, past):
    return [len(past.within(group, window)) for group in past.groups(aggregation) for window in aggregation.windows]


def _active_days(aggregation, past):
    return [len({row.time // DAY for row in past.within(past.rows, window)}) for window in aggregation.windows]


def _trend(aggregation, past):
    rates = []
    for group in past.groups(aggregation):
        short, long = (len(past.within(group, window)) for window in (aggregation.short, aggregation.long))
        scale = parse_duration(aggregation.long) / parse_duration(aggregation.short)
        rates.append(short * scale / long if long else NAN)
    return rates


def _measured(statistic):
    def oracle(aggregation, past):
        columns = []
        for group in past.groups(aggregation):
            for window in aggregation.windows:
                numbers = [getattr(row, aggregation.measure) for row in past.within(group, window)]
                columns.append(statistic([number for number in numbers if not math.isnan(number)]))
        return columns

    return oracle


def _recency(aggregation, past):
    return [past.days_since(group[-1].time) if group else NAN for group in past.groups(aggregation)]


def _tenure(_, past):
    return [past.days_since(past.rows[0].time) if past.rows else NAN]


def _gaps(aggregation, past):
    columns = []
    for group in past.groups(aggregation):
        times = [row.time for row in group]
        gaps = [(late - early) / DAY for early, late in pairwise(times)]
        if not gaps:
            columns += [NAN] * 4
            continue
        mean = statistics.fmean(gaps)
        overdue = past.days_since(times[-1]) / mean if mean else NAN
        columns += [gaps[-1], mean, statistics.pstdev(gaps), overdue]
    return columns


def _current_stage(_, past):
    return [stage_at(past.rows, past.journey, past.cutoff)]


def _time_in_stage(_, past):
    entries = stage_entries(past.rows, past.journey, past.cutoff)
    return [past.days_since(entries[-1][0]) if entries else NAN]


def _stage_changes(aggregation, past):
    moves = [entered for entered, _ in stage_entries(past.rows, past.journey, past.cutoff)[1:]]
    widths = [past.cutoff if window == LIFETIME else parse_duration(window) for window in aggregation.windows]
    return [sum(entered > past.cutoff - width for entered in moves) for width in widths]


def _attribute(aggregation, past):
    known = past.attributes[aggregation.name]
    if aggregation.values is None:
        return [known]
    return [aggregation.values.index(known) if known in aggregation.values else NAN]


def _varied(statistic):
    def oracle(aggregation, past):
        columns = []
        for group in past.groups(aggregation):
            for window in aggregation.windows:
                values = [getattr(row, aggregation.of) for row in past.within(group, window)]
                columns.append(statistic([value for value in values if value is not None]))
        return columns

    return oracle


def _entropy(values):
    shares = [values.count(value) / len(values) for value in set(values)]
    return -math.fsum(share * math.log(share) for share in shares) if values else NAN


def _net_promoter(aggregation, past):
    def score(answers):
        signs = [(answer >= aggregation.promoter) - (answer <= aggregation.detractor) for answer in answers]
        return 100 * statistics.fmean(signs) if signs else NAN

    return _measured(score)(aggregation, past)


def _sessions(aggregation, past):
    gap = parse_duration(aggregation.gap)
    sessions: list[list[Row]] = []
    for row in past.rows:
        if sessions and row.time - sessions[-1][-1].time <= gap:
            sessions[-1].append(row)
        else:
            sessions.append([row])
    return [sum(bool(past.within(session, window)) for session in sessions) for window in aggregation.windows]


def _slope(aggregation, past):
    columns = []
    width = parse_duration(aggregation.bucket)
    for group in past.groups(aggregation):
        for window in aggregation.windows:
            backs = range(parse_duration(window) // width)
            ages = [(past.cutoff - row.time) // width for row in group]
            fit = statistics.linear_regression([-back for back in backs], [ages.count(back) for back in backs])
            columns.append(fit.slope)
    return columns


def _last_events(aggregation, past):
    latest = [*reversed(past.rows)][: aggregation.last]
    values = [getattr(row, aggregation.of) for row in latest]
    listed = aggregation.values
    codes = [NAN if v is None else listed.index(v) if v in listed else len(listed) for v in values]
    gaps = [(late.time - early.time) / DAY for late, early in pairwise(latest)]
    filled = (codes + [NAN] * aggregation.last)[: aggregation.last]
    wanted = aggregation.last - 1 if aggregation.of == "event" else 0
    return filled + (gaps + [NAN] * aggregation.last)[:wanted]


def _stage_stays(past):
    """Returns (entered at, left at or the cutoff, stage) of each visit so far."""
    entries = stage_entries(past.rows, past.journey, past.cutoff)
    left = [*(entered for entered, _ in entries[1:]), past.cutoff]
    return [(entered, until, stage) for (entered, stage), until in zip(entries, left, strict=True)] if entries else []


def _last_stages(aggregation, past):
    before = [*reversed(_stage_stays(past)[:-1])][: aggregation.last]
    columns = [cell for entered, until, stage in before for cell in (stage, (until - entered) / DAY)]
    return (columns + [NAN] * 2 * aggregation.last)[: 2 * aggregation.last]


def _stage_visits(aggregation, past):
    columns = []
    for name in aggregation.stages:
        stays = [stay for stay in _stage_stays(past) if past.journey.stage_names[stay[2]] == name]
        columns += [len(stays), sum(until - entered for entered, until, _ in stays) / DAY]
    return columns


def _transitions(aggregation, past):
    names = past.journey.stage_names
    entries = stage_entries(past.rows, past.journey, past.cutoff)
    moves = [(later, f"{names[one]} > {names[other]}") for (_, one), (later, other) in pairwise(entries)]
    widths = [past.cutoff if window == LIFETIME else parse_duration(window) for window in aggregation.windows]
    return [
        sum(name == move and entered > past.cutoff - width for entered, name in moves)
        for move in aggregation.moves
        for width in widths
    ]


def _calendar(aggregation, past):
    moment = datetime.fromtimestamp(past.cutoff // 10**6, ZoneInfo(aggregation.timezone))
    parts = {
        "day_of_week": moment.weekday(),
        "day_of_month": moment.day,
        "month": moment.month,
        "week_of_year": moment.isocalendar().week,
        "weekend": int(moment.weekday() in (5, 6)),
        "hour": moment.hour,
    }
    return [parts[part] for part in aggregation.parts]


AGGREGATIONS = {
    "ActiveDays": _active_days,
    "Attribute": _attribute,
    "Calendar": _calendar,
    "Count": _count,
    "CurrentStage": _current_stage,
    "Distinct": _varied(lambda values: len(set(values))),
    "Entropy": _varied(_entropy),
    "Gaps": _gaps,
    "Last": _measured(lambda numbers: numbers[-1] if numbers else NAN),
    "LastEvents": _last_events,
    "LastStages": _last_stages,
    "Max": _measured(lambda numbers: max(numbers, default=NAN)),
    "Mean": _measured(lambda numbers: math.fsum(numbers) / len(numbers) if numbers else NAN),
    "Min": _measured(lambda numbers: min(numbers, default=NAN)),
    "NetPromoter": _net_promoter,
    "Recency": _recency,
    "Sessions": _sessions,
    "Slope": _slope,
    "StageChanges": _stage_changes,
    "StageVisits": _stage_visits,
    "Std": _measured(lambda numbers: statistics.pstdev(numbers) if numbers else NAN),
    "Sum": _measured(math.fsum),
    "Tenure": _tenure,
    "TimeInStage": _time_in_stage,
    "Transitions": _transitions,
    "Trend": _trend,
}


def _next_stage(rows, journey, cutoff, width):
    now = stage_at(rows, journey, cutoff)
    ahead = [moment for moment in changing_moments(rows, journey) if cutoff < moment <= cutoff + width]
    stages = [stage_at(rows, journey, moment) for moment in ahead]
    return next((stage for stage in stages if stage != now), now)


def _purchase(rows, journey, cutoff, width):
    bought = [row for row in rows if row.event in journey.purchase and not row.value < 0]
    return int(any(cutoff < row.time <= cutoff + width for row in bought))


def _churn(rows, journey, cutoff, width):
    active = [row.time for row in rows if row.event in journey.activity]
    if not any(cutoff - width < time <= cutoff for time in active):
        return NO_LABEL
    return int(not any(cutoff < time <= cutoff + width for time in active))


def _next_event(rows, journey, cutoff, width):
    following = [row.event for row in rows if cutoff < row.time <= cutoff + width and row.event in journey.events]
    return 1 + journey.events.index(following[0]) if following else 0


TARGETS = {"next_stage": _next_stage, "next_event": _next_event, "purchase": _purchase, "churn": _churn}


def label(kind, horizon, rows, journey, cutoff, end):
    """Returns the class of a target, or NO_LABEL where it is not asked or not yet known."""
    width = parse_duration(horizon)
    return TARGETS[kind](rows, journey, cutoff, width) if cutoff + width <= end else NO_LABEL
