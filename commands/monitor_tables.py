"""What a terminal shows of a model in use."""

from rich.table import Table

from commands.table_style import titled
from commands.training_tables import HEADINGS
from serving.monitor import MonitorReport

MATURED = ("auc", "log_loss", "brier", "ece", "lift_10")
MOST_DRIFTED = 5


def matured_table(report: MonitorReport) -> Table:
    """Returns what came of the last matured run of each target and horizon, beside what was promised."""
    table = titled("What happened, beside what was promised on the test period")
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


def drift_table(report: MonitorReport) -> Table:
    """Returns the stability index of every score, and of the features that have changed most."""
    table = titled("Population stability since training: above 0.25 much has changed")
    for heading in ("what", "index", "by chance"):
        table.add_column(heading, justify="left" if heading == "what" else "right", no_wrap=True)
    for drift in (*report.scores, *report.features[:MOST_DRIFTED]):
        style = "bold" if drift.is_large else None
        table.add_row(drift.name, f"{drift.index:.3f}", f"{drift.by_chance:.3f}", style=style)
    return table


def _known(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
