"""What a terminal of eighty columns shows of a table."""

from io import StringIO

from rich.console import Console
from rich.table import Table


def shown(table: Table) -> list[str]:
    """Returns the lines of a table, none of whose cells may be cut off."""
    console = Console(file=StringIO(), width=80)
    console.print(table)
    assert isinstance(console.file, StringIO)
    lines = [line.strip() for line in console.file.getvalue().splitlines()]
    assert not any("…" in line for line in lines)
    return lines
