"""One stage: those of its customers who are most likely to leave it, and why."""

from collections import Counter
from typing import Any

from features.languages.messages import ENGLISH
from serving.reports.customer import answer
from serving.reports.run_report import read_leading
from serving.scorer import Scorer

MOST_SHOWN = 25
MOST_COMMON = 6


def stage_panel(
    scorer: Scorer, run_id: int, stage: str, as_of: int, horizon: str, language: str = ENGLISH
) -> dict[str, Any]:
    """Returns the leading customers of a stage in a run with what the API says of them, and their common reasons.

    Who has opted out since is left out.

    Parameters
    ----------
    as_of
        The cutoff of the run, UTC microseconds.
    language
        Of the reasons.
    """
    with scorer.store.database.reading() as connection:
        customers = read_leading(connection, run_id, stage)[:MOST_SHOWN]
    told = answer(scorer, customers, as_of, language) if customers else []
    records = [each for each in told if "suppressed" not in each]
    rows = [
        {
            "customer_id": record["customer_id"],
            "moves": 1.0 - record["next_stage"][horizon][record["stage_current"]],
            **{name: record.get(name) for name in ("stage_next", "churn_prob", "purchase_prob", "stage_since")},
            "reasons": record["reasons"].get("next_stage", []),
        }
        for record in records
    ]
    return {"stage": stage, "customers": rows, "common": _common(rows)}


def _common(rows: list[dict[str, Any]]) -> list[list[Any]]:
    """Returns the features that are given as a reason most often, in the words of the customer that is listed first."""
    counted = Counter(reason["feature"] for row in rows for reason in row["reasons"] if reason["direction"] == "raises")
    words: dict[str, str] = {}
    for row in rows:
        for reason in row["reasons"]:
            words.setdefault(reason["feature"], reason["words"])
    return [[words[feature], times] for feature, times in counted.most_common(MOST_COMMON) if times > 1]
