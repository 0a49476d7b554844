"""The quickstart's promises on real data: better than every baseline, calibrated, without a leak, and quick.

Run with ``python benchmarks/quickstart.py``; ``--quick`` takes fewer cutoffs and rounds and leaves out time and
memory.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).parent.parent)  # this folder's scripts would hide the packages of the same name


from benchmarks.bars import Bar, command_line, console, settle
from commands.training_tables import comparison_table, horizon_table, spend_table
from features.events import EventLog
from features.ingest import log_from_frame
from features.journey import load_journey
from features.sources.completejourney import SCHEMA, read_attributes, read_events
from training.config import PeriodConfig
from training.placebo import PlaceboRecipe
from training.recipe import MODEL, Recipe
from training.train import Training, train

PERIODS = PeriodConfig(start="2017-02-26")
MOST_SECONDS, MOST_GIGABYTES, MOST_CALIBRATION_ERROR, MOST_PLACEBO_SKILL = 180.0, 4.0, 0.03, 0.03
HOUSEHOLDS = 2469


def main() -> int:
    """Measures every bar, prints the table, and returns 1 if one is missed."""
    arguments = command_line(__doc__, "under a minute: half the cutoffs, fewer rounds, no costs").parse_args()
    log = log_from_frame(read_events(), SCHEMA, read_attributes())
    recipe = Recipe(periods=PERIODS)
    if arguments.quick:
        options = replace(recipe.options, rounds=15, learning_rate=0.3, threads=1)
        recipe = Recipe(periods=PERIODS.model_copy(update={"every": "14d"}), options=options)
    real = train(log, load_journey("retail"), recipe)
    bars = [*baseline_bars(real), *calibration_bars(real), *placebo_bars(log, recipe)]
    if not arguments.quick:
        bars += cost_bars()
    console.print(comparison_table(real.results, real.recipe.horizon), horizon_table(real.results))
    console.print(spend_table(real.spend_results))
    return settle(bars, "The README's claims", arguments.json, **figures(real))


def baseline_bars(training: Training) -> list[Bar]:
    """Returns whether each model beats every baseline in its decisive metrics."""
    return [
        Bar(
            f"{result.name} beats its baselines",
            "every one",
            f"lost: {result.lost_to() or 'none'}",
            not result.lost_to(),
        )
        for result in training.results
    ]


def calibration_bars(training: Training) -> list[Bar]:
    """Returns the expected calibration error of the two-class targets, in ten bins of equal mass."""
    errors = {r.name: r.metrics[MODEL]["ece"] for r in training.results if len(r.classes) == 2}
    return [
        Bar(
            f"{name} calibration error", f"<= {MOST_CALIBRATION_ERROR}", f"{error:.4f}", error <= MOST_CALIBRATION_ERROR
        )
        for name, error in errors.items()
    ]


def placebo_bars(log: EventLog, recipe: Recipe) -> list[Bar]:
    """Returns the AUC of the same training on shuffled answers."""
    placebo = train(
        log, load_journey("retail"), PlaceboRecipe(recipe.horizon, recipe.horizons, recipe.periods, recipe.options)
    )
    aucs = {r.name: r.metrics[MODEL]["auc"] for r in placebo.results if len(r.classes) == 2}
    return [
        Bar(
            f"{name} AUC on shuffled labels",
            f"0.5 +- {MOST_PLACEBO_SKILL}",
            f"{auc:.4f}",
            abs(auc - 0.5) <= MOST_PLACEBO_SKILL,
        )
        for name, auc in aucs.items()
    ]


def cost_bars() -> list[Bar]:
    """Returns the wall time and peak memory of the whole command in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "nextstage", "quickstart", "--no-serve", "--json", "--dir", folder]
        started = time.monotonic()
        summary = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
        seconds = time.monotonic() - started
        customers = json.loads(summary.stdout)["customers"]
    gigabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    return [
        Bar("quickstart customers scored", str(HOUSEHOLDS), str(customers), customers == HOUSEHOLDS),
        Bar("quickstart wall time", f"< {MOST_SECONDS:.0f} s", f"{seconds:.0f} s", seconds < MOST_SECONDS),
        Bar("quickstart peak memory", f"< {MOST_GIGABYTES:.0f} GB", f"{gigabytes:.2f} GB", gigabytes < MOST_GIGABYTES),
    ]


def figures(training: Training) -> dict[str, Any]:
    """Returns every metric as plain data."""
    return {
        "periods": training.predictor.facts["periods"],
        "metrics": {result.name: result.metrics for result in training.results},
        "spend_metrics": training.predictor.facts["spend_metrics"],
    }


if __name__ == "__main__":
    sys.exit(main())
