"""What the command line looks like: progress bars and the table of models beside their baselines."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from models.scores import VECTOR
from training.train import DECISIVE, MODEL, Result

SHOWN = ("log_loss", "accuracy", "auc", "average_precision", "brier", "ece", "lift_10")

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
    table = Table(title="On the later test period: each model beside its baselines")
    for heading in ("target", "model", *SHOWN):
        table.add_column(heading, justify="left" if heading in ("target", "model") else "right")
    for result in results:
        lost = set(result.lost_to())
        for name, metrics in result.metrics.items():
            cells = [_cell(metrics.get(metric), (name, metric) in lost) for metric in SHOWN]
            label = result.target.name if name == MODEL else ""
            table.add_row(label, name, *cells, style="bold" if name == MODEL else None)
        table.add_section()
    return table


def verdict(results: Sequence[Result]) -> str:
    """Returns in one sentence whether the models beat their baselines."""
    lost = [f"{result.target.name} loses {metric} to {name}" for result in results for name, metric in result.lost_to()]
    if lost:
        return f"Not every baseline is beaten: {'; '.join(lost)}."
    decisive = "; ".join(f"{kind} in {' and '.join(metrics)}" for kind, metrics in DECISIVE.items())
    return f"Every baseline is beaten: {decisive}."


def _cell(value: float | None, baseline_wins: bool) -> str:
    if value is None:
        return ""
    return f"{value:.4f} wins" if baseline_wins else f"{value:.4f}"


def stage_table(scores: pd.DataFrame) -> Table:
    """Returns who is in which stage now, and how many are expected there when the horizon has passed."""
    horizon = int(scores["horizon_days"].iloc[0])
    table = Table(title=f"Where customers are, and where they are expected to go within {horizon} days")
    for heading in ("stage", "customers now", "expected next", "mean churn", "mean purchase"):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    for column in (name for name in scores.columns if name.startswith(VECTOR)):
        stage = column.removeprefix(VECTOR)
        here = scores[scores["stage_current"] == stage]
        churn = here["churn_prob"].astype(float).mean()
        table.add_row(
            stage,
            f"{len(here):,}",
            f"{scores[column].sum():,.0f}",
            "" if pd.isna(churn) else f"{churn:.1%}",
            f"{here['purchase_prob'].mean():.1%}" if len(here) else "",
        )
    return table


def audience_table(audience: pd.DataFrame, name: str) -> Table:
    """Returns a few members of an audience with their scores."""
    table = Table(title=f"The first of the audience '{name}'")
    shown = ("customer_id", "stage_current", "stage_next", "stage_next_prob", "churn_prob", "purchase_prob")
    for heading in shown:
        table.add_column(heading, justify="right" if heading.endswith("_prob") else "left")
    for row in audience[list(shown)].itertuples(index=False):
        table.add_row(*(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row))
    return table
