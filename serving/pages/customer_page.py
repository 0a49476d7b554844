"""One customer as a page: the scores by horizon, and the next-stage vectors as bars."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

YES_NO = ("churn", "purchase")
COLOURS = {"churn": "--stage-6", "purchase": "--stage-3", "moves": "--accent"}


def score_rows(scores: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns what is expected within each horizon."""
    stage, vectors = scores["stage_current"], scores["next_stage"]
    return [
        {
            "horizon": horizon,
            "moves": 1.0 - vector[stage],
            **{kind: scores[kind][horizon] for kind in YES_NO if kind in scores},
            **({"spend": scores["spend"].get(horizon, {}).get("expected")} if "spend" in scores else {}),
        }
        for horizon, vector in vectors.items()
    ]


def vector_rows(scores: Mapping[str, Any], stages: Sequence[str]) -> list[dict[str, Any]]:
    """Returns each horizon's vector, and where its parts begin in a bar from 0 to 1."""
    rows = []
    for horizon, shares in scores["next_stage"].items():
        starts = [sum(shares[name] for name in stages[:place]) for place in range(len(stages))]
        parts = [
            {"stage": name, "start": start, "share": shares[name]} for name, start in zip(stages, starts, strict=True)
        ]
        rows.append({"horizon": horizon, "shares": shares, "parts": parts})
    return rows


def history_chart(history: Mapping[str, Any], text: Callable[[str], str]) -> dict[str, Any]:
    """Returns what a chart of earlier scores draws."""
    lines = [
        {"label": text(f"customer.{kind}"), "colour": COLOURS[kind], "values": values}
        for kind, values in history["lines"].items()
    ]
    return {"times": history["times"], "lines": lines}
