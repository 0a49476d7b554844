"""Whether a preview keeps its word: past audiences, chosen by what was known then, beside what became of them.

Run with ``python -m benchmarks.segments``: 2,469 households of completejourney, an origin every four weeks, one horizon
of 28 days. At each origin a model knows nothing later; its period shift is measured on the four weeks of cutoffs whose
outcomes were complete by then, as ``nextstage train`` does. The segments are written down below and are the same at
every origin; their ``preview`` is asked, and 28 days later purchases and churners are counted. ``--quick`` takes
half the origins and few rounds.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from features.arrays import Floats
from features.durations import parse_duration
from features.events import EventLog
from features.ingest import log_from_frame
from features.journey import Journey, load_journey
from features.segments import positions_at, select
from features.sources.completejourney import SCHEMA, read_attributes, read_events
from features.targets import Churn, Purchase
from features.timestamps import to_iso
from serving.segments import CustomerTable, Segment, preview
from serving.segments.selection import select as choose
from training.backtest import Fold, run_backtest
from training.config import PeriodConfig
from training.recipe import MODEL, Recipe
from training.result import Result
from training.shifts import measured_shifts

HORIZON = "28d"
LEAST_COVERED, AUDIENCES = 0.85, 100
PERIODS = PeriodConfig(start="2017-02-26")
MOST_ORIGINS = 12
LAG = 2
"""How many origins earlier the last cutoffs lie whose outcomes are complete."""
CUSTOMERS, MOST_MILLISECONDS = 100_000, 50.0

Bar = tuple[str, str, str, bool]
BUYERS = (
    Segment("everybody"),
    Segment("occasional", "stage == 'occasional'"),
    Segment("regular and loyal", "stage in ('regular', 'loyal')"),
    Segment("likely", "purchase_28d >= 0.8"),
    Segment("undecided", "purchase_28d >= 0.3 and purchase_28d < 0.7"),
    Segment("best fifth", top_percent=20),
    Segment("best 200 who were away", "last_event_days >= 14", top=200),
    Segment("young", "age in ('19-24', '25-34')"),
    Segment("worth a letter", cost=1.0, value=4.0, budget=300.0),
)
LEAVERS = (
    Segment("everybody", order_by="churn_28d"),
    Segment("occasional", "stage == 'occasional'", "churn_28d"),
    Segment("loyal", "stage == 'loyal'", "churn_28d"),
    Segment("at risk", "churn_28d >= 0.25", "churn_28d"),
    Segment("best tenth", order_by="churn_28d", top_percent=10),
    Segment("best third", order_by="churn_28d", top_percent=33),
    Segment("100 of each stage", order_by="churn_28d", top=100, within="stage"),
    Segment("away for a week", "last_event_days > 7", "churn_28d"),
    Segment("worth a call", order_by="churn_28d", cost=2.0, value=10.0),
)


@dataclass(frozen=True)
class Audience:
    """A past audience: what its preview promised, and how many there were.

    Parameters
    ----------
    plain_low, plain_high
        The interval without a period shift, to see what it is for.
    """

    origin: str
    target: str
    segment: str
    size: int
    expected: float
    low: int
    high: int
    plain_low: int
    plain_high: int
    came: int

    @property
    def is_covered(self) -> bool:
        """Whether the number lies in the stated interval."""
        return self.low <= self.came <= self.high


def main() -> int:
    """Measures every bar, prints the tables, and returns 1 if one is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute: half the origins and few rounds")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    attributes = read_attributes()
    log, journey = log_from_frame(read_events(), SCHEMA, attributes), load_journey("retail")
    recipe, most = Recipe(HORIZON, (HORIZON,), PERIODS, kinds=(Churn.kind, Purchase.kind)), MOST_ORIGINS
    if arguments.quick:
        recipe, most = replace(recipe, options=replace(recipe.options, rounds=15, learning_rate=0.3)), MOST_ORIGINS // 2
    folds = run_backtest(log, journey, recipe, most).folds
    audiences = list(past_audiences(log, journey, attributes, folds))
    bars = [coverage_bar(audiences), size_bar(audiences, arguments.quick), speed_bar()]
    console = Console(width=120)
    console.print(origin_table(audiences), segment_table(audiences))
    for name, asked, measured, met in bars:
        console.print(f"{'met   ' if met else 'MISSED'} {name}: asked {asked}, measured {measured}", highlight=False)
    if arguments.json:
        told = [dict(zip(("name", "asked", "measured", "met"), bar, strict=True)) for bar in bars]
        document = {"audiences": [vars(each) for each in audiences], "bars": told}
        arguments.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0 if all(met for *_, met in bars) else 1


def past_audiences(
    log: EventLog, journey: Journey, attributes: pd.DataFrame, folds: tuple[Fold, ...]
) -> Iterator[Audience]:
    """Yields every segment at every origin that has an earlier one whose outcomes were complete."""
    for earlier, fold in zip(folds, folds[LAG:], strict=False):
        origin = int(fold.periods.tested[0])
        latest = max(int(result.cutoff.max()) for result in earlier.results)
        assert latest + parse_duration(HORIZON) <= origin, "the shift is measured on what was not known"  # noqa: S101
        shifts = measured_shifts(earlier.results)
        results = {result.target.kind: at(result, origin) for result in fold.results}
        table = table_at(log, journey, attributes, results, shifts)
        plain = replace(table, shifts=dict.fromkeys(shifts, 0.0))
        for result, segments in ((results[Purchase.kind], BUYERS), (results[Churn.kind], LEAVERS)):
            for segment in segments:
                yield audience(segment, result, table, plain)


def audience(segment: Segment, result: Result, table: CustomerTable, plain: CustomerTable) -> Audience:
    """Returns what a segment promised of a target, and what came true."""
    found, alone = (
        next(each for each in preview(segment, known).captures if each.target == result.name)
        for known in (table, plain)
    )
    members = table.customer_id[choose(segment, table).members]
    came = int(result.y[np.isin(result.customer, members)].sum())
    facts = (to_iso(table.as_of)[:10], result.name, segment.name, found.customers)
    return Audience(*facts, found.expected, found.low, found.high, alone.low, alone.high, came)


def at(result: Result, cutoff: int) -> Result:
    """Returns the rows of one cutoff."""
    rows = result.cutoff == cutoff
    probabilities = {MODEL: result.probabilities[MODEL][rows]}
    parts = {name: getattr(result, name)[rows] for name in ("y", "customer", "cutoff", "stage")}
    return replace(result, **parts, probabilities=probabilities, metrics={})


def table_at(
    log: EventLog,
    journey: Journey,
    attributes: pd.DataFrame,
    results: dict[str, Result],
    shifts: dict[str, float],
) -> CustomerTable:
    """Returns the table as a scoring run at the cutoff of the results would have made it."""
    bought = results[Purchase.kind]
    cutoff = int(bought.cutoff[0])
    frame = pd.DataFrame(
        {
            "customer_id": bought.customer,
            "as_of": to_iso(cutoff),
            "last_event": last_events(log, bought, cutoff),
            "stage_current": np.array(journey.stage_names, dtype=object)[bought.stage],
            "horizon_days": 28,
        }
    )
    for result in results.values():
        known = pd.Series(result.probabilities[MODEL][:, 1], index=result.customer).reindex(bought.customer)
        kind = result.target.kind
        frame = frame.assign(**{f"{kind}_prob": known.to_numpy(), f"{kind}_{HORIZON}": known.to_numpy()})
    return CustomerTable.of(frame, attributes, shifts=shifts)


def last_events(log: EventLog, result: Result, cutoff: int) -> list[str]:
    """Returns when each customer of a result was last seen at a cutoff."""
    events = select(log.indptr, log.time, np.ones(log.n_events, dtype=bool))
    customer = np.searchsorted(log.customers.astype(str), result.customer.astype(str)).astype(np.int64)
    place = positions_at(events, customer, np.full(len(customer), cutoff))
    return [to_iso(moment) for moment in log.time[place - 1].tolist()]


def coverage_bar(audiences: list[Audience]) -> Bar:
    """Returns in how many audiences the number lay in its interval, beside how many plain chance would have held."""
    covered = float(np.mean([each.is_covered for each in audiences]))
    plain = float(np.mean([each.plain_low <= each.came <= each.plain_high for each in audiences]))
    told = f"{covered:.1%} of {len(audiences)} (without a period shift {plain:.1%})"
    return "the number in its 90 % interval", f">= {LEAST_COVERED:.0%}", told, covered >= LEAST_COVERED


def size_bar(audiences: list[Audience], quick: bool) -> Bar:
    """Returns whether there are enough audiences, and how wide their intervals are."""
    width = float(np.median([(each.high - each.low) / 2 / max(each.expected, 1.0) for each in audiences]))
    asked = 0 if quick else AUDIENCES
    told = f"{len(audiences)}, half an interval being {width:.0%} of what is expected, in the median"
    return "past audiences", f">= {asked}", told, len(audiences) >= asked


def speed_bar() -> Bar:
    """Returns how long a preview of a hundred thousand customers takes; they are simulated."""
    rng = np.random.default_rng(7)
    columns: dict[str, Any] = {name: rng.random(CUSTOMERS) for name in ("purchase_prob", "churn_prob", "churn_28d")}
    ids = np.array([f"c{number:06d}" for number in range(CUSTOMERS)], dtype=object)
    table = CustomerTable(ids, columns, np.zeros(CUSTOMERS, dtype=bool), 0, 28)
    segment = Segment(
        "half", "churn_28d >= 0.2 and (purchase_prob < 0.9 or not churn_prob > 0.5)", "churn_28d", top=50_000
    )
    previous = frozenset(ids[::2].tolist())
    seconds = []
    for _ in range(9):
        started = time.perf_counter()
        preview(segment, table, previous)
        seconds.append(time.perf_counter() - started)
    spent = float(np.median(seconds)) * 1e3
    return (
        f"preview of {CUSTOMERS:,} customers",
        f"< {MOST_MILLISECONDS:.0f} ms",
        f"{spent:.0f} ms",
        spent < MOST_MILLISECONDS,
    )


def origin_table(audiences: list[Audience]) -> Table:
    """Returns the coverage of each origin and target, and by how much all of its customers were off."""
    table = Table("origin", "target", "audiences", "in the interval", "expected of all", "came of all", title="Origins")
    for key in dict.fromkeys((each.origin, each.target) for each in audiences):
        own = [each for each in audiences if (each.origin, each.target) == key]
        everybody = next(each for each in own if each.segment == "everybody")
        covered = sum(each.is_covered for each in own)
        table.add_row(*key, str(len(own)), str(covered), f"{everybody.expected:.0f}", str(everybody.came))
    return table


def segment_table(audiences: list[Audience]) -> Table:
    """Returns the coverage of each segment."""
    table = Table("target", "segment", "mean size", "mean expected", "mean came", "in the interval", title="Segments")
    for key in dict.fromkeys((each.target, each.segment) for each in audiences):
        own = [each for each in audiences if (each.target, each.segment) == key]
        figures: Floats = np.array([(each.size, each.expected, each.came) for each in own], dtype=np.float64).mean(
            axis=0
        )
        covered = f"{sum(each.is_covered for each in own)} of {len(own)}"
        table.add_row(*key, *(f"{figure:.0f}" for figure in figures), covered)
    return table


if __name__ == "__main__":
    sys.exit(main())
