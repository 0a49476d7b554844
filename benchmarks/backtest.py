"""The backtest's promises on real data: every horizon of every fold beats the Markov chains, and is calibrated.

Run with ``python -m benchmarks.backtest``: 2,469 households of completejourney, four rolling origins, horizons of 7,
14, 28 and 90 days. ``--quick`` takes one origin, every second cutoff and few rounds.
"""

import sys
from dataclasses import replace

from rich.table import Table

from benchmarks.bars import Bar, command_line, console, settle
from commands.backtest_tables import scorecard_table
from features.ingest import log_from_frame
from features.journey import load_journey
from features.sources.completejourney import SCHEMA, read_attributes, read_events
from models.bootstrap import Resampling
from training.backtest import Backtest, run_backtest
from training.config import PeriodConfig
from training.recipe import MODEL, Recipe
from training.scorecard import Scorecard, describe_backtest, scorecards

PERIODS = PeriodConfig(start="2017-02-26")
CHAINS = ("markov", "markov_2", "markov_3")
MOST_CALIBRATION_ERROR = 0.02


def main() -> int:
    """Measures every bar, prints the tables, and returns 1 if one is missed."""
    arguments = command_line(
        __doc__, "under a minute: one origin, half the cutoffs, few rounds; too few rows to judge calibration"
    ).parse_args()
    log, journey = log_from_frame(read_events(), SCHEMA, read_attributes()), load_journey("retail")
    recipe, folds, resampling = Recipe(periods=PERIODS), 4, Resampling(replicates=300)
    if arguments.quick:
        options = replace(recipe.options, rounds=15, learning_rate=0.3, threads=1)
        recipe, folds = Recipe(periods=PERIODS.model_copy(update={"every": "14d"}), options=options), 1
        resampling = Resampling(replicates=20)
    backtest = run_backtest(log, journey, recipe, folds)
    cards = scorecards(backtest, journey.stage_names, resampling=resampling)
    bars = [*chain_bars(backtest), *calibration_bars(cards, judged=not arguments.quick)]
    console.print(scorecard_table(cards), fold_table(backtest))
    return settle(bars, "Backtest of the retail data", arguments.json, **describe_backtest(backtest, cards))


def chain_bars(backtest: Backtest) -> list[Bar]:
    """Returns by how much the next stage's log loss is below that of the best Markov chain, at its closest fold."""
    bars = []
    for pooled in backtest.pooled:
        if pooled.target.kind == "next_stage":
            figures = [fold.metrics[pooled.name] for fold in backtest.folds]
            margins = [min(f[chain]["log_loss"] for chain in CHAINS) - f[MODEL]["log_loss"] for f in figures]
            closest = min(margins)
            bars.append(Bar(f"{pooled.name} below the best chain", "> 0 on every fold", f"{closest:.4f}", closest > 0))
    return bars


def calibration_bars(cards: tuple[Scorecard, ...], judged: bool) -> list[Bar]:
    """Returns the expected calibration error of the pooled folds beside what chance alone makes."""
    bars = []
    for card in cards:
        if card.deciles:
            error, chance = card.grade.calibration_error, card.grade.expected_by_chance
            told = f"{error:.4f} (chance alone {chance:.4f})"
            asked = f"<= {MOST_CALIBRATION_ERROR}" if judged else ""
            bars.append(
                Bar(f"{card.name} calibration error", asked, told, not judged or error <= MOST_CALIBRATION_ERROR)
            )
    return bars


def fold_table(backtest: Backtest) -> Table:
    """Returns the log loss of the model and of its best baseline, fold by fold."""
    first_days = [fold.periods.describe()["test"][:10] for fold in backtest.folds]
    table = Table("target", *(f"from {day}" for day in first_days), title="Log loss beside the best baseline's")
    for pooled in backtest.pooled:
        cells = []
        for fold in backtest.folds:
            metrics = {name: figures["log_loss"] for name, figures in fold.metrics[pooled.name].items()}
            cells.append(f"{metrics.pop(MODEL):.4f} ({min(metrics.values()):.4f})")
        table.add_row(pooled.name, *cells)
    return table


if __name__ == "__main__":
    sys.exit(main())
