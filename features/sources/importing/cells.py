"""Single cells of foreign rows: numbers that come as texts, flags that come in any form, keys made of content."""

import hashlib
from typing import TypeVar

import msgspec

from features.sources.importing.channels import present
from features.sources.importing.records import Refused

Number = int | float | str | None
"""How JSON exports write a number: as such, or as text when it may have 64 bits."""

LARGEST = 1e15
"""As in ``features.ingest``, whose import would cost each reading process 100 MB."""

Shape = TypeVar("Shape")


def number(cell: Number) -> float | None:
    """Returns a number, None where there is none.

    Raises
    ------
    Refused
        If it is no number, or too large to be one of a shop.

    Examples
    --------
    >>> number("16.0"), number("(not set)"), number(None), number(3)
    (16.0, None, None, 3.0)
    """
    if cell is None:
        return None
    if isinstance(cell, str) and present(cell) is None:
        return None
    try:
        found = float(cell)
    except (TypeError, ValueError, OverflowError):
        raise Refused("a number cannot be read", cell) from None
    if not abs(found) <= LARGEST:  # so that NaN is refused too
        raise Refused("a number cannot be read", cell)
    return found


def whole(cell: Number) -> int:
    """Returns a whole number of up to 64 bits without a detour by floats, which would round it.

    Raises
    ------
    Refused
        If it is missing or no whole number.
    """
    try:
        return int(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise Refused("a whole number is missing or cannot be read", cell) from None


def flag(cell: Number | bool) -> float | None:
    """Returns 1 for yes, 0 for no, None where nothing is said, however it is written.

    Examples
    --------
    >>> flag(1), flag("1"), flag("true"), flag("No"), flag("")
    (1.0, 1.0, 1.0, 0.0, None)
    """
    if cell is None or cell == "":
        return None
    return float(str(cell).strip().lower() in ("1", "1.0", "true", "yes", "y"))


def text(cell: Number | bool) -> str | None:
    """Returns a cell as text, None for what is missing or not set."""
    return present(cell) if isinstance(cell, str) or cell is None else str(cell)


def key(*parts: object) -> str:
    """Returns a short text that equal parts share and different ones do not.

    Examples
    --------
    >>> key("a", "bc") == key("ab", "c")
    False
    """
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def refund(value: float | None) -> float | None:
    """Returns the value of money given back, which is never positive."""
    return None if value is None else -abs(value)


def decoded(decoder: "msgspec.json.Decoder[Shape]", line: bytes) -> Shape:
    """Returns a JSON object in the shape that its format documents.

    Raises
    ------
    Refused
        If it is no JSON, or has another shape.
    """
    try:
        return decoder.decode(line)
    except msgspec.ValidationError as error:
        raise Refused("the row is not as the format documents it", error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("the row is no JSON", error) from None
