"""Each panel as a flat table, one row for each thing that it shows, for CSV."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from serving.formulas import defused

Row = dict[str, Any]


def to_csv(panel: str, data: Mapping[str, Any]) -> str:
    """Returns a panel's table; what a spreadsheet would run as a formula gets an apostrophe in front."""
    rows = list(TABLES[panel](data))
    out = io.StringIO()
    lines = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    lines.writeheader()
    lines.writerows(
        {name: defused(cell) if isinstance(cell, str) else cell for name, cell in row.items()} for row in rows
    )
    return out.getvalue()


def map_rows(data: Mapping[str, Any]) -> Iterator[Row]:
    """Yields a row per stage."""
    for stage in data["shown"]["stages"]:
        plain = {name: value for name, value in stage.items() if name not in ("predicted", "touchpoints", "channels")}
        most = {
            name: "; ".join(f"{each} {count}" for each, count in stage[name]) for name in ("touchpoints", "channels")
        }
        coming = {
            f"{what}_{horizon}": value
            for horizon, there in (stage["predicted"] or {}).items()
            for what, value in there.items()
        }
        yield {**plain, **most, **coming}


def flow_rows(data: Mapping[str, Any]) -> Iterator[Row]:
    """Yields a row per flow, past ones and predicted ones."""
    for period, flows in enumerate(data["past_by_period"]):
        yield from ({"when": f"period {period}", **flow} for flow in flows)
    for horizon, flows in data["predicted"].items():
        yield from ({"when": f"next {horizon}", **flow} for flow in flows)


def figure_rows(data: Mapping[str, Any]) -> Iterator[Row]:
    """Yields a row per figure, line and time."""
    for figure, divisions in data["lines"].items():
        times = data["periods"] if figure == "churn" else data["weeks"]
        for by, lines in divisions.items():
            for name, values in lines.items():
                for time, value in zip(times, values, strict=True):
                    yield {"figure": figure, "by": by, "name": name, "until": time, "value": value}


def attribution_rows(data: Mapping[str, Any]) -> Iterator[Row]:
    """Yields a row per channel."""
    yield from data["channels"]


def audience_rows(data: Mapping[str, Any]) -> Iterator[Row]:
    """Yields a row per persona, score, stage and size; those of all customers have no persona."""
    yield from _curve_rows(data.get("persona", ""), data["curves"])
    for name, own in data.get("personas", {}).items():
        yield from _curve_rows(name, own["curves"])


def model_rows(data: Mapping[str, Any]) -> Iterator[Row]:
    """Yields a row per version, target, method and metric."""
    for version in data["versions"]:
        for target in version["targets"]:
            for method in target["methods"]:
                for metric, value in method["metrics"].items():
                    told = {"target": target["name"], "method": method["name"], "metric": metric, "value": value}
                    yield {"version": version["version"], **told}


def drift_rows(data: Mapping[str, Any]) -> Iterator[Row]:
    """Yields a row per score and per feature."""
    for what in ("scores", "features"):
        yield from ({"what": what, **drift} for drift in data[what])


def matured_rows(data: Mapping[str, Any]) -> Iterator[Row]:
    """Yields a row per run, target and metric: what it was, with its interval, and what was promised."""
    for card in (*data["latest"], *data["earlier"]):
        about = {name: card[name] for name in ("run_id", "as_of", "name", "rows", "verdict")}
        for metric, value in card["metrics"].items():
            low, high = card["intervals"].get(metric, (None, None))
            was = {"metric": metric, "value": value, "low": low, "high": high}
            yield {**about, **was, "promised": card["promised"].get(metric)}


def stage_rows(data: Mapping[str, Any]) -> Iterator[Row]:
    """Yields a row per listed customer."""
    for row in data["customers"]:
        yield {**row, "reasons": "; ".join(f"{each['direction']}: {each['words']}" for each in row["reasons"])}


def customer_rows(data: Mapping[str, Any]) -> Iterator[Row]:
    """Yields a row per event."""
    yield from ({**event, "extra": str(event["extra"] or "")} for event in data["events"])


def _curve_rows(persona: str, curves: Mapping[str, Any]) -> Iterator[Row]:
    for score, stages in curves.items():
        for stage, curve in stages.items():
            spend = curve["spend"] or [None] * len(curve["size"])
            points = zip(curve["size"], curve["threshold"], curve["captured"], spend, strict=True)
            for size, threshold, captured, spent in points:
                told = {"size": size, "threshold": threshold, "captured": captured, "spend": spent}
                yield {"persona": persona, "score": score, "stage": stage, **told}


def segment_rows(data: Mapping[str, Any]) -> Iterator[Row]:
    """Yields a row per member."""
    yield from data["members"]


TABLES: dict[str, Callable[[Mapping[str, Any]], Iterable[Row]]] = {
    "map": map_rows,
    "flows": flow_rows,
    "figures": figure_rows,
    "attribution": attribution_rows,
    "audience": audience_rows,
    "model": model_rows,
    "drift": drift_rows,
    "matured": matured_rows,
    "stage": stage_rows,
    "customer": customer_rows,
    "segment": segment_rows,
}
