"""What a terminal shows of training and tuning."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table

from commands.table_style import titled
from models.metrics import LOWER_IS_BETTER
from training.recipe import MODEL
from training.result import DECISIVE, Result
from training.spend import SpendResult

if TYPE_CHECKING:
    from training.tune import Tuning  # importing it imports optuna

HEADINGS = {
    "log_loss": "log loss",
    "accuracy": "acc.",
    "auc": "AUC",
    "average_precision": "AP",
    "brier": "Brier",
    "ece": "ECE",
    "lift_10": "lift",
}
SPEND_HEADINGS = {
    "mae": "MAE",
    "rmse": "RMSE",
    "bias": "bias",
    "spearman": "rank",
    "coverage": "in 90 %",
}


def comparison_table(results: Sequence[Result], horizon: str) -> Table:
    """Returns every model beside its baselines at one horizon; a decisive figure in which a baseline wins is marked."""
    table = titled("Each model beside its baselines on the later test period")
    table.add_column("target and model", no_wrap=True)
    for heading in HEADINGS.values():
        table.add_column(heading, justify="right", no_wrap=True)
    for result in (each for each in results if each.horizon == horizon):
        lost = set(result.lost_to())
        table.add_row(result.name, style="bold")
        for name, metrics in result.metrics.items():
            cells = [_cell(metrics.get(metric), (name, metric) in lost) for metric in HEADINGS]
            table.add_row(f"  {name}", *cells, style="bold" if name == MODEL else None)
        table.add_section()
    return table


def spend_table(results: Sequence[SpendResult]) -> Table:
    """Returns the model of spending beside its baselines; a customer counts once at each cutoff."""
    table = titled("What each customer spends, beside baselines on the same period")
    table.add_column("spending and model", no_wrap=True)
    for heading in SPEND_HEADINGS.values():
        table.add_column(heading, justify="right", no_wrap=True)
    for result in results:
        table.add_row(f"{result.name}, mean {result.actual.mean():,.2f}", style="bold")
        for name, metrics in result.metrics.items():
            cells = [f"{metrics[metric]:,.3f}" if metric in metrics else "" for metric in SPEND_HEADINGS]
            table.add_row(f"  {name}", *cells, style="bold" if name == MODEL else None)
        table.add_section()
    return table


def horizon_table(results: Sequence[Result]) -> Table:
    """Returns the decisive figures of every target and horizon, each before that of the best baseline."""
    table = titled("Every horizon: what decides, the model before its best baseline")
    for heading in ("target", "metric", "model", "best", "metric", "model", "best", "ECE"):
        table.add_column(heading, justify="left" if heading in ("target", "metric") else "right", no_wrap=True)
    for result in results:
        cells = [cell for metric in DECISIVE[result.target.kind] for cell in _beside(result, metric)]
        table.add_row(result.name, *cells, f"{result.metrics[MODEL]['ece']:.4f}")
    return table


def _beside(result: Result, metric: str) -> tuple[str, str, str]:
    others = [figures[metric] for name, figures in result.metrics.items() if name != MODEL]
    best = min(others) if metric in LOWER_IS_BETTER else max(others)
    return HEADINGS[metric], f"{result.metrics[MODEL][metric]:.4f}", f"{best:.4f}"


def verdict(results: Sequence[Result]) -> str:
    """Returns in one sentence whether the models beat their baselines."""
    if not results:
        return "Nothing could be learnt or measured yet."
    lost = [f"{result.name} loses {metric} to {name}" for result in results for name, metric in result.lost_to()]
    if lost:  # in the table these figures carry an exclamation mark
        return f"Not every baseline is beaten (see !): {'; '.join(lost)}."
    kinds = dict.fromkeys(result.target.kind for result in results)
    decisive = "; ".join(f"{kind} in {' and '.join(DECISIVE[kind])}" for kind in kinds)
    return f"Every baseline is beaten: {decisive}."


def kinds_by_reason(shortages: Mapping[str, str]) -> dict[str, str]:
    """Returns the targets that lack data, those for the same reason in one text.

    Examples
    --------
    >>> kinds_by_reason({"churn": "too short", "purchase": "too short"})
    {'too short': 'churn, purchase'}
    """
    reasons = dict.fromkeys(shortages.values())
    return {reason: ", ".join(kind for kind, why in shortages.items() if why == reason) for reason in reasons}


def tuning_sentence(found: "Tuning", facts: Mapping[str, Any]) -> str:
    """Returns in two sentences what a search found, and on what."""
    gain = 1.0 - found.relative
    better = f"lower by {gain:.2%} on average" if gain > 0 else "not lower than with the options it began with"
    return (
        f"The best of {found.finished + found.pruned} options ({found.pruned} given up early) has a log loss {better}. "
        f"Measured at {', '.join(facts['horizons'])} on events up to {facts['until']}, before those that 'train' is "
        "measured on."
    )


def _cell(value: float | None, baseline_wins: bool) -> str:
    if value is None:
        return ""
    return f"{value:.4f}!" if baseline_wins else f"{value:.4f}"
