"""The model's report card: versions side by side, figures beside baselines, and what was promised beside what came."""

from collections.abc import Mapping, Sequence
from typing import Any

OWN = "nextstage"
"""The name of the model among the methods."""
METRICS = ("log_loss", "accuracy", "auc", "average_precision", "brier", "ece", "lift_10")


def model_panel(
    versions: Sequence[tuple[str, Mapping[str, Any]]], horizon: str, card: str | None, address: str | None
) -> dict[str, Any]:
    """Returns the report card of the champion, which comes first, and of the challenger.

    Parameters
    ----------
    versions
        The role of each version and what ``describe_version`` says of it.
    horizon
        The main one.
    card
        The champion's model card.
    address
        Where the champion is shown by a tracking server; None without one.
    """
    described = [{"role": role, **described_version(facts)} for role, facts in versions]
    facts = versions[0][1]["facts"]
    return {
        "versions": described,
        "horizon": horizon,
        "metrics": _present(described),
        "deciles": [{"name": name, **_named(name), "rows": rows} for name, rows in facts.get("deciles", {}).items()],
        "card": card,
        "mlflow": address,
    }


def described_version(version: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what a version is made of, and how good it was where nobody had seen the answers."""
    facts = version["facts"]
    return {
        **{name: version[name] for name in ("name", "version", "fingerprint", "features")},
        "end": facts["end"],
        "customers": facts["customers"],
        "events": facts["events"],
        "tested": facts.get("periods", {}).get("test", " to ").split(" to "),
        "targets": [_target(name, methods, facts) for name, methods in facts.get("metrics", {}).items()],
    }


def _target(name: str, methods: Mapping[str, Mapping[str, float]], facts: Mapping[str, Any]) -> dict[str, Any]:
    grade = facts.get("grades", {}).get(name, {})
    order = sorted(methods, key=lambda method: method != OWN)  # the model first, the others as they were
    return {
        "name": name,
        **_named(name),
        "grade": grade.get("grade"),
        "reason": grade.get("reason"),
        "against": list(grade.get("against", [])),
        "methods": [{"name": method, "metrics": dict(methods[method])} for method in order],
    }


def _named(name: str) -> dict[str, str]:
    kind, _, horizon = name.rpartition("_")
    return {"kind": kind, "horizon": horizon}


def _present(versions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Returns the metrics that a page has words for and some target has."""
    found = {
        metric
        for each in versions
        for target in each["targets"]
        for own in target["methods"]
        for metric in own["metrics"]
    }
    return [metric for metric in METRICS if metric in found]
