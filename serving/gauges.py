"""What Prometheus is told of the model's grades: figures as of now, read from the store when it asks."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from serving.judgement import VERDICTS
from serving.matured import latest_cards, read_cards
from serving.monitor import last_verdict
from serving.runs import read_runs

FIGURES = ("auc", "brier", "log_loss", "ece", "lift_10", "skill")


class Reading(NamedTuple):
    """One gauge with its labels."""

    name: str
    words: str
    labels: Mapping[str, str]
    value: float


def readings(connection: Connection, now: float) -> list[Reading]:
    """Returns the gauges of the last scores and of the last verdict; none before there are any.

    Parameters
    ----------
    now
        The clock in seconds.
    """
    found, runs, last = [], read_runs(connection), last_verdict(connection)
    if runs:
        age = now - runs[-1].scored_at / 1e6
        found.append(Reading("nextstage_scores_age_seconds", "Since the last scoring run began", {}, age))
    if last is None:
        return found
    found.append(Reading("nextstage_verdict_age_seconds", "Since the last verdict", {}, now - last["at"] / 1e6))
    found += [
        Reading("nextstage_verdict", "1 for the last verdict", {"verdict": word}, float(word == last["verdict"]))
        for word in VERDICTS
    ]
    for card in latest_cards(read_cards(connection), last["model"]["name"], last["model"]["version"]):
        about = {"target": card.target, "horizon": card.horizon}
        for name, words, figures in (
            ("nextstage_matured", "What came of the last run that matured", card.metrics),
            ("nextstage_promised", "The same on the test period of the model", card.promised),
        ):
            known = ((figure, figures[figure]) for figure in FIGURES if figure in figures)
            found += [Reading(name, words, {**about, "figure": figure}, value) for figure, value in known]
        found.append(Reading("nextstage_matured_customers", "Customers whose outcome is known", about, card.rows))
    words = "Population stability index since training"
    scores, features = last["drift"]["scores"], last["drift"]["features"]
    found += [Reading("nextstage_score_stability", words, {"score": each["name"]}, each["index"]) for each in scores]
    if features:
        large = float(sum(each["is_large"] for each in features))
        found.append(Reading("nextstage_features_drifted", "Features whose distribution has changed much", {}, large))
        found.append(Reading("nextstage_feature_stability_max", words, {}, max(each["index"] for each in features)))
    return found
