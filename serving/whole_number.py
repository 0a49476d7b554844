"""Reads a number of a query: what a client writes may be longer than Python turns into a number."""


def whole_number(text: str, most: int) -> int | None:
    """Returns the whole number from 0 to ``most`` that a text writes in digits; None for any other text.

    Examples
    --------
    >>> whole_number("12", 20), whole_number("21", 20), whole_number("-1", 20), whole_number("9" * 5_000, 20)
    (12, None, None, None)
    """
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    return int(text) if int(text) <= most else None
