"""The feature engine beside Polars, pandas, DuckDB, Featuretools, getML and the floor, on a generated log.

Run with ``python benchmarks/features.py``. Every run is a process of its own that has first run on a small log, so
that imports and compilation do not count; what counts are the CPU seconds of all its threads and children, from the
Parquet file to the features of every row. ``--quick`` takes 100,000 events, one run each, and judges no bars.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[0] = str(Path(__file__).parent.parent)  # this folder's features.py would hide the package

from rich.console import Console

from benchmarks.rivals.agreement import disagreements, events_in_windows
from benchmarks.rivals.bars import FLOOR, OURS, Bar, Run, Scenario, cost, typical
from benchmarks.rivals.columns import columns, cutoffs
from benchmarks.rivals.environments import APART, ROOT, UnavailableError, last_line, python_for, surroundings
from benchmarks.rivals.generated import write_log
from benchmarks.rivals.report import CLAIMS, COSTS, LABELS, Measured, as_data, bar_lines, cost_lines, markdown, show

RUNS, FEW_RUNS, SLOW = 5, 3, 8.0
SMALL = 2_000
SAMPLES = {"featuretools_": 20_000, "featuretools_cheap": 100_000, "getml_": 100_000}
QUICK_SAMPLES = {"featuretools_cheap": 10_000, "getml_": 20_000}
POLARS = ("polars_", "polars_groups")
EXACT = (*POLARS, "pandas_", "duckdb_", "duckdb_windows")
"""The implementations that compute the very same columns."""

GRID, DENSE, LARGE = "1 M events, 12 cutoffs", "1 M events, 52 cutoffs", "10 M events, 12 cutoffs"
SCENARIOS = [
    Scenario(GRID, 1_000_000, 12, (OURS, FLOOR, *EXACT, *SAMPLES), SAMPLES),
    Scenario(DENSE, 1_000_000, 52, (OURS, FLOOR, "polars_", "pandas_")),
    Scenario(LARGE, 10_000_000, 12, (OURS, FLOOR, "polars_")),
]
QUICK = [Scenario("100,000 events, 12 cutoffs", 100_000, 12, (OURS, FLOOR, *EXACT, *QUICK_SAMPLES), QUICK_SAMPLES)]
BARS = [
    Bar(GRID, "faster than Featuretools on the same features, per cell", ("featuretools_",), 2000, 5000),
    Bar(GRID, "faster than getML, per cell", ("getml_",), 50, 100),
    Bar(GRID, "faster than the best Polars", POLARS, 8, 25),
    Bar(GRID, "faster than pandas", ("pandas_",), 15, 40),
    Bar(GRID, "faster than DuckDB with FILTER", ("duckdb_",), 80, 150),
    Bar(GRID, "slower than the floor", (FLOOR,), 5, 2.5, at_most=True),
    Bar(LARGE, "faster than the best Polars", POLARS, 20, 25),
    Bar(LARGE, "slower than the floor", (FLOOR,), 5, 2.5, at_most=True),
]

console = Console(width=140, highlight=False)


def main() -> int:
    """Checks, measures, prints the tables; returns 1 if a bar is missed, an answer differs, or a run fails."""
    arguments = parsed()
    chosen = {OURS, FLOOR, *(arguments.only or LABELS)}
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench(arguments.data or Path(temporary), arguments.envs, quick=arguments.quick)
        problems = bench.check([name for name in EXACT if name in chosen])
        differ = bool(problems)
        results: dict[str, Measured] = {}
        for scenario in QUICK if arguments.quick else SCENARIOS:
            names = [name for name in scenario.names if name in chosen]
            results[scenario.title] = bench.measure(scenario, names, problems)
            show(f"{scenario.title}, synthetic log", COSTS, cost_lines(scenario, results[scenario.title], problems))
    judged = [] if arguments.quick else [bar for bar in BARS if chosen & set(bar.rivals)]
    lines = bar_lines(judged, results)
    if arguments.quick:
        console.print("The bars are judged on the full run; here ours only has to be the fastest.")
    else:
        show("Bars: CPU seconds per feature cell", CLAIMS, lines)
    if arguments.markdown:
        print_markdown(results, problems, lines)
    if arguments.json:
        arguments.json.write_text(json.dumps(as_data(results, lines, problems), indent=2) + "\n", encoding="utf-8")
    if arguments.quick:
        return int(differ or is_outrun(results))
    return int(bool(problems) or any(line[-1] == "missed" for line in lines))


class Bench:
    """Where the logs and the environments are, and how often to run."""

    def __init__(self, data: Path, envs: Path, quick: bool) -> None:
        self.data, self.envs, self.quick = data, envs, quick
        data.mkdir(parents=True, exist_ok=True)

    def log(self, events: int) -> Path:
        """Returns the log of a size; it is written once."""
        path = self.data / f"generated-{events}.parquet"
        if not path.exists():
            write_log(path, events)
        return path

    def check(self, names: list[str]) -> dict[str, str]:
        """Says whether the implementations agree on a small log, and returns what is wrong with those that do not."""
        found = disagreements(names, self.log(SMALL), cutoffs(12))
        for name in names:
            verdict = found.get(name, f"agrees with ours in all {len(columns())} columns of the small log")
            console.print(f"{LABELS[name]}: {verdict}")
        return found

    def measure(self, scenario: Scenario, names: list[str], problems: dict[str, str]) -> Measured:
        """Returns the runs of each implementation, taken in turns; notes those that cannot run in ``problems``."""
        found: Measured = {}
        for number in range(1 if self.quick else RUNS):
            for name in names:
                slow = number >= FEW_RUNS and found.get(name, [Run(1, 0, 0, 0)])[0].cpu > SLOW
                if name in problems or slow:
                    continue
                try:
                    run = self.run(name, scenario.samples.get(name, scenario.events), scenario.cutoffs)
                    found.setdefault(name, []).append(run)
                except UnavailableError as problem:
                    problems[name] = str(problem)
        return found

    def run(self, name: str, events: int, number: int) -> Run:
        """Returns what one run takes, in a process of its own."""
        python = python_for(name, self.envs, make=not self.quick)
        files = [str(self.log(size).absolute()) for size in (SMALL, events)]
        command = [str(python), "-m", "benchmarks.rivals.worker", name, *files, str(number)]
        done = subprocess.run(  # noqa: S603 - our own command
            command, cwd=ROOT, env=surroundings(self.envs), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise UnavailableError(f"failed: {last_line(done.stderr)}")
        run = Run(**json.loads(done.stdout))
        if name in APART and run.counted != (held := events_in_windows(Path(files[1]), cutoffs(number))):
            raise UnavailableError(f"counts {run.counted:,} events in its windows, and they hold {held:,}")
        return run


def parsed() -> argparse.Namespace:
    """Returns the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100,000 events, one run, no environments are made")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--markdown", action="store_true", help="also print the tables in Markdown")
    parser.add_argument("--only", action="append", choices=sorted(LABELS), help="run this one beside ours; repeatable")
    parser.add_argument("--data", type=Path, help="keep the generated logs in this folder")
    parser.add_argument("--envs", type=Path, default=Path("build/benchmark-envs"), help="where environments are kept")
    return parser.parse_args()


def is_outrun(results: dict[str, Measured]) -> bool:
    """Returns whether anything but the floor costs less than ours."""
    runs = {name: typical(of) for each in results.values() for name, of in each.items() if name != FLOOR}
    return min(runs, key=lambda name: cost(runs[name])) != OURS


def print_markdown(results: dict[str, Measured], problems: dict[str, str], bars: list[tuple[str, ...]]) -> None:
    """Prints the tables as they stand in docs/benchmarks.md."""
    for scenario in (*SCENARIOS, *QUICK):
        if scenario.title in results:
            print(markdown(f"**{scenario.title}**", COSTS, cost_lines(scenario, results[scenario.title], problems)))
    if bars:
        print(markdown("**Bars**", CLAIMS, bars))


if __name__ == "__main__":
    sys.exit(main())
