"""What there is: the span of the log, its events beside those of the journey, and the stages customers are in."""

import numpy as np

from features.durations import DAY
from features.errors import JourneyError, did_you_mean
from features.events import EVENT, EventLog
from features.journey import Journey
from features.timeline import stage_timeline
from features.vocabulary import Counts, Vocabulary
from training.readiness.finding import Finding, Verdict, date_of, listed, percent, warn_if

MOST_UNUSED = 0.5
"""The share of events that no stage names from which on the journey misses most of what happens."""


def coverage(log: EventLog, journey: Journey) -> tuple[Finding, ...]:
    """Returns the span of the log, the events of the journey and of nothing, and the customers of each stage."""
    counts = Vocabulary.of(log).dimensions[EVENT]
    return _span(log), *_journey_events(counts, journey), _other_events(counts, journey), _stages(log, journey)


def _span(log: EventLog) -> Finding:
    each = np.diff(log.indptr)
    middle, high = (int(np.quantile(each, share, method="higher")) for share in (0.5, 0.9))
    days = (log.end - log.start) // DAY + 1
    sentence = (
        f"{log.n_events:,} events of {log.n_customers:,} customers from {date_of(log.start)} to {date_of(log.end)}, "
        f"{days:,} days; half of the customers have at most {middle:,} events, one in ten more than {high:,}"
    )
    numbers = {
        "events": log.n_events,
        "customers": log.n_customers,
        "days": int(days),
        "events_per_customer": {"mean": round(log.n_events / log.n_customers, 2), "median": middle, "q90": high},
    }
    return Finding("log", Verdict.OK, sentence, numbers)


def _journey_events(counts: Counts, journey: Journey) -> tuple[Finding, ...]:
    found = {event: counts[event] for event in journey.events if event in counts}
    absent = [event for event in journey.events if event not in counts]
    sentence = listed((f"{event} {count:,}" for event, count in found.items()), 10) or "none is in the log"
    findings = [Finding("events of the journey", Verdict.OK, sentence, {"events": found})]
    needed = [event for event in absent if event not in journey.refund]
    if needed:
        sentence = (
            f"{listed(needed)}; correct the name in the journey or in the data: {did_you_mean(needed[0], counts)}"
        )
    elif absent:
        sentence = f"only {listed(absent)}, which stands for a refund; fine if there are none"
    else:
        sentence = "none"
    findings.append(Finding("missing from the log", warn_if(bool(needed)), sentence, {"events": absent}))
    try:
        journey.check_events(tuple(counts))
    except JourneyError as error:
        findings.append(Finding("journey", Verdict.BLOCKS, str(error), {}))
    return tuple(findings)


def _other_events(counts: Counts, journey: Journey) -> Finding:
    staged = {event for stage in journey.stages for rule in stage.rules for event in rule.events}
    others = sorted(((event, count) for event, count in counts.items() if event not in staged), key=lambda it: -it[1])
    share, total = sum(count for _, count in others), sum(counts.values())
    bad = share > MOST_UNUSED * total
    sentence = "none"
    if others:
        sentence = f"{percent(share, total)} of all: {listed(f'{event} {count:,}' for event, count in others)}"
    advice = "; most of what customers do moves nobody, so see whether a stage should name them" if bad else ""
    return Finding("events of no stage", warn_if(bad), sentence + advice, {"events": dict(others)})


def _stages(log: EventLog, journey: Journey) -> Finding:
    timeline, names = stage_timeline(log, journey), journey.stage_names
    everyone = np.arange(log.n_customers)
    now = np.bincount(timeline.stage_at(everyone, np.full(log.n_customers, log.end)), minlength=len(names))
    ever = np.bincount(timeline.stage[timeline.entered_at <= log.end], minlength=len(names))
    empty = [name for name, times in zip(names[1:], ever[1:], strict=True) if times == 0]
    sentence = ", ".join(f"{name} {count:,}" for name, count in zip(names, now, strict=True))
    if empty:
        sentence += f"; nobody was ever in {listed(empty)}, so correct its rules or remove it"
    numbers = {"customers": dict(zip(names, now.tolist(), strict=True)), "never_entered": empty}
    return Finding("stages now", warn_if(bool(empty)), sentence, numbers)
