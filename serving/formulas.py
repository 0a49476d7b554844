"""Files that people open: nothing in them is run by a spreadsheet."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def defused(text: str) -> str:
    """Returns a text with an apostrophe in front if a spreadsheet would run it as a formula.

    Examples
    --------
    >>> defused("=1+1"), defused("bought twice")
    ("'=1+1", 'bought twice')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
