"""What an expression says, as a tree; its text is the one that all ways to write it have in common."""

from dataclasses import dataclass, field

from serving.segments.tokens import quoted_column, quoted_text


@dataclass(frozen=True)
class Column:
    """A column by its name."""

    name: str
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return quoted_column(self.name)


@dataclass(frozen=True)
class Literal:
    """A number or a text that was written out."""

    value: float | str
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        if isinstance(self.value, str):
            return quoted_text(self.value)
        return str(int(self.value)) if self.value.is_integer() and abs(self.value) < 1e15 else repr(self.value)


Operand = Column | Literal


@dataclass(frozen=True)
class Comparison:
    """Two operands and what must hold between them."""

    left: Operand
    operator: str
    right: Operand
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


@dataclass(frozen=True)
class Membership:
    """A column that is one of several values."""

    column: Column
    values: tuple[Literal, ...]

    def __str__(self) -> str:
        return f"{self.column} in {self.list}"

    @property
    def list(self) -> str:
        """The values in parentheses."""
        return f"({', '.join(map(str, self.values))})"


@dataclass(frozen=True)
class Missing:
    """A column of which nothing is known."""

    column: Column

    def __str__(self) -> str:
        return f"{self.column} is missing"


@dataclass(frozen=True)
class Not:
    """What must not hold."""

    inner: "Expression"

    def __str__(self) -> str:
        if isinstance(self.inner, Membership):
            return f"{self.inner.column} not in {self.inner.list}"
        if isinstance(self.inner, Missing):
            return f"{self.inner.column} is not missing"
        return f"not {_enclosed(self.inner, And, Or)}"


@dataclass(frozen=True)
class And:
    """All of which must hold."""

    parts: tuple["Expression", ...]

    def __str__(self) -> str:
        return " and ".join(_enclosed(part, And, Or) for part in self.parts)


@dataclass(frozen=True)
class Or:
    """Of which one must hold."""

    parts: tuple["Expression", ...]

    def __str__(self) -> str:
        return " or ".join(_enclosed(part, Or) for part in self.parts)


Expression = Comparison | Membership | Missing | Not | And | Or


def _enclosed(part: Expression, *kinds: type) -> str:
    return f"({part})" if isinstance(part, kinds) else str(part)
