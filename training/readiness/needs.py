"""What each target still lacks in each period, and about how long the log must go on until it is there."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from features.arrays import Ints
from features.durations import DAY, parse_duration
from features.errors import TrainingError
from features.events import EventLog
from features.journey import Journey
from features.phrases import amount
from features.snapshots import Snapshots
from models.enough import FEWEST_OF_A_CLASS, FEWEST_ROWS
from training.config import Config
from training.periods import Periods, Span, split_periods
from training.readiness.answers import Answers, answers_at
from training.readiness.finding import Finding, Verdict, date_of, listed

WEEK = 7 * DAY
MOST_WEEKS = 520
LEARNT = "training and calibration"


@dataclass(frozen=True)
class Longer:
    """A log as it would be if it went on."""

    start: int
    end: int


def needs(log: EventLog, journey: Journey, config: Config) -> tuple[Finding, ...]:
    """Returns the rows per class of each target in each period, and what is missing by the rules of training.

    Rows are told of the main horizon; what is missing, of every one.
    """
    try:
        periods = split_periods(log, config.horizons, config.periods)
    except TrainingError as error:
        return (_too_short(log, config, error),)
    findings = [_periods(periods)]
    for horizon in config.horizons:
        named = {
            LEARNT: periods.cutoffs[periods.cutoffs + parse_duration(horizon) <= periods.calibrated_until],
            "test": periods.tested,
        }
        rows = Snapshots.grid(log, np.concatenate(list(named.values())))
        for answer in answers_at(log, journey, horizon, rows):
            counts = {period: answer.counts(np.isin(rows.cutoff, cutoffs)) for period, cutoffs in named.items()}
            findings += [_rows(answer, counts)] if horizon == config.horizon else []
            for period, cutoffs in named.items():
                findings += _lacking(answer, period, counts[period], len(cutoffs), parse_duration(config.periods.every))
    return tuple(findings)


def missing_weeks(log: Span, config: Config) -> int | None:
    """Returns by how many weeks a log is too short for its periods; None if no length of time helps."""
    for weeks in range(MOST_WEEKS):
        try:
            split_periods(Longer(log.start, log.end + weeks * WEEK), config.horizons, config.periods)
        except TrainingError:
            continue
        return weeks
    return None


def _too_short(log: EventLog, config: Config, error: TrainingError) -> Finding:
    weeks = missing_weeks(log, config)
    if weeks is None:  # not the length is wrong but the number of cutoffs
        return Finding("periods", Verdict.BLOCKS, str(error))
    sentence = (
        f"{(log.end - log.start) // DAY:,} days, so {amount(weeks, 'more week')} for history, training, calibration, "
        f"test and a horizon of {config.horizons[-1]}; or shorten 'periods:' and 'horizons:'. Until then 'nextstage "
        "train' makes baselines, labelled so"
    )
    return Finding("periods", Verdict.BLOCKS, sentence, {"missing_weeks": weeks})


def _periods(periods: Periods) -> Finding:
    sentence = (
        f"training {date_of(periods.cutoffs[0])} to {date_of(periods.fitted_until)}, "
        f"calibration to {date_of(periods.calibrated_until)}, "
        f"test {date_of(periods.tested[0])} to {date_of(periods.tested[-1])} ({len(periods.tested)} cutoffs)"
    )
    return Finding("periods", Verdict.OK, sentence, {"periods": periods.describe()})


def _rows(answer: Answers, counts: dict[str, Ints]) -> Finding:
    """Returns the rows per class; a class that training hardly sees is a warning."""
    told = [
        f"{period} {', '.join(f'{name} {count:,}' for name, count in zip(answer.classes, found, strict=True))}"
        for period, found in counts.items()
    ]
    few = [name for name, count in zip(answer.classes, counts[LEARNT], strict=True) if count < FEWEST_OF_A_CLASS]
    sentence = "; ".join(told)
    verdict = Verdict.OK
    if few:
        verdict = Verdict.WARNING
        sentence += f"; fewer than {FEWEST_OF_A_CLASS} rows to learn {listed(few)} from"
    numbers = {period: dict(zip(answer.classes, found.tolist(), strict=True)) for period, found in counts.items()}
    return Finding(f"rows of {answer.target}", verdict, sentence, numbers)


def _lacking(answer: Answers, period: str, counts: Ints, cutoffs: int, every: int) -> list[Finding]:
    """Returns what ``check_labels`` would refuse: too few rows, or fewer than two classes with enough of them."""
    findings = []
    if counts.sum() < FEWEST_ROWS:
        findings.append(_lack(answer, period, (int(counts.sum()), FEWEST_ROWS, "rows"), cutoffs, every))
    if (counts >= FEWEST_OF_A_CLASS).sum() < 2:
        code = int(np.argsort(-counts, kind="stable")[1])
        what = f"rows of '{answer.classes[code]}'"
        findings.append(_lack(answer, period, (int(counts[code]), FEWEST_OF_A_CLASS, what), cutoffs, every))
    return findings


def _lack(answer: Answers, period: str, found: tuple[int, int, str], cutoffs: int, every: int) -> Finding:
    """Returns what is missing, and for how long the log must go on at its rate of rows per cutoff.

    What is learnt from grows with the log; the test has a fixed length, so it must be told to grow as well.
    """
    have, need, what = found
    numbers = {"have": have, "need": need}
    sentence = f"{have:,} of {need:,} {what}"
    if have == 0:
        sentence += "; more time alone may bring none, so look at the journey's events or choose another horizon"
    else:
        weeks = ceil((need - have) / (have / cutoffs) * every / WEEK)
        numbers["missing_weeks"] = weeks
        sentence += f", about {amount(weeks, 'more week')} at the rate of this log"
        if period != LEARNT:
            sentence += f" with 'periods.{period}' that much longer"
        sentence += ", or more customers"
    return Finding(f"{answer.target}, {period}", Verdict.BLOCKS, sentence, numbers)
