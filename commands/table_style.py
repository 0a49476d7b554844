"""What all tables on a terminal look like."""

import math

from rich import box
from rich.table import Table
from rich.text import Text


def titled(title: str) -> Table:
    """Returns a table without rows and columns."""
    return Table(
        title=Text(title, "table.title"),
        box=box.SIMPLE_HEAD,
        padding=(0, 0, 0, 1),
        pad_edge=False,
        title_justify="left",
    )


def percent(share: float) -> str:
    """Returns a share as per cent; nothing for NaN.

    Examples
    --------
    >>> percent(0.1234), percent(float("nan"))
    ('12.3%', '')
    """
    return "" if math.isnan(share) else f"{share:.1%}"
