"""What the command line looks like: progress bars and the table of models beside their baselines."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pandas as pd
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from models.scores import VECTOR
from training.train import DECISIVE, MODEL, Result

HEADINGS = {
    "log_loss": "log loss",
    "accuracy": "acc.",
    "auc": "AUC",
    "average_precision": "AP",
    "brier": "Brier",
    "ece": "ECE",
    "lift_10": "lift",
}
AUDIENCE_HEADINGS = {
    "customer_id": "customer",
    "stage_current": "stage",
    "stage_next": "next stage",
    "stage_next_prob": "prob.",
    "churn_prob": "churn",
    "purchase_prob": "purchase",
}

Advance = Callable[[float], None]


@contextmanager
def progress_steps(console: Console) -> Iterator[Callable[[str], Advance]]:
    """Yields a function that starts a bar and returns how to advance it; a bar is full when the next one starts."""
    columns = (TextColumn("{task.description:<34}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:

        def start(description: str) -> Advance:
            finish()
            task = progress.add_task(description, total=1.0)
            return lambda share: progress.advance(task, share)

        def finish() -> None:
            for task in progress.tasks:
                progress.update(task.id, completed=1.0)
                progress.stop_task(task.id)

        yield start
        finish()


def comparison_table(results: Sequence[Result]) -> Table:
    """Returns every model beside its baselines; a decisive figure in which a baseline wins is marked."""
    table = _table("Each model beside its baselines on the later test period")
    table.add_column("target and model", no_wrap=True)
    for heading in HEADINGS.values():
        table.add_column(heading, justify="right", no_wrap=True)
    for result in results:
        lost = set(result.lost_to())
        table.add_row(result.target.name, style="bold")
        for name, metrics in result.metrics.items():
            cells = [_cell(metrics.get(metric), (name, metric) in lost) for metric in HEADINGS]
            table.add_row(f"  {name}", *cells, style="bold" if name == MODEL else None)
        table.add_section()
    return table


def verdict(results: Sequence[Result]) -> str:
    """Returns in one sentence whether the models beat their baselines."""
    lost = [f"{result.target.name} loses {metric} to {name}" for result in results for name, metric in result.lost_to()]
    if lost:  # in the table these figures carry an exclamation mark
        return f"Not every baseline is beaten (see !): {'; '.join(lost)}."
    decisive = "; ".join(f"{kind} in {' and '.join(metrics)}" for kind, metrics in DECISIVE.items())
    return f"Every baseline is beaten: {decisive}."


def stage_table(scores: pd.DataFrame) -> Table:
    """Returns who is in which stage now, and how many are expected to move there next, or to stay."""
    horizon = int(scores["horizon_days"].iloc[0])
    table = _table(f"Stages now, and the first move within {horizon} days")
    for heading in ("stage", "customers now", "move here or stay", "mean churn", "mean purchase"):
        table.add_column(heading, justify="left" if heading == "stage" else "right", no_wrap=True)
    for column in (name for name in scores.columns if name.startswith(VECTOR)):
        stage = column.removeprefix(VECTOR)
        here = scores[scores["stage_current"] == stage]
        shares = [_percent(here[name].astype(float).mean()) for name in ("churn_prob", "purchase_prob")]
        table.add_row(stage, f"{len(here):,}", f"{scores[column].sum():,.0f}", *shares)
    return table


def audience_table(audience: pd.DataFrame, name: str) -> Table:
    """Returns a few members of an audience with their scores."""
    table = _table(f"The first of the audience '{name}'")
    for column, heading in AUDIENCE_HEADINGS.items():
        table.add_column(heading, justify="right" if column.endswith("_prob") else "left", no_wrap=True)
    for row in audience[list(AUDIENCE_HEADINGS)].itertuples(index=False):
        table.add_row(*(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row))
    return table


def _table(title: str) -> Table:
    return Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1), pad_edge=False, title_justify="left")


def _percent(share: float) -> str:
    return "" if pd.isna(share) else f"{share:.1%}"


def _cell(value: float | None, baseline_wins: bool) -> str:
    if value is None:
        return ""
    return f"{value:.4f}!" if baseline_wins else f"{value:.4f}"
