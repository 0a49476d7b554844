"""What a benchmark asks and what it measured: the bars, their table, their JSON, and the exit code."""

import argparse
import json
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

console = Console(width=120, highlight=False)


class Bar(NamedTuple):
    """A figure, what is asked of it (nothing if empty), and whether it is met."""

    name: str
    asked: str
    measured: str
    met: bool = True


def at_most(name: str, bar: float, measured: float) -> Bar:
    """Returns a bar that is met when the measurement does not pass it."""
    return Bar(name, f"<= {bar:.3g}", f"{measured:.3g}", measured <= bar)


def at_least(name: str, bar: float, measured: float) -> Bar:
    """Returns a bar that is met when the measurement reaches it."""
    return Bar(name, f">= {bar:.3g}", f"{measured:.3g}", measured >= bar)


def command_line(described: str | None, quick: str) -> argparse.ArgumentParser:
    """Returns the parser of a script's options, of which every script has --quick and --json."""
    parser = argparse.ArgumentParser(description=described)
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    return parser


def settle(bars: list[Bar], title: str, file: Path | None, **facts: Any) -> int:
    """Prints the table of bars, writes them with other facts to the file if there is one, and returns the exit code."""
    table = Table("figure", "asked", "measured", "", title=title)
    for bar in bars:
        table.add_row(bar.name, bar.asked, bar.measured, ("met" if bar.met else "MISSED") if bar.asked else "")
    console.print(table)
    if file:
        figures = {**facts, "bars": [bar._asdict() for bar in bars]}
        file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if all(bar.met for bar in bars) else 1
