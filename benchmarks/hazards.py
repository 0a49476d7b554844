"""One hazard model against a direct classifier for each horizon, on the same real data, features and folds.

Run with ``python -m benchmarks.hazards``: churn and purchase of 2,469 households at four rolling origins. The direct
classifier has as many trees and calibrates on rows whose horizon lies in the calibration period, or, where none is
so short, on those whose horizon ends in it. ``--quick`` takes one origin, two horizons and few rounds.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from features.arrays import Bools, Floats
from features.durations import parse_duration
from features.ingest import log_from_frame
from features.journey import load_journey
from features.sources.completejourney import SCHEMA, read_attributes, read_events
from features.targets import NO_LABEL, Target
from features.vocabulary import Vocabulary
from models.choice import choose_calibrator
from models.classifier import BoostedClassifier, BoostingOptions
from models.enough import FEWEST_ROWS
from models.metrics import log_loss
from training.backtest import run_backtest
from training.config import PeriodConfig
from training.dataset import Dataset
from training.periods import Periods
from training.recipe import MODEL, Recipe
from training.result import FOREVER
from training.train import question_of

RECIPE = Recipe(periods=PeriodConfig(start="2017-02-26"), kinds=("next_stage", "churn", "purchase"))
MOST_LOST = 0.002
"""Nats by which the hazards' pooled log loss may be above that of the direct classifiers."""


def main() -> int:
    """Measures every bar, prints the table, and returns 1 if one is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute: one origin, two horizons, few rounds")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    recipe, folds = RECIPE, 4
    if arguments.quick:
        options = replace(recipe.options, rounds=15, learning_rate=0.3, threads=1)
        recipe, folds = replace(recipe, horizons=("7d", "28d"), options=options), 1
    rows = compared(recipe, folds)
    table = Table("target", "rows", "hazards", "direct", "", title="Log loss over the folds that both can learn")
    for row in rows:
        table.add_row(*(str(cell) for cell in row.values()))
    Console(width=120).print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row["verdict"] == "met" for row in rows) else 1


def compared(recipe: Recipe, folds: int) -> list[dict[str, object]]:
    """Returns for each target and horizon the pooled log loss of both forms."""
    log, journey = log_from_frame(read_events(), SCHEMA, read_attributes()), load_journey("retail")
    backtest = run_backtest(log, journey, recipe, folds)
    question = question_of(Vocabulary.of(log), journey, recipe, backtest.folds[-1].periods)
    data = question.dataset(log)
    rows: list[dict[str, object]] = []
    for target in question.targets[1:]:
        for horizon in recipe.horizons:
            losses, n = np.zeros(2), 0
            for fold in backtest.folds:
                direct = direct_probabilities(data, target, horizon, fold.periods, recipe.options)
                if direct is not None:
                    result = next(each for each in fold.results if each.name == f"{target.kind}_{horizon}")
                    both = result.probabilities[MODEL], direct
                    losses += [log_loss(probabilities, result.y) * len(result.y) for probabilities in both]
                    n += len(result.y)
            hazards, other = losses / n
            met = "met" if hazards <= other + MOST_LOST else "MISSED"
            named = {"target": f"{target.kind}_{horizon}", "rows": n}
            rows.append({**named, "hazards": f"{hazards:.4f}", "direct": f"{other:.4f}", "verdict": met})
    return rows


def direct_probabilities(
    data: Dataset, target: Target, horizon: str, periods: Periods, options: BoostingOptions
) -> Floats | None:
    """Returns what a classifier of this one horizon says of the test period; None without enough rows to learn."""
    X, width = data.matrices[MODEL], parse_duration(horizon)
    y = data.labels(target, horizon, FOREVER)
    known: Bools = y != NO_LABEL
    fitted = known & (data.cutoff + width <= periods.fitted_until)
    ended = known & (data.cutoff + width <= periods.calibrated_until)
    calibrated = ended & (data.cutoff >= periods.fitted_until)
    if calibrated.sum() < FEWEST_ROWS:
        calibrated = ended & ~fitted
    if fitted.sum() < FEWEST_ROWS:
        return None
    classifier = BoostedClassifier(2, options)
    classifier.fit(X[fitted], y[fitted], tuple(f"f{column}" for column in range(X.shape[1])))
    customer = data.snapshots.customer[calibrated]
    choice = choose_calibrator(classifier.predict_proba(X[calibrated]), y[calibrated], customer, seed=7)
    return choice.calibrator.apply(classifier.predict_proba(X[known & np.isin(data.cutoff, periods.tested)]))


if __name__ == "__main__":
    sys.exit(main())
