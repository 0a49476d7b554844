"""What the terminal shows of a model in use; as wide as eighty characters."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.table import Table

from commands.table_style import titled
from commands.training_tables import HEADINGS

if TYPE_CHECKING:
    from serving.matured import Card
    from serving.monitor import MonitorReport

MATURED = ("auc", "log_loss", "brier", "ece", "lift_10", "skill")
MOST_DRIFTED = 5


def matured_table(report: "MonitorReport") -> Table:
    """Returns what came of the last matured run of each target and horizon, above what was promised.

    Below both stands the interval of the skill, which the verdict rests on.
    """
    table = titled("What happened (now), above what the test period promised (then)")
    for heading in ("target and run", "", *(HEADINGS.get(metric, metric) for metric in MATURED)):
        left = heading in ("target and run", "")
        table.add_column(heading, justify="left" if left else "right", no_wrap=True)
    for card in report.cards:
        table.add_row(card.name, "now", *_figures(card.metrics), style="bold")
        table.add_row(f"  {card.rows:,} in run {card.run_id}", "then", *_figures(card.promised))
        if "skill" in card.intervals:
            table.add_row("", "95 %", *([""] * (len(MATURED) - 1)), _interval(card))
    return table


def drift_table(report: "MonitorReport") -> Table:
    """Returns the stability index of every score, and of the features that have changed most."""
    table = titled("Population stability since training: above 0.25 much has changed")
    for heading in ("what", "index", "by chance"):
        table.add_column(heading, justify="left" if heading == "what" else "right", no_wrap=True)
    for drift in (*report.scores, *report.features[:MOST_DRIFTED]):
        style = "bold" if drift.is_large else None
        table.add_row(drift.name, f"{drift.index:.3f}", f"{drift.by_chance:.3f}", style=style)
    return table


def _figures(metrics: Mapping[str, float]) -> list[str]:
    return [f"{metrics[metric]:.3f}" if metric in metrics else "" for metric in MATURED]


def _interval(card: "Card") -> str:
    low, high = card.intervals["skill"]
    return f"{low:.2f} to {high:.2f}"
