"""The tables: what each implementation takes, and the bars; for the terminal, as Markdown and as JSON."""

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.rivals.bars import OURS, Bar, Run, Scenario, cost, ratio_of, typical

LABELS = {
    OURS: "nextstage, streamed",
    "floor": "floor: read, order, fill",
    "polars_": "Polars, running counts",
    "polars_groups": "Polars, group_by per cutoff and window",
    "pandas_": "pandas, groupby per cutoff and window",
    "duckdb_": "DuckDB, FILTER aggregates",
    "duckdb_windows": "DuckDB, group by window, then by row",
    "featuretools_": "Featuretools, the same features",
    "featuretools_cheap": "Featuretools, only what it hands to pandas",
    "getml_": "getML FastProp",
}
COSTS = ("implementation", "runs", "M cells", "CPU s", "wall s", "peak GB", "ns per cell", "x ours")
CLAIMS = ("bar", "asked", "stretch", "measured", "")

Measured = dict[str, list[Run]]
Line = tuple[str, ...]


def cost_lines(scenario: Scenario, measured: Measured, problems: dict[str, str]) -> list[Line]:
    """Returns a line for each implementation of a scenario, also for one that could not run."""
    runs = {name: typical(of) for name, of in measured.items()}
    lines: list[Line] = []
    for name in scenario.names:
        sample = f" (sample of {scenario.samples[name]:,} events)" if name in scenario.samples else ""
        label = LABELS[name] + sample
        if name in runs:
            run = runs[name]
            figures = (f"{run.cells / 1e6:,.1f}", f"{run.cpu:,.2f}", f"{run.wall:,.2f}", f"{run.peak / 2**30:.2f}")
            relative = f"{cost(run) / cost(runs[OURS]):,.1f}" if OURS in runs else ""
            lines.append((label, str(len(measured[name])), *figures, f"{cost(run) * 1e9:,.1f}", relative))
        elif name in problems:
            lines.append((f"{label}: {problems[name]}", *[""] * (len(COSTS) - 1)))
    return lines


def bar_lines(bars: list[Bar], results: dict[str, Measured]) -> list[Line]:
    """Returns a line for each bar."""
    lines = []
    for bar in bars:
        runs = {name: typical(of) for name, of in results[bar.scenario].items()}
        ratio = ratio_of(bar, runs)
        sign, reached = "<=" if bar.at_most else ">=", "not measured" if ratio is None else f"{ratio:,.1f} x"
        verdict = "met" if bar.is_met(ratio) else "missed"
        asked, stretch = (f"{sign} {number:g} x" for number in (bar.asked, bar.stretch))
        lines.append((f"{bar.scenario}: {bar.claim}", asked, stretch, reached, verdict))
    return lines


def show(title: str, header: Line, lines: list[Line]) -> None:
    """Prints a table on the terminal."""
    table = Table(*header, title=title, title_justify="left")
    for line in lines:
        table.add_row(*line)
    Console(width=140).print(table)


def markdown(title: str, header: Line, lines: list[Line]) -> str:
    """Returns a table in Markdown."""
    rows = [header, ("---",) * len(header), *lines]
    return f"{title}\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def as_data(results: dict[str, Measured], bars: list[Line], problems: dict[str, str]) -> dict[str, Any]:
    """Returns everything measured as plain data."""
    runs = {title: {name: [asdict(run) for run in of] for name, of in each.items()} for title, each in results.items()}
    return {"runs": runs, "bars": [dict(zip((*CLAIMS[:-1], "verdict"), bar, strict=True)) for bar in bars]} | {
        "problems": problems
    }
