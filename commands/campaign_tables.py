"""What the terminal shows of campaigns."""

from typing import Any

from rich import box
from rich.table import Table

from models.intervals import Estimate
from serving.campaigns.report import CampaignReport, Comparison
from serving.reports.attribution import Attribution


def campaign_table(campaigns: list[dict[str, Any]]) -> Table:
    """Returns every campaign with its arms."""
    table = Table("campaign", "since", "audience", "holdout", "treated", "sent", "control", box=box.SIMPLE)
    for each in campaigns:
        sizes = [f"{each[name]:,}" for name in ("treated", "sent", "control")]
        table.add_row(each["name"], each["created_at"][:10], each["audience"] or "", f"{each['holdout']:.0%}", *sizes)
    return table


def arms_table(report: CampaignReport) -> Table:
    """Returns both arms of all members, of every stage and of every decile."""
    table = Table("group", "treated", "control", "difference, points", "lift", box=box.SIMPLE)
    if report.overall is not None:
        table.add_row(*_cells("all", report.overall))
    for heading, groups in (("stage", report.by_stage), (f"{report.campaign.score} decile", report.by_decile)):
        table.add_section()
        for group in groups:
            table.add_row(*_cells(f"{heading} {group.group}", group))
    return table


def credit_table(found: Attribution) -> Table:
    """Returns what each channel is credited with."""
    table = Table("channel", "without it", "Markov", "Shapley", box=box.SIMPLE)
    for each in found.channels:
        table.add_row(each.channel, f"{-each.removal:+.1%}", f"{each.markov:,.1f}", f"{each.shapley:,.1f}")
    return table


def _cells(name: str, arms: Comparison) -> tuple[str, ...]:
    shares = (f"{100 * share.value:.1f} % of {share.of:,}" for share in (arms.treated, arms.control))
    return (name, *shares, _interval(arms.difference), _interval(arms.lift, " %"))


def _interval(estimate: Estimate, unit: str = "") -> str:
    value, low, high = (100 * number for number in (estimate.value, estimate.low, estimate.high))
    return f"{value:+.1f}{unit} ({low:+.1f} to {high:+.1f})"
