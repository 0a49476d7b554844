"""Whether a campaign did anything: its two arms compared, with intervals, and said in a sentence."""

from dataclasses import asdict, dataclass
from datetime import datetime
from math import isfinite
from typing import Any

import numpy as np

from features.arrays import Bools
from features.errors import ConfigError
from features.journey import Journey
from features.timestamps import to_iso
from models.intervals import (
    CONFIDENCE,
    Estimate,
    Share,
    mean_difference,
    relative_lift,
    share_difference,
    shared_confidence,
)
from models.power import Trial
from serving.campaigns.arms import TREATED
from serving.campaigns.members import Campaign, campaign_named, read_members
from serving.campaigns.outcomes import ObservedMembers, Outcome, observe
from serving.languages.messages import ENGLISH, Messages, messages
from serving.store import Store

WORKED, HARMED, UNPROVEN, TOO_EARLY = "worked", "harmed", "unproven", "too early"
FEWEST = 2
"""Customers in each arm below which there is nothing to compare."""
INTERVAL = {"difference": "value", "low": "low", "high": "high"}
"""What messages call the parts of an estimate."""


@dataclass(frozen=True)
class Comparison:
    """Both arms of one group of members.

    Parameters
    ----------
    group
        A stage, a decile, or ``all``.
    difference
        The share of the treated less that of the control group.
    lift
        By what part the first is larger; its value is infinite where it happened to nobody in the control group.
    """

    group: str
    treated: Share
    control: Share
    difference: Estimate
    lift: Estimate

    @classmethod
    def of(cls, group: str, seen: ObservedMembers, rows: Bools, confidence: float) -> "Comparison":
        """Compares the arms of some members."""
        arms = [rows & seen.is_treated, rows & ~seen.is_treated]
        treated, control = (Share(int(seen.happened[arm].sum()), int(arm.sum())) for arm in arms)
        difference = share_difference(treated, control, confidence)
        return cls(group, treated, control, difference, relative_lift(treated, control, confidence))

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data; what is infinite is None."""
        return {
            "group": self.group,
            "treated": _plain_share(self.treated),
            "control": _plain_share(self.control),
            "difference": plain_estimate(self.difference),
            "lift": plain_estimate(self.lift),
        }


@dataclass(frozen=True)
class CampaignReport:
    """What came of a campaign.

    Parameters
    ----------
    overall
        None as long as an arm has fewer than two members whose horizon is over.
    spend
        What a treated customer spent more than one of the control group, on average.
    by_stage, by_decile
        The groups that have both arms; their intervals hold all at once.
    too_early, not_asked, not_sent
        Members whose horizon is not over, of whom the question makes no sense, and treated ones who were refused.
    """

    campaign: Campaign
    outcome: Outcome
    overall: Comparison | None
    spend: Estimate | None
    by_stage: tuple[Comparison, ...]
    by_decile: tuple[Comparison, ...]
    too_early: int
    not_asked: int
    not_sent: int
    complete_at: int

    @property
    def verdict(self) -> str:
        """One of ``worked``, ``harmed``, ``unproven`` and ``too early``."""
        if self.overall is None:
            return TOO_EARLY
        difference = self.overall.difference
        if not (difference.is_above_zero or difference.is_below_zero):
            return UNPROVEN
        return WORKED if difference.is_above_zero == self.outcome.is_good else HARMED

    def to_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """Returns plain data, with the sentence in a language."""
        return {
            "campaign": {**asdict(self.campaign), "created_at": to_iso(self.campaign.created_at)},
            "outcome": asdict(self.outcome),
            "verdict": self.verdict,
            "sentence": sentence(self, language),
            "overall": None if self.overall is None else self.overall.to_dict(),
            "spend_difference": None if self.spend is None else plain_estimate(self.spend),
            "by_stage": [group.to_dict() for group in self.by_stage],
            "by_decile": [group.to_dict() for group in self.by_decile],
            "too_early": self.too_early,
            "not_asked": self.not_asked,
            "not_sent": self.not_sent,
            "complete_at": to_iso(self.complete_at),
        }


def campaign_report(store: Store, journey: Journey, name: str, outcome: Outcome, now: int) -> CampaignReport:
    """Returns the report of a campaign, as the store knows it.

    Raises
    ------
    UnknownCampaignError
        If there is no campaign of that name.
    ConfigError
        If it has no members, or the outcome cannot be asked of them.
    """
    with store.database.reading() as connection:
        campaign = campaign_named(connection, name)
        members = read_members(connection, name)
    if members.empty:
        raise ConfigError(f"campaign '{name}' has no members; send it by 'nextstage push' or 'export' --campaign")
    not_sent = int(((members["arm"] == TREATED) & members["sent_at"].isna()).sum())
    return compare(campaign, outcome, observe(store, journey, members, outcome, now), not_sent)


def compare(campaign: Campaign, outcome: Outcome, seen: ObservedMembers, not_sent: int) -> CampaignReport:
    """Returns the report of what was observed.

    Raises
    ------
    ConfigError
        If all members turned out to be of whom the question makes no sense.
    """
    if len(seen.happened) == 0 and not seen.too_early:
        raise ConfigError(
            f"campaign '{campaign.name}' has no member of whom '{outcome.kind}' can be asked; ask for another --outcome"
        )
    everybody = np.ones(len(seen.happened), dtype=bool)
    enough = min(seen.is_treated.sum(), (~seen.is_treated).sum()) >= FEWEST
    stages = [(str(stage), seen.stage == stage) for stage in sorted({stage for stage in seen.stage if stage})]
    deciles = [(str(decile), seen.decile == decile) for decile in np.unique(seen.decile[seen.decile > 0]).tolist()]
    return CampaignReport(
        campaign=campaign,
        outcome=outcome,
        overall=Comparison.of("all", seen, everybody, CONFIDENCE) if enough else None,
        spend=mean_difference(seen.spend[seen.is_treated], seen.spend[~seen.is_treated]) if enough else None,
        by_stage=_groups(seen, stages),
        by_decile=_groups(seen, deciles),
        too_early=seen.too_early,
        not_asked=seen.not_asked,
        not_sent=not_sent,
        complete_at=seen.complete_at,
    )


def sentence(report: CampaignReport, language: str = ENGLISH) -> str:
    """Says whether the campaign did anything, in words that claim no more than the figures."""
    spoken, coming = messages(language), {"count": report.too_early, "last": _day(report.complete_at)}
    days = spoken.cases("amounts.day", count=report.outcome.days)
    if report.overall is None:
        return spoken.text("campaign.too_early", days=days, **coming)
    arms, difference = report.overall, report.overall.difference
    figures = spoken.text(
        "campaign.figures",
        treated=100 * arms.treated.value,
        treated_of=arms.treated.of,
        control=100 * arms.control.value,
        control_of=arms.control.of,
        did=spoken.text(f"campaign.did_{report.outcome.kind}", event=report.outcome.event),
        days=days,
        **_interval(difference, 100),
    )
    still = [spoken.text("campaign.to_come", **coming)] if report.too_early else []
    return " ".join([_claim(report, spoken), figures, *still])


def notes(report: CampaignReport, language: str = ENGLISH) -> list[str]:
    """Says how the figures are to be read."""
    spoken = messages(language)
    said = [] if report.spend is None else [spoken.text("campaign.spent", **_interval(report.spend))]
    if report.by_stage or report.by_decile:
        said.append(spoken.text("campaign.at_once"))
    for key, count in (("campaign.not_sent", report.not_sent), ("campaign.not_asked", report.not_asked)):
        if count:
            said.append(spoken.text(key, count=count))
    return said


def _claim(report: CampaignReport, spoken: Messages) -> str:
    if report.verdict in (WORKED, HARMED):
        return spoken.text(f"campaign.{report.verdict}")
    more = _needed(report)
    if more is None:
        return spoken.text("campaign.unproven")
    return spoken.text("campaign.unproven_more", count=more) if more > 0 else spoken.text("campaign.unproven_again")


def _needed(report: CampaignReport) -> int | None:
    """Returns how many more customers would prove a difference of the measured size; None if nothing would."""
    arms = report.overall
    if arms is None or arms.control.count == 0 or (arms.difference.value > 0) != report.outcome.is_good:
        return None
    lift, holdout = arms.lift.value, arms.control.of / (arms.control.of + arms.treated.of)
    if lift == 0 or not 0 < arms.control.value * (1 + lift) < 1 or not arms.control.value < 1:
        return None
    return Trial(arms.control.value, lift, holdout).size().total - arms.control.of - arms.treated.of


def _interval(estimate: Estimate, scale: float = 1.0) -> dict[str, float]:
    return {name: scale * getattr(estimate, key) for name, key in INTERVAL.items()}


def _day(moment: int) -> datetime:
    return datetime.fromisoformat(to_iso(moment))


def _groups(seen: ObservedMembers, named: list[tuple[str, Bools]]) -> tuple[Comparison, ...]:
    both = [
        (name, rows)
        for name, rows in named
        if min((rows & seen.is_treated).sum(), (rows & ~seen.is_treated).sum()) >= FEWEST
    ]
    return tuple(Comparison.of(name, seen, rows, shared_confidence(len(both))) for name, rows in both)


def _plain_share(share: Share) -> dict[str, float | int]:
    return {"customers": share.of, "happened": share.count, "share": share.value}


def plain_estimate(estimate: Estimate) -> dict[str, float | None]:
    """Returns an estimate as JSON takes it: what is infinite is None."""
    return {name: value if isfinite(value) else None for name, value in asdict(estimate).items()}
