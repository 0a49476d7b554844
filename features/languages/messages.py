"""The messages of one language, and how that language writes numbers, dates and durations."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from features.documents import read_yaml
from features.errors import LanguageError, did_you_mean

ENGLISH = "en"
LANGUAGES = (ENGLISH, "pl", "sk", "ru")
FILES = Path(__file__).parent
PLURALS = frozenset({"zero", "one", "two", "few", "many", "other", "=1", "=2"})
"""Unicode's names for the forms of a word, and single numbers that have one of their own; ``count`` chooses."""
CASES = frozenset({"nominative", "genitive", "accusative", "instrumental", "plural"})
"""Forms that the sentence around a word asks for, as in ``{what:genitive}``; one that is missing is the nominative."""
NOMINATIVE = "nominative"
NOTHING = "\N{EN DASH}"
"""Stands for a number or a time that is not known."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Counted = str | Mapping[str, str]
"""One text, or one by plural form."""
Text = Counted | Mapping[str, Counted]
"""The same, or one of them by case."""


@dataclass(frozen=True, eq=False)
class Messages:
    """What is said in one language.

    Parameters
    ----------
    texts
        By their keys, such as ``journey_map.title``: a text with ``{places}``, or one for each plural form or case.
    """

    language: str
    texts: Mapping[str, Text]

    def text(self, key: str, **values: Any) -> str:
        r"""Returns a message with its places filled; numbers are written as the language writes them.

        A message with plural forms takes the one of the number ``count``. A place may say how its value is written:
        ``{share:.2f}`` with so many decimals, ``{last:%Y-%m-%d}`` as such a date, ``{what:genitive}`` in that case of
        a value that has cases. Values are plain text: what shows the message in a page escapes it as a whole.

        Raises
        ------
        LanguageError
            If there is no such message, or a value for a place is not given.

        Examples
        --------
        >>> [messages("pl").text("within.day", count=count) for count in (1, 1205)]
        ['w ciągu ostatniego dnia', 'w ciągu ostatnich 1\xa0205 dni']
        """
        try:
            return self.form(key, values).format(**{name: Said(value, self) for name, value in values.items()})
        except KeyError as missing:
            raise LanguageError(f"message '{key}' needs a value for {missing}; give it") from None

    def form(self, key: str, values: Mapping[str, Any], case: str = NOMINATIVE) -> str:
        """Returns a message as it stands, in the form that the number ``count`` and the case ask for."""
        found = self.raw(key)
        if not isinstance(found, str) and CASES.issuperset(found):
            found = found.get(case, found[NOMINATIVE])
        if isinstance(found, str):
            return found
        count = values["count"]
        chosen = found.get(f"={count}") or found.get(self.locale.plural_form(count)) or found["other"]
        return str(chosen)

    def cases(self, key: str, **values: Any) -> "Cases":
        """Returns a message in every case in which it may be asked for."""
        found = self.raw(key)
        names = (NOMINATIVE,) if isinstance(found, str) or PLURALS.issuperset(found) else tuple(found)
        filled = {name: Said(value, self) for name, value in values.items()}
        return Cases({case: self.form(key, values, case).format(**filled) for case in names})

    def raw(self, key: str) -> Text:
        """Returns a message as its file has it.

        Raises
        ------
        LanguageError
            If there is none.
        """
        if key not in self.texts:
            raise LanguageError(f"no message '{key}' in language '{self.language}'; {did_you_mean(key, self.texts)}")
        return self.texts[key]

    def number(self, value: float | None, decimals: int = 0) -> str:
        r"""Returns a number with at most so many decimals; a dash for one that is not known.

        Examples
        --------
        >>> messages("en").number(12345.678, 1), messages("sk").number(12345.678, 1), messages("ru").number(1.0)
        ('12,345.7', '12\xa0345,7', '1')
        """
        if value is None or not math.isfinite(value):
            return NOTHING
        return str(format_decimal(value, format=f"#,##0.{'#' * decimals}", locale=self.locale))

    def figures(self, english: str) -> str:
        r"""Returns a number that is written as in English with the marks of the language.

        Examples
        --------
        >>> messages("en").figures("-1,234.5"), messages("pl").figures("1,234.5"), len(messages("ru").figures("-1"))
        ('-1,234.5', '1\xa0234,5', 2)
        """
        return english if self.language == ENGLISH else english.translate(self._marks)

    def percent(self, share: float | None, decimals: int = 0) -> str:
        r"""Returns a share as a percentage; a dash for one that is not known.

        Examples
        --------
        >>> messages("en").percent(0.1234, 1), messages("ru").percent(0.1234, 1)
        ('12.3%', '12,3\xa0%')
        """
        if share is None or not math.isfinite(share):
            return NOTHING
        pattern = self.locale.percent_formats[None].pattern.replace("#,##0", f"#,##0.{'#' * decimals}")
        return str(format_percent(share, format=pattern, locale=self.locale))

    def date(self, moment: int | datetime | None, form: Literal["short", "medium", "long"] = "medium") -> str:
        r"""Returns the day of a moment in UTC microseconds.

        Examples
        --------
        >>> [messages(language).date(1_735_689_600_000_000, "long") for language in ("en", "pl", "sk")]
        ['January 1, 2025', '1 stycznia 2025', '1. januára 2025']
        """
        return NOTHING if moment is None else str(format_date(_utc(moment), form, locale=self.locale))

    def moment(self, moment: int | datetime | None) -> str:
        """Returns the day and the time, to the minute, of a moment in UTC microseconds.

        Examples
        --------
        >>> messages("en").moment(1_735_740_300_000_000)
        'Jan 1, 2025, 14:05 UTC'
        """
        return NOTHING if moment is None else f"{self.date(moment)}, {_utc(moment):%H:%M} UTC"

    def days(self, value: float | None) -> str:
        """Returns a duration that is given in days; what is shorter than one is given in hours.

        Examples
        --------
        >>> [messages("pl").days(value) for value in (1, 2, 5, 41.3, 0.5)]
        ['1 dzień', '2 dni', '5 dni', '41 dni', '12 godzin']
        """
        if value is None or not math.isfinite(value):
            return NOTHING
        shown, unit = (value, "duration-day") if value >= 1 or value == 0 else (value * 24, "duration-hour")
        return str(format_unit(round(shown), unit, length="long", locale=self.locale))

    def starting_with(self, prefix: str) -> dict[str, Text]:
        """Returns the messages under a part of the catalogue, such as those that a script of a page shows."""
        return {key: text for key, text in self.texts.items() if key.startswith(f"{prefix}.")}

    @cached_property
    def locale(self) -> Locale:
        """The language's rules, of Unicode's Common Locale Data Repository."""
        return Locale.parse(self.language)

    @cached_property
    def _marks(self) -> dict[int, str]:
        symbols = self.locale.number_symbols["latn"]
        return str.maketrans({",": symbols["group"], ".": symbols["decimal"], "-": "\N{MINUS SIGN}"})


class Cases(dict[str, str]):
    """The cases of a word; one that it does not tell apart is the nominative."""

    def __str__(self) -> str:
        """Returns the nominative."""
        return self[NOMINATIVE]


@dataclass(frozen=True)
class Said:
    """A value in a place of a message; the place may say how it is written."""

    value: Any
    spoken: Messages

    def __format__(self, how: str) -> str:
        """Returns the value as the language writes it."""
        value = self.value
        if isinstance(value, Cases):
            return value.get(how, value[NOMINATIVE])
        if isinstance(value, datetime):
            return f"{value:{how}}" if how else self.spoken.date(value)
        if isinstance(value, int | float | Decimal):
            return self.spoken.figures(f"{value:{how}}") if how else self.spoken.number(float(value), 2)
        return str(value)


@cache
def messages(language: str) -> Messages:
    """Returns what is said of features, personas and grades in a language; what it lacks is said in English.

    Raises
    ------
    LanguageError
        If nextstage does not speak the language, or its file is malformed.
    """
    return Messages(language, read_texts(FILES, language))


def read_texts(folder: Path, language: str) -> dict[str, Text]:
    """Returns the messages of a folder in a language; one that it lacks is the English one.

    Raises
    ------
    LanguageError
        If nextstage does not speak the language, or its file is malformed.
    """
    if language not in LANGUAGES:
        raise LanguageError(f"no language '{language}'; known: {', '.join(LANGUAGES)}")
    return {**read_file(folder, ENGLISH), **read_file(folder, language)}


@cache
def read_file(folder: Path, language: str) -> dict[str, Text]:
    """Returns the messages of one file by their keys."""
    path = folder / f"{language}.yaml"
    return dict(flat(read_yaml(path, LanguageError), path.name))


def flat(tree: Any, place: str) -> Iterator[tuple[str, Text]]:
    """Yields each message with its key, the names above it joined by dots."""
    if not isinstance(tree, dict):
        raise LanguageError(f"{place} holds {tree!r}, not messages; write 'name: text' lines")
    for name, inner in tree.items():
        if not isinstance(name, str):
            raise LanguageError(f"{place}: {name!r} is no name; put it into quotes")
        if isinstance(inner, str) or _has_forms(inner):
            yield name, inner
        else:
            yield from ((f"{name}.{key}", text) for key, text in flat(inner, f"{place}: {name}"))


def _has_forms(inner: Any) -> bool:
    return isinstance(inner, dict) and bool(inner) and (PLURALS.issuperset(inner) or CASES.issuperset(inner))


def _utc(moment: int | datetime) -> datetime:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else EPOCH + timedelta(microseconds=moment)
