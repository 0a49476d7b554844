"""Hotjar: the CSV export of a survey's responses, in whatever languages its questions were asked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from features.errors import EventLogError, did_you_mean
from features.sources.importing.cells import key, text
from features.sources.importing.lines import table_header, table_rows
from features.sources.importing.moments import moment, zone_named
from features.sources.importing.records import Event, Link, Numbered, Options, Record, Refused

FIXED = ("Number", "User", "Date Submitted", "Country", "Source URL", "Device", "Browser", "OS", "Hotjar User ID")
TAGS = "Tags"
NEEDED = ("Number", "Date Submitted")
NPS, CSAT, RESPONSE = "NPS Answered", "CSAT Answered", "Survey Answered"
SCALES = {NPS: (0, 10), CSAT: (1, 5)}
LOOKED_AT = 10_000
"""Rows from which is guessed what a question asks."""


@dataclass(frozen=True)
class Hotjar:
    """Survey responses: one event per response, and one per answered NPS and CSAT question, its value the answer.

    ``options.customer`` names the column of the customer; ``User`` if left out. A response without one belongs to its
    Hotjar user. The same question in two languages is two columns: name both.

    Parameters
    ----------
    kinds
        Which event each question's answer is.
    """

    options: Options = field(default_factory=Options)
    kinds: dict[str, str] = field(default_factory=dict)

    def prepared(self, files: tuple[Path, ...]) -> "Hotjar":
        """Returns the format that knows which question asks what: as the user says, else as the answers suggest.

        Raises
        ------
        EventLogError
            If a file lacks a column that every export has, or a question that the user names.
        """
        questions: dict[str, None] = {}
        for file in files:
            header = table_header(file)
            for name in NEEDED:
                if name not in header:
                    raise EventLogError(
                        f"{file.name} has no column '{name}'; give Hotjar's export of responses as CSV: "
                        f"{did_you_mean(name, header)}"
                    )
            questions.update(dict.fromkeys(_questions(header)))
        kinds = dict(_guessed(files)) if self.options.nps is None and self.options.csat is None else {}
        for kind, named in ((NPS, self.options.nps), (CSAT, self.options.csat)):
            for question in named or ():
                if question not in questions:
                    raise EventLogError(f"no question {question!r} was asked; {did_you_mean(question, questions)}")
                kinds[question] = kind
        return replace(self, kinds=kinds)

    def rows(self, file: Path) -> Iterator[Numbered]:
        """Yields each response with what identifies its survey."""
        survey = key(*_questions(table_header(file)))
        for line, row in table_rows(file):
            yield line, row if isinstance(row, Refused) else (row, survey)

    def records(self, row: tuple[dict[str, str], str]) -> Iterable[Record]:
        """Returns the response, its scores, and that a Hotjar user is a customer if the export says so."""
        cells, survey = row
        column = self.options.customer or "User"
        customer, anonymous = text(cells.get(column)), text(cells.get("Hotjar User ID"))
        time = moment(cells["Date Submitted"], zone_named(self.options.timezone), self.options.date_format)
        if customer and anonymous:
            yield Link(customer, anonymous, time, self.options.known_at)
        response = Event(
            customer=customer,
            anonymous=anonymous,
            time=time,
            event=RESPONSE,
            event_id="hotjar-" + key(survey, cells["Number"], anonymous, cells["Date Submitted"]),
            known=self.options.known_at,
            page=text(cells.get("Source URL")),
            device=text(cells.get("Device")),
            country=text(cells.get("Country")),
        )
        yield response
        for question, kind in self.kinds.items():
            answer = (cells.get(question) or "").strip()
            if answer:
                named = f"{response.event_id}-{key(question)}"
                yield response._replace(event=kind, event_id=named, value=_score(answer, SCALES[kind]))


def _score(answer: str, scale: tuple[int, int]) -> float:
    if not answer.removesuffix(".0").isdecimal() or not scale[0] <= int(float(answer)) <= scale[1]:
        raise Refused(f"the answer is no whole number from {scale[0]} to {scale[1]}", answer)
    return float(answer)


def _questions(header: Iterable[str]) -> list[str]:
    return [name for name in header if name not in FIXED and name != TAGS]


def _guessed(files: tuple[Path, ...]) -> Iterator[tuple[str, str]]:
    """Yields questions all of whose answers are whole numbers: from 1 to 5 it is CSAT, from 0 to 10 NPS."""
    answers: dict[str, set[str]] = {}
    for file in files:
        for _, row in islice(table_rows(file), LOOKED_AT):
            if isinstance(row, dict):
                for question in _questions(row):
                    answers.setdefault(question, set()).add(row[question].strip())
    for question, given in answers.items():
        numbers = {int(answer) if answer.isdecimal() else -1 for answer in given - {""}}
        if numbers and min(numbers) >= 1 and max(numbers) <= SCALES[CSAT][1]:
            yield question, CSAT
        elif numbers and min(numbers) >= 0 and max(numbers) <= SCALES[NPS][1]:
            yield question, NPS
