"""What a terminal shows of whether data is fit to be trained on."""

from rich.table import Table
from rich.text import Text

from commands.table_style import titled
from training.readiness.finding import Verdict
from training.readiness.report import ReadinessReport

COLOURS = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.BLOCKS: "bold red"}


def readiness_table(report: ReadinessReport) -> Table:
    """Returns a line per finding."""
    table = titled("The data that nextstage.yaml names")
    for heading in ("verdict", "what", "found"):
        table.add_column(heading, overflow="fold")
    for finding in report.findings:
        table.add_row(Text(finding.verdict, COLOURS[finding.verdict]), Text(finding.subject), Text(finding.sentence))
    return table


def readiness(report: ReadinessReport) -> str:
    """Returns in one sentence whether training can begin."""
    blocked, warned = report.count(Verdict.BLOCKS), report.count(Verdict.WARNING)
    if blocked:
        return f"Not ready: {blocked} of {len(report.findings)} lines block training, {warned} warn."
    return f"Ready: nothing blocks training, {warned} of {len(report.findings)} lines warn."
