"""Columns that tell an answer too well alone: they were written when it was known."""

from dataclasses import dataclass

from features.arrays import Bools
from training.readiness.evidence import EVENTS, Evidence, YesNo
from training.readiness.finding import Finding, Verdict, listed
from training.readiness.solo import solo_auc

TOO_WELL = 0.97
HIGH = 0.90
FAR = 1 / 3
"""A column is far above others if it leaves at most this share of what the best of them leaves to an AUC of 1."""

ADVICE = "what was written after the cutoff belongs out of the data, or into a table with valid_from"


@dataclass(frozen=True, order=True)
class Solo:
    """How well the best column of a source tells an answer alone."""

    auc: float
    column: str
    source: str
    question: str

    @property
    def is_undated(self) -> bool:
        """Whether no time of an event holds the source to the cutoff: attributes and declared columns."""
        return self.source.startswith(("attribute", "column"))


def leaks(evidence: Evidence) -> tuple[Finding, ...]:
    """Returns the sources whose best column tells an answer too well alone.

    Its AUC at the last cutoffs is above 0.97, or above 0.9 and far above that of every feature of other events.
    Attributes and declared columns of which both holds block training. All else is a warning: features of events read
    nothing after the cutoff and may be that good. Of a single next stage only what is far above counts, and only of
    attributes and declared columns.
    """
    found: list[tuple[Solo, bool]] = []
    best: list[Solo] = []
    for question in evidence.questions:
        rows = evidence.rows(question)
        if rows is not None:
            scores = _best_of_sources(evidence, question, rows)
            judged = [(solo, _is_far(solo, scores)) for solo in scores]
            found += [(solo, far) for solo, far in judged if _is_suspect(solo, far, question)]
            best.append(max(scores))
    if not best:
        return (Finding("leaks", Verdict.OK, "not judged: too few answers"),)
    if not found:
        top = max(best)
        sentence = f"none; the best column alone is {top.column} with an AUC of {top.auc:.2f} for {top.question}"
        numbers = {"column": top.column, "question": top.question, "auc": top.auc}
        return (Finding("leaks", Verdict.OK, sentence, numbers),)
    sources = dict.fromkeys(solo.source for solo, _ in found)
    return tuple(_finding([(solo, far) for solo, far in found if solo.source == source]) for source in sources)


def _best_of_sources(evidence: Evidence, question: YesNo, rows: Bools) -> list[Solo]:
    best: dict[str, Solo] = {}
    yes, second = question.yes[rows], evidence.snapshots.customer[rows] % 2 == 1
    for (bins, number), source, column in zip(evidence.bins, evidence.sources, evidence.features.columns, strict=True):
        solo = Solo(solo_auc(bins[rows], number, yes, second), column, source, question.name)
        best[source] = max(best.get(source, solo), solo)
    return list(best.values())


def _is_suspect(solo: Solo, far: bool, question: YesNo) -> bool:
    if question.of_one_stage:
        return far and solo.is_undated
    return solo.auc > TOO_WELL or (far and solo.source != EVENTS)


def _is_far(solo: Solo, scores: list[Solo]) -> bool:
    others = max((other.auc for other in scores if other is not solo and not other.is_undated), default=0.5)
    return solo.auc > HIGH and 1 - solo.auc <= FAR * (1 - others)


def _finding(own: list[tuple[Solo, bool]]) -> Finding:
    told = sorted((solo for solo, _ in own), reverse=True)
    blocks = any(far and solo.is_undated and solo.auc > TOO_WELL for solo, far in own)
    named = listed((f"{solo.question} with an AUC of {solo.auc:.3f}" for solo in told), 3)
    sentence = f"{told[0].column} alone tells {named}; {ADVICE}"
    numbers = {"column": told[0].column, "auc": {solo.question: solo.auc for solo in told}}
    return Finding(f"leak: {told[0].source}", Verdict.BLOCKS if blocks else Verdict.WARNING, sentence, numbers)
