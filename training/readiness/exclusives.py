"""Attributes with a value that only customers of one answer have: it was filled in because of the answer."""

import numpy as np

from features.aggregations import Attribute
from features.arrays import Bools, Floats, Ints
from models.enough import FEWEST_OF_A_CLASS
from training.readiness.evidence import Evidence
from training.readiness.finding import Finding, Verdict, listed

EXCLUSIVE = 0.98
MOST_COMMON = 2 / 3
"""The share of an answer up to which one may ask why a value goes with it alone."""

CHANCE = 1e-6
"""How improbable it must be that so many customers have the same answer by chance."""

MISSING, FILLED = "missing", "filled in"


def exclusives(evidence: Evidence) -> tuple[Finding, ...]:
    """Returns the attributes of which a value, or its absence, goes with one answer of a question alone.

    Looked at is the last cutoff, each customer once. A value counts if at least 20 customers have it, 98 % of them with
    an answer that at most two thirds of all have, so that this comes by chance less than once in a million.
    """
    last = evidence.snapshots.cutoff == evidence.snapshots.cutoff.max(initial=0)
    findings = []
    places = {name: place for place, name in enumerate(evidence.features.columns)}
    for attribute in evidence.features.aggregations:
        if isinstance(attribute, Attribute):
            column = evidence.X[:, places[attribute.columns()[0]]].astype(np.float64)
            told = _told_alone(evidence, attribute, column, last)
            if told:
                findings.append(_finding(attribute.name, told))
    return tuple(findings)


def _told_alone(evidence: Evidence, attribute: Attribute, column: Floats, last: Bools) -> dict[str, list[str]]:
    """Returns for each question the values that one answer alone has."""
    told: dict[str, list[str]] = {}
    for question in evidence.questions:
        rows = question.known & last
        if question.of_one_stage or not rows.any():
            continue
        codes, names = _values(attribute, column[rows])
        alone = _is_alone(codes, len(names), question.yes[rows]) | _is_alone(codes, len(names), ~question.yes[rows])
        if alone.any():
            number = np.bincount(codes, minlength=len(names))
            told[question.name] = [f"{names[code]} ({number[code]:,} customers)" for code in np.flatnonzero(alone)]
    return told


def _is_alone(codes: Ints, values: int, answer: Bools) -> Bools:
    """Says for each value whether only this answer goes with it, shape (values,)."""
    share = answer.mean()
    if not 0 < share <= MOST_COMMON:
        return np.zeros(values, dtype=bool)
    number = np.bincount(codes, minlength=values)
    same = np.bincount(codes, weights=answer, minlength=values) >= EXCLUSIVE * number
    alone: Bools = same & (number >= FEWEST_OF_A_CLASS) & (number * np.log(share) <= np.log(CHANCE))
    return alone


def _values(attribute: Attribute, column: Floats) -> tuple[Ints, tuple[str, ...]]:
    """Returns each text as its place; of numbers only whether there is one."""
    missing = np.isnan(column)
    texts = attribute.values
    if texts is None:
        return missing.astype(np.int64), (FILLED, MISSING)
    return np.where(missing, len(texts), np.nan_to_num(column)).astype(np.int64), (*map(repr, texts), MISSING)


def _finding(name: str, told: dict[str, list[str]]) -> Finding:
    named = listed((f"{listed(values, 3)} for {question}" for question, values in told.items()), 3)
    sentence = (
        f"only one answer has {named}; it was filled in because of what happened, so leave it out or give a valid_from"
    )
    return Finding(f"leak: values of '{name}'", Verdict.BLOCKS, sentence, {"values": told})
