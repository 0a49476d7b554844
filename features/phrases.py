"""Plain words for names, numbers, durations and windows, in English and in the languages of the message files."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from features.durations import DAY, LIFETIME, MICROSECONDS
from features.events import CHANNEL, EVENT, VALUE
from features.labels import spoken
from features.languages.messages import ENGLISH, NOMINATIVE, Cases, Messages, messages
from features.plan import ALL, OTHER, STAGE, Group

UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}


@cache
def plural(noun: str) -> str:
    """Returns the plural of a regular English noun.

    Examples
    --------
    >>> plural("channel"), plural("category"), plural("status"), plural("product class")
    ('channels', 'categories', 'statuses', 'product classes')
    """
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(s|x|ch|sh)$", noun) else f"{noun}s"


def amount(value: float, noun: str) -> str:
    """Returns a number of things in English.

    Examples
    --------
    >>> amount(1, "day"), amount(2.4, "session"), amount(0, "category")
    ('1 day', '2.4 sessions', '0 categories')
    """
    return f"{digits(value)} {noun if digits(value) == '1' else plural(noun)}"


def digits(value: float) -> str:
    """Returns a finite number with about two digits that count, with the marks of English.

    Examples
    --------
    >>> [digits(value) for value in (3.0, 0.1234, 12.34, 1234.5, -0.5, 0.004)]
    ['3', '0.12', '12', '1,234', '-0.5', '0.004']
    """
    return f"{value:,.0f}" if abs(value) >= 10 or value == round(value) else f"{value:.2g}"


@dataclass(frozen=True, eq=False)
class Phrases:
    """Says names, numbers, durations and windows in one language."""

    messages: Messages

    def number(self, value: float) -> str:
        r"""Returns a number with about two digits that count.

        Examples
        --------
        >>> phrases("en").number(1234.5), phrases("pl").number(1234.5), phrases("ru").number(0.1234)
        ('1,234', '1\xa0234', '0,12')
        """
        return self.messages.figures(digits(value)) if math.isfinite(value) else self.messages.text("amounts.number")

    def times(self, value: float) -> str:
        """Returns how often.

        Examples
        --------
        >>> [phrases("en").times(value) for value in (1, 2, 3)], [phrases("pl").times(value) for value in (1, 5, 1.5)]
        (['once', 'twice', '3 times'], ['raz', '5 razy', '1,5 raza'])
        """
        return self._counted("amounts.times", value)

    def days(self, value: float, case: str = NOMINATIVE) -> str:
        """Returns a duration given in days; less than one is given in hours.

        Examples
        --------
        >>> [phrases("en").days(value) for value in (41.2, 1.3, 0.25, 0.01)]
        ['41 days', '1 day', '6 hours', 'less than an hour']
        >>> [phrases("sk").days(value, "genitive") for value in (41.2, 1.3, 0.25)]
        ['41 dní', '1 dňa', '6 hodín']
        """
        if not math.isfinite(value):
            return self.messages.form("amounts.time", {}, case)
        if value >= 1:
            return self._counted("amounts.day", round(value), case)
        hours = round(value * DAY / MICROSECONDS["h"])
        return self._counted("amounts.hour", hours, case) if hours else self.messages.form("amounts.moment", {}, case)

    def change(self, value: float) -> str:
        """Returns how much more or fewer."""
        return self.messages.text("amounts.more" if value > 0 else "amounts.fewer", number=self.number(abs(value)))

    def kinds(self, entropy: float) -> str:
        """Returns how many equally frequent kinds have such an entropy, which is in nats."""
        return self.number(math.exp(min(entropy, 50.0)))

    def within(self, window: str) -> str:
        """Returns a window as the end of a sentence.

        Examples
        --------
        >>> [phrases("en").within(window) for window in ("28d", "1w", "lifetime")]
        ['in the last 28 days', 'in the last week', 'so far']
        """
        return self.messages.text("within.lifetime") if window == LIFETIME else self._span("within", window)

    def every(self, window: str) -> str:
        """Returns a window as the length of a step.

        Examples
        --------
        >>> phrases("en").every("7d"), phrases("ru").every("1w")
        ('every 7 days', 'каждую неделю')
        """
        return self._span("every", window)

    def quoted(self, name: str) -> str:
        """Returns a name in the quotes of the language."""
        return self.messages.text("things.quoted", name=name)

    def dimension(self, name: str) -> Cases:
        """Returns what a dimension or a measure of the log is called, and its plural."""
        own = {EVENT: "things.kind_noun", CHANNEL: "things.channel_noun", VALUE: "things.value_noun"}
        if name in own:
            return self.messages.cases(own[name])
        noun = spoken(name)
        many = plural(noun) if self.messages.language == ENGLISH else noun  # of a name that is not our own
        return Cases(nominative=self.named(noun), plural=self.named(many))

    def named(self, name: str) -> str:
        """Returns a name that somebody else gave to something, in quotes where the language needs them."""
        return self.messages.text("things.named", name=name)

    def thing(self, group: Group, called: str | None = None) -> Cases:
        """Returns what a group of events is about.

        Parameters
        ----------
        called
            What people call the group's value, if not its name as it would be spoken.

        Examples
        --------
        >>> english = phrases("en")
        >>> str(english.thing(Group("event", "Product Viewed"))), str(english.thing(Group("channel", "e-mail")))
        ('product viewed', 'activity by e-mail')
        >>> str(english.thing(Group("all"))), str(english.thing(Group("event", "other", excluding=("purchase",))))
        ('activity', 'event of another kind')
        """
        by, name = group.by, called or spoken(group.value)
        if by == ALL:
            return self.messages.cases("things.activity")
        if group.excluding is not None and group.value == OTHER:
            own = {EVENT: "things.other_event", CHANNEL: "things.other_channel"}
            return self.messages.cases(own.get(by, "things.other_with"), dimension=self.dimension(by))
        own = {EVENT: "things.event", STAGE: "things.stage", CHANNEL: "things.channel"}
        return self.messages.cases(own.get(by, "things.with"), dimension=self.dimension(by), name=name)

    def _counted(self, key: str, value: float, case: str = NOMINATIVE) -> str:
        if not math.isfinite(value):
            return self.messages.form(key, {"count": 0}, case).replace("{count}", self.number(value))
        return _counted(self, key, digits(value), case)

    def _span(self, key: str, window: str) -> str:
        return self._counted(f"{key}.{UNITS[window[-1]]}", int(window[:-1]))


@lru_cache(maxsize=4_096)  # a customer waits for it
def _counted(own: Phrases, key: str, shown: str, case: str) -> str:
    form = own.messages.form(key, {"count": Decimal(shown.replace(",", ""))}, case)
    return form.replace("{count}", own.messages.figures(shown))


@cache
def phrases(language: str) -> Phrases:
    """Returns how a language says things."""
    return Phrases(messages(language))
