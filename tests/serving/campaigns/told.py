"""Reports of campaigns in which everything occurs that a report can say. Simulated."""

from dataclasses import replace

import numpy as np

from models.intervals import Estimate, Share
from serving.campaigns.members import Campaign
from serving.campaigns.outcomes import Outcome
from serving.campaigns.report import CampaignReport, Comparison

MAY = Campaign("may", 0, 0.2, None, "purchase")


def comparison(treated: int, control: int, *difference: float) -> Comparison:
    """Returns arms of 8,000 and 2,000 customers with a difference and its interval."""
    value, low, high = difference
    before = control / 2_000
    lift = Estimate(value / before, low / before, high / before) if control else Estimate(np.inf, np.nan, np.inf)
    return Comparison("all", Share(treated, 8_000), Share(control, 2_000), Estimate(value, low, high), lift)


def report(overall: Comparison | None, kind: str = "purchase", event: str | None = None) -> CampaignReport:
    """Returns a report on everybody alone."""
    return CampaignReport(MAY, Outcome(kind, 28, event), overall, None, (), (), 0, 0, 0, 86_400 * 10**6 * 28)


WORKED = comparison(1_280, 240, 0.04, 0.0241, 0.0559)
UNPROVEN = comparison(900, 205, 0.01, -0.004, 0.024)
NEARLY = comparison(1_060, 205, 0.03, -0.0001, 0.0601)
REPORTS = {
    "worked": report(WORKED),
    "worked, of churn": report(comparison(640, 240, -0.04, -0.0559, -0.0241), "churn"),
    "harmed": report(comparison(640, 240, -0.04, -0.0559, -0.0241)),
    "of an event": report(WORKED, "event", "Signed Up"),
    "unproven": report(UNPROVEN),
    "unproven, nearly": report(NEARLY),
    "unproven and in vain": report(comparison(760, 205, -0.0075, -0.0221, 0.0071)),
    "nothing happened alone": report(comparison(10, 0, 0.00125, -0.0001, 0.002)),
    "too early": replace(report(None), too_early=1_207),
    "some to come": replace(report(WORKED), too_early=1),
    "with notes": replace(
        report(WORKED),
        spend=Estimate(1.5, -0.25, 3.25),
        by_stage=(WORKED,),
        too_early=22,
        not_sent=1_234,
        not_asked=2,
    ),
    "one of each": replace(report(WORKED), not_sent=1, not_asked=1),
}
