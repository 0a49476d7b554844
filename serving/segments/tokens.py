"""The words of an expression: names, numbers, texts, operators."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from serving.segments.errors import ExpressionError

LONGEST = 2_000  # characters
KEYWORDS = ("and", "or", "not", "in", "is", "missing")
OPERATORS = ("==", "!=", "<=", ">=", "<", ">")
Kind = Literal["column", "keyword", "number", "text", "symbol", "end"]

PLAIN_NAME = re.compile(r"[^\W\d]\w*")
TOKEN = re.compile(
    r"""\s*(?:
        (?P<column>[^\W\d]\w*|`(?:[^`]|``)+`)
      | (?P<number>-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
      | (?P<symbol>==|!=|<=|>=|<|>|\(|\)|,)
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
MEANT = {"=": "==", "&": "and", "|": "or", "!": "not", "~": "not"}


@dataclass(frozen=True)
class Token:
    """One word and where it begins; ``value`` is what it says, without quotes."""

    kind: Kind
    value: str
    position: int

    def is_word(self, *words: str) -> bool:
        """Says whether it is one of these keywords or symbols."""
        return self.kind in ("keyword", "symbol") and self.value in words

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else repr(self.value)


def tokens(expression: str) -> list[Token]:
    """Returns the words of an expression, the last one its end.

    Raises
    ------
    ExpressionError
        If it is too long, or a character belongs to no word.
    """
    if len(expression) > LONGEST:
        raise ExpressionError(LONGEST, f"the expression has {len(expression)} characters; {LONGEST} are the most")
    found: list[Token] = []
    place = 0
    while not found or found[-1].kind != "end":
        match = TOKEN.match(expression, place)
        if match is None:
            raise _unreadable(expression, place)
        found.append(_token(match))
        place = match.end()
    return found


def quoted_column(name: str) -> str:
    """Returns a column's name as an expression writes it.

    Examples
    --------
    >>> quoted_column("churn_28d"), quoted_column("household size"), quoted_column("in")
    ('churn_28d', '`household size`', '`in`')
    """
    is_plain = PLAIN_NAME.fullmatch(name) and name.lower() not in KEYWORDS
    return name if is_plain else "`" + name.replace("`", "``") + "`"


def quoted_text(text: str) -> str:
    """Returns a text as an expression writes it.

    Examples
    --------
    >>> print(quoted_text("it's"))
    'it''s'
    """
    return "'" + text.replace("'", "''") + "'"


def _token(match: re.Match[str]) -> Token:
    kind = match.lastgroup or "end"
    word, position = match[kind], match.start(kind)
    if kind == "column":
        if word[0] == "`":
            return Token("column", word[1:-1].replace("``", "`"), position)
        return Token("keyword", word.lower(), position) if word.lower() in KEYWORDS else Token("column", word, position)
    if kind == "text":
        quote = word[0]
        return Token("text", word[1:-1].replace(quote * 2, quote), position)
    if kind == "number":
        if not math.isfinite(float(word)):
            raise ExpressionError(position, f"{word:.20} is no number that can be compared; give a smaller one")
        return Token("number", word, position)
    return Token("symbol" if kind == "symbol" else "end", word, position)


def _unreadable(expression: str, place: int) -> ExpressionError:
    position = place + len(expression[place:]) - len(expression[place:].lstrip())
    character = expression[position]
    if character in "'\"`":
        return ExpressionError(position, f"the quote {character} has no end; close it")
    meant = next((MEANT[word] for word in MEANT if expression.startswith(word, position)), None)
    if meant is not None:
        return ExpressionError(position, f"{character!r} means nothing here; did you mean '{meant}'?")
    return ExpressionError(
        position, f"{character!r} means nothing here; compare columns by {', '.join(OPERATORS)} or in"
    )
