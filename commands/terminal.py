"""What the command line looks like: progress bars and the table of models beside their baselines."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from models.metrics import LOWER_IS_BETTER
from models.personas import Personas
from models.scores import VECTOR
from training.readiness.finding import Verdict
from training.readiness.report import Report
from training.recipe import MODEL
from training.result import DECISIVE, Result
from training.spend import SpendResult

if TYPE_CHECKING:
    from serving.monitor import Report as Watched
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
STAGE_COLUMNS = ("stage_current", "horizon_days", "churn_prob", "purchase_prob", VECTOR)
"""What ``stage_table`` looks at; vectors have a column for each stage."""

MATURED = ("auc", "log_loss", "brier", "ece", "lift_10")
MOST_DRIFTED = 5

AUDIENCE_HEADINGS = {
    "customer_id": "customer",
    "stage_current": "stage",
    "stage_next": "next stage",
    "stage_next_prob": "prob.",
    "churn_prob": "churn",
    "purchase_prob": "purchase",
}
COLOURS = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.BLOCKS: "bold red"}

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


def comparison_table(results: Sequence[Result], horizon: str) -> Table:
    """Returns every model beside its baselines at one horizon; a decisive figure in which a baseline wins is marked."""
    table = plain_table("Each model beside its baselines on the later test period")
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
    table = plain_table("What each customer spends, beside baselines on the same period")
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
    table = plain_table("Every horizon: what decides, the model before its best baseline")
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


def readiness_table(report: Report) -> Table:
    """Returns a line per finding."""
    table = plain_table("The data that nextstage.yaml names")
    for heading in ("verdict", "what", "found"):
        table.add_column(heading, overflow="fold")
    for finding in report.findings:
        table.add_row(Text(finding.verdict, COLOURS[finding.verdict]), Text(finding.subject), Text(finding.sentence))
    return table


def readiness(report: Report) -> str:
    """Returns in one sentence whether training can begin."""
    blocked, warned = report.count(Verdict.BLOCKS), report.count(Verdict.WARNING)
    if blocked:
        return f"Not ready: {blocked} of {len(report.findings)} lines block training, {warned} warn."
    return f"Ready: nothing blocks training, {warned} of {len(report.findings)} lines warn."


def stage_table(scores: pd.DataFrame) -> Table:
    """Returns who is in which stage now, and how many are expected to move there next, or to stay."""
    horizon = int(scores["horizon_days"].iloc[0])
    table = plain_table(f"Stages now, and the first move within {horizon} days")
    for heading in ("stage", "customers now", "move here or stay", "mean churn", "mean purchase"):
        table.add_column(heading, justify="left" if heading == "stage" else "right", no_wrap=True)
    for column in (name for name in scores.columns if name.startswith(VECTOR)):
        stage = column.removeprefix(VECTOR)
        here = scores[scores["stage_current"] == stage]
        shares = [_percent(here[name].astype(float).mean()) for name in ("churn_prob", "purchase_prob")]
        table.add_row(stage, f"{len(here):,}", f"{scores[column].sum():,.0f}", *shares)
    return table


def persona_lines(personas: Personas) -> list[str]:
    """Returns each persona with its size and what sets it apart."""
    if not personas.is_divided:
        return ["No stable division: the customers are one group, and everybody is persona P1."]
    return [f"{one.name}, {_percent(one.share)} of customers: {one.describe()}." for one in personas.personas]


def audience_table(audience: pd.DataFrame, name: str) -> Table:
    """Returns a few members of an audience with their scores."""
    table = plain_table(f"The first of the audience '{name}'")
    for column, heading in AUDIENCE_HEADINGS.items():
        table.add_column(heading, justify="right" if column.endswith("_prob") else "left", no_wrap=True)
    for row in audience[list(AUDIENCE_HEADINGS)].itertuples(index=False):
        table.add_row(*(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row))
    return table


def matured_table(report: "Watched") -> Table:
    """Returns what came of the last matured run of each target and horizon, beside what was promised."""
    table = plain_table("What happened, beside what was promised on the test period")
    for heading in ("target", "run", "customers", *(f"{HEADINGS[each]} was" for each in MATURED), "skill", "promised"):
        table.add_column(heading, justify="left" if heading == "target" else "right", no_wrap=True)
    for card in report.cards:
        figures = [
            f"{card.metrics[each]:.3f} {_known(card.promised.get(each))}" if each in card.metrics else ""
            for each in MATURED
        ]
        skill = f"{card.metrics['skill']:.3f} ({card.intervals['skill'][0]:.3f} to {card.intervals['skill'][1]:.3f})"
        table.add_row(
            card.name, str(card.run_id), f"{card.rows:,}", *figures, skill, _known(card.promised.get("skill"))
        )
    return table


def drift_table(report: "Watched") -> Table:
    """Returns the stability index of every score, and of the features that have changed most."""
    table = plain_table("Population stability since training: above 0.25 much has changed")
    for heading in ("what", "index", "by chance"):
        table.add_column(heading, justify="left" if heading == "what" else "right", no_wrap=True)
    for drift in (*report.scores, *report.features[:MOST_DRIFTED]):
        style = "bold" if drift.is_large else None
        table.add_row(drift.name, f"{drift.index:.3f}", f"{drift.by_chance:.3f}", style=style)
    return table


def _known(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def plain_table(title: str) -> Table:
    """Returns an empty table, the columns close together."""
    return Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1), pad_edge=False, title_justify="left")


def _percent(share: float) -> str:
    return "" if pd.isna(share) else f"{share:.1%}"


def _cell(value: float | None, baseline_wins: bool) -> str:
    if value is None:
        return ""
    return f"{value:.4f}!" if baseline_wins else f"{value:.4f}"
