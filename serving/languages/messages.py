"""The messages of one language, and how that language writes numbers, dates and durations."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from features.documents import read_yaml
from features.errors import did_you_mean
from serving.errors import LanguageError

ENGLISH = "en"
LANGUAGES = (ENGLISH, "pl", "sk", "ru")
FILES = Path(__file__).parent
PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})
"""Unicode's names for the forms of a word; of a message with such keys the number ``count`` chooses one."""
NOTHING = "\N{EN DASH}"
"""Stands for a number or a time that is not known."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Text = str | Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Messages:
    """What is said in one language.

    Parameters
    ----------
    texts
        By their keys, such as ``journey_map.title``: a text with ``{places}``, or one for each plural form.
    """

    language: str
    texts: Mapping[str, Text]

    def text(self, key: str, **values: Any) -> str:
        r"""Returns a message with its places filled; numbers are written as the language writes them.

        A message with plural forms takes the one of the number ``count``. Values are plain text: what shows the message
        in a page escapes it as a whole.

        Raises
        ------
        LanguageError
            If there is no such message, or a value for a place is not given.

        Examples
        --------
        >>> [messages("pl").text("count.customers", count=count) for count in (1, 3, 1205)]
        ['1 klient', '3 klientów', '1\xa0205 klientów']
        """
        found = self.texts.get(key)
        if found is None:
            raise LanguageError(f"no message '{key}' in language '{self.language}'; {did_you_mean(key, self.texts)}")
        try:
            if not isinstance(found, str):
                found = found.get(self.locale.plural_form(values["count"]), found["other"])
            return found.format(**{name: self._said(value) for name, value in values.items()})
        except KeyError as missing:
            raise LanguageError(f"message '{key}' needs a value for {missing}; give it") from None

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

    def _said(self, value: Any) -> str:
        return self.number(value, 2) if isinstance(value, int | float) else str(value)


@cache
def messages(language: str) -> Messages:
    """Returns the messages of a language; one that it lacks is the English one.

    Raises
    ------
    LanguageError
        If nextstage does not speak the language, or its file is malformed.
    """
    if language not in LANGUAGES:
        raise LanguageError(f"no language '{language}'; known: {', '.join(LANGUAGES)}")
    return Messages(language, {**_read(ENGLISH), **_read(language)})


def _read(language: str) -> dict[str, Text]:
    path = FILES / f"{language}.yaml"
    return dict(_flat(read_yaml(path, LanguageError), path.name))


def _flat(tree: Any, place: str) -> Iterator[tuple[str, Text]]:
    """Yields each message with its key, the names above it joined by dots."""
    if not isinstance(tree, dict):
        raise LanguageError(f"{place} holds {tree!r}, not messages; write 'name: text' lines")
    for name, inner in tree.items():
        if not isinstance(name, str):
            raise LanguageError(f"{place}: {name!r} is no name; put it into quotes")
        if isinstance(inner, str) or (isinstance(inner, dict) and inner and PLURALS.issuperset(inner)):
            yield name, inner
        else:
            yield from ((f"{name}.{key}", text) for key, text in _flat(inner, f"{place}: {name}"))


def _utc(moment: int | datetime) -> datetime:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else EPOCH + timedelta(microseconds=moment)
