"""Reads an expression by recursive descent; nothing of it is ever run, and it can name nothing but columns."""

from typing import NoReturn

from serving.segments.errors import ExpressionError
from serving.segments.syntax import And, Column, Comparison, Expression, Literal, Membership, Missing, Not, Operand, Or
from serving.segments.tokens import OPERATORS, Token, tokens

DEEPEST = 40  # parentheses and 'not' within each other


def parse(expression: str) -> Expression:
    """Returns what an expression says.

    Raises
    ------
    ExpressionError
        If it is empty, too long or too deep, or no expression.

    Examples
    --------
    >>> print(parse("NOT(churn_band=='high')"))
    not churn_band == 'high'
    >>> print(parse('country in ("PL","SK") and (purchase_28d>.4 or age is missing)'))
    country in ('PL', 'SK') and (purchase_28d > 0.4 or age is missing)
    """
    parser = _Parser(tokens(expression))
    found = parser.alternatives()
    if parser.next.kind != "end":
        parser.fail("'and' or 'or'")
    return found


class _Parser:
    """A place in the words of an expression."""

    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._place = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        return self._words[self._place]

    def take(self) -> Token:
        self._place += 1
        return self._words[self._place - 1]

    def takes(self, *words: str) -> bool:
        """Takes the next word if it is one of these."""
        if self.next.is_word(*words):
            self._place += 1
            return True
        return False

    def fail(self, expected: str) -> NoReturn:
        raise ExpressionError(self.next.position, f"{expected} was expected, not {self.next}")

    def need(self, word: str) -> None:
        if not self.takes(word):
            self.fail(f"'{word}'")

    def alternatives(self) -> Expression:
        parts = [self.conjunction()]
        while self.takes("or"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def conjunction(self) -> Expression:
        parts = [self.condition()]
        while self.takes("and"):
            parts.append(self.condition())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def condition(self) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError(self.next.position, f"more than {DEEPEST} 'not' and '(' within each other; use fewer")
        found: Expression
        if self.takes("not"):
            found = Not(self.condition())
        elif self.takes("("):
            found = self.alternatives()
            self.need(")")
        else:
            found = self.test()
        self._depth -= 1
        return found

    def test(self) -> Expression:
        left = self.operand()
        if self.next.is_word(*OPERATORS):
            operator = self.take()
            right = self.operand()
            if isinstance(left, Literal) and isinstance(right, Literal):
                raise ExpressionError(left.position, f"{left} and {right} never change; compare a column")
            return Comparison(left, operator.value, right, operator.position)
        if not self.next.is_word("in", "not", "is"):
            self.fail(f"one of {', '.join(OPERATORS)}, 'in', 'is'")
        if not isinstance(left, Column):
            raise ExpressionError(left.position, f"a column was expected before '{self.next.value}', not {left}")
        if self.takes("is"):
            negated = self.takes("not")
            self.need("missing")
            return Not(Missing(left)) if negated else Missing(left)
        negated = self.takes("not")
        self.need("in")
        found = Membership(left, self.values())
        return Not(found) if negated else found

    def values(self) -> tuple[Literal, ...]:
        self.need("(")
        found = [self.literal()]
        while self.takes(","):
            if self.next.is_word(")"):
                break
            found.append(self.literal())
        self.need(")")
        return tuple(found)

    def operand(self) -> Operand:
        if self.next.kind != "column":
            return self.literal()
        token = self.take()
        return Column(token.value, token.position)

    def literal(self) -> Literal:
        if self.next.kind not in ("number", "text"):
            self.fail("a column, a number or a text in quotes")
        token = self.take()
        return Literal(float(token.value) if token.kind == "number" else token.value, token.position)
