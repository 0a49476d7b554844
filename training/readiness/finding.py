"""What a check found: one line of the report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from features.durations import DAY

MOST_NAMED = 5
EPOCH = date(1970, 1, 1)


class Verdict(StrEnum):
    """How bad it is: ``blocks`` means that training is refused, or that what it learns is worthless."""

    OK = "ok"
    WARNING = "warning"
    BLOCKS = "blocks training"


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Parameters
    ----------
    subject
        What was looked at.
    sentence
        What was found and what to do, in plain words.
    numbers
        What the sentence rests on, as plain data for a program.
    """

    subject: str
    verdict: Verdict
    sentence: str
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return {
            "subject": self.subject,
            "verdict": self.verdict.value,
            "sentence": self.sentence,
            "numbers": dict(self.numbers),
        }


def warn_if(bad: bool) -> Verdict:
    """Returns a warning, or ok if nothing is bad."""
    return Verdict.WARNING if bad else Verdict.OK


def day_name(day: int) -> str:
    """Returns the date of a day counted from 1970.

    Examples
    --------
    >>> day_name(0)
    '1970-01-01'
    """
    return (EPOCH + timedelta(days=int(day))).isoformat()


def date_of(moment: int) -> str:
    """Returns the UTC date of a moment in microseconds."""
    return day_name(int(moment) // DAY)


def listed(words: Iterable[str], most: int = MOST_NAMED) -> str:
    """Returns the first few words as a list, and how many there are besides.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    known = list(words)
    shown = ", ".join(known[:most])
    return shown if len(known) <= most else f"{shown} and {len(known) - most} more"


def percent(part: float, whole: float) -> str:
    """Returns a share in percent; nothing of nothing is 0 %.

    Examples
    --------
    >>> percent(1, 8), percent(1, 3000), percent(0, 0)
    ('12.5 %', '0.033 %', '0 %')
    """
    share = 100 * part / whole if whole else 0.0
    return f"{share:.2g} %" if 0 < share < 1 else f"{share:.3g} %"
