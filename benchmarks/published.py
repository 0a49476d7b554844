"""Beside results that others published, on the same data by the same protocol: a next event, and a purchase.

Run with ``python -m benchmarks.published --data FOLDER``; the folder holds ``helpdesk`` and ``cdnow``. ``--quick``
takes one fold and fewer rounds and cutoffs.

Help desk: tickets of a software company, whose next event is predicted after each event, "end of case" included, in
five folds by ticket. Published are an LSTM, a Markov chain and others on the same folds, in a benchmark after
Rama-Maneiro, Vidal and Lama, "Deep Learning for Predictive Business Process Monitoring: Review and Benchmark", 2021;
their training stops by the validation fold. Ours sees a validation fold once, to be measured.

CDNOW: the systematic sample of 2,357 customers, calibration to 1997-09-30, then 39 weeks of holdout. Who buys in the
holdout is asked of BG/NBD (Fader, Hardie and Lee 2005) and of ours; both learn from the calibration period only.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from benchmarks.bars import Bar, command_line, settle
from benchmarks.bgnbd import CUSTOMERS, CUTOFF, WEEKS
from features.aggregations import Calendar
from features.arrays import Bools, Floats, Ints, Singles
from features.durations import DAY
from features.events import EVENT, EventLog
from features.featureset import FeatureSet
from features.ingest import Schema, log_from_frame
from features.journey import Journey, load_journey
from features.snapshots import Snapshots, regular_cutoffs
from features.targets import NOTHING, NextEvent, Purchase
from features.timestamps import parse_moment
from models.bgnbd import BgNbd
from models.calibration import Identity
from models.classifier import BoostedClassifier, BoostingOptions
from models.hazards import ALWAYS, BIN, Bins, HazardModel, PersonPeriods
from models.markov import MarkovChain
from models.repeats import repeat_purchases

LEAST_ACCURACY = 0.855
BEST = "shared_lstm"
PUBLISHED = {"shared LSTM": BEST, "Markov chain of order 3": "markov3 (computed here)"}
TICKET_ATTRIBUTES = (
    "customer",
    "product",
    "responsible_section",
    "seriousness_2",
    "service_level",
    "service_type",
    "support_section",
    "workgroup",
)
TICKETS = BoostingOptions(
    rounds=120, learning_rate=0.06, min_data_in_leaf=20, feature_fraction=0.4, lambda_l2=5.0, threads=1
)
BUYERS = BoostingOptions(
    rounds=160, learning_rate=0.05, num_leaves=4, min_data_in_leaf=1000, feature_fraction=0.2, threads=1
)
ROUNDS = (40, 60, 80, 100, 120, 160)
"""Of which as many are taken as do best on a part of the training data that was held back."""

LATEST = 91 * DAY
"""How much of CDNOW's calibration period is held back to choose the number of rounds."""


def main() -> int:
    """Measures both, prints the tables, and returns 1 if a bar is missed."""
    parser = command_line(__doc__, "under a minute: one fold and fewer rounds")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder with both data sets")
    arguments = parser.parse_args()
    bars = [*helpdesk(arguments.data / "helpdesk", arguments.quick), *cdnow(arguments.data / "cdnow", arguments.quick)]
    return settle(bars, "Beside published results", arguments.json)


@dataclass(frozen=True, eq=False)
class Prefixes:
    """A row for every prefix of every ticket, and the class of what comes next: 0 for the end of the case."""

    log: EventLog
    journey: Journey
    rows: Snapshots
    y: Ints

    @property
    def ticket(self) -> Ints:
        """The position of each row's ticket in the log."""
        return self.rows.customer

    def matrix(self, features: FeatureSet) -> Singles:
        """Returns the features of each row."""
        return features.bind(self.log, self.journey).compute(self.log, self.journey, self.rows)


def helpdesk(folder: Path, quick: bool) -> list[Bar]:
    """Returns the accuracy of the next event, mean over the folds, beside what is published."""
    data = prefixes(folder)
    columns = features(data)
    X = data.matrix(columns)
    names = columns.columns
    chains = {
        f"Markov chain of order {order}, ours": MarkovChain(data.y.max() + 1, order, "event") for order in (1, 2, 3)
    }
    events = tuple(data.log.dimensions[EVENT].names)
    options = replace(TICKETS, rounds=60) if quick else TICKETS
    accuracy: dict[str, list[float]] = {name: [] for name in ("nextstage", *chains)}
    parts = list(folds(folder, data))[: 1 if quick else None]
    for training, validation in parts:
        model = fitted(X[training], data.y[training], data.ticket[training], names, options)
        accuracy["nextstage"].append(right(model.predict_proba(X[validation]), data.y[validation]))
        for name, chain in chains.items():
            last = data.matrix(chain.features(data.journey, events))
            chain.fit(last[training], data.y[training])
            accuracy[name].append(right(chain.predict_proba(last[validation]), data.y[validation]))
    known = pd.read_csv(folder / "pbpm_next_activity_results.csv")
    known = known[known["fold"] < len(parts)].groupby("model")["accuracy"].mean()
    found = {name: float(np.mean(values)) for name, values in accuracy.items()}
    asked = float(known[BEST]) if quick else LEAST_ACCURACY
    met = found["nextstage"] >= asked
    chained = [told(name, value) for name, value in found.items() if name != "nextstage"]
    others = [told(f"{name}, published", float(known[model])) for name, model in PUBLISHED.items()]
    return [Bar("next event: accuracy", f">= {asked:.4f}", f"{found['nextstage']:.4f}", met), *others, *chained]


def prefixes(folder: Path) -> Prefixes:
    """Returns the prefixes of the tickets; events of one ticket at one time are set a microsecond apart, in order.

    What a ticket's first event says of it is an attribute: known from its first prefix on.
    """
    frame = pd.read_parquet(folder / "events.parquet").rename(columns={"Resource": "resource"})
    apart = pd.to_timedelta(frame.groupby(["customer_id", "timestamp"]).cumcount(), unit="us")
    frame["timestamp"] = (frame["timestamp"] + apart).dt.tz_localize("UTC")
    attributes = frame.groupby("customer_id")[list(TICKET_ATTRIBUTES)].first().reset_index()
    events = frame[["customer_id", "timestamp", "event", "resource"]]
    log = log_from_frame(events, Schema(dimensions=("resource",)), attributes)
    rows, journey = Snapshots.every_event(log), ticket_journey()
    target = NextEvent(("3650d",), tuple(log.dimensions[EVENT].names))
    stage = np.zeros(len(rows), dtype=np.int64)  # which event comes next is asked alike in every stage
    return Prefixes(log, journey, rows, target.answers(target.firsts(log, journey, rows), stage, "3650d"))


def ticket_journey() -> Journey:
    """Returns the stages of a ticket."""
    stages = {
        "registered": ["Insert ticket", "Assign seriousness"],
        "in charge": ["Take in charge ticket"],
        "waiting": ["Wait", "Require upgrade"],
        "resolved": ["Resolve ticket"],
        "closed": ["Closed"],
    }
    listed = [{"name": name, "rules": [{"events": events}]} for name, events in stages.items()]
    return Journey.from_dict(
        {
            "name": "tickets",
            "stage": "latest",
            "activity": ["Take in charge ticket"],
            "purchase": ["Closed"],
            "stages": listed,
        }
    )


def features(data: Prefixes) -> FeatureSet:
    """Returns the default set, and the clock, for these cutoffs lie at any hour; its names are those of all tickets."""
    chosen = FeatureSet.default(data.log, data.journey).aggregations
    clock = Calendar(parts=("day_of_week", "hour"))
    return FeatureSet((*chosen, clock)).bind(data.log, data.journey)


def folds(folder: Path, data: Prefixes) -> Iterator[tuple[Bools, Bools]]:
    """Yields the rows of training and validation of each published fold."""
    with gzip.open(folder / "pbpm_splits_next_activity.json.gz", "rt", encoding="utf-8") as file:
        published = json.load(file)["folds"]
    for fold in published.values():
        training, validation = (
            np.isin(data.log.customers, fold[f"{part}_case_ids"])[data.ticket] for part in ("train", "val")
        )
        assert (training ^ validation).all(), "a ticket is in both parts of a fold or in none"  # noqa: S101 - a law
        yield training, validation


def fitted(X: Singles, y: Ints, ticket: Ints, columns: tuple[str, ...], options: BoostingOptions) -> BoostedClassifier:
    """Returns the classifier with the number of rounds that is best on every fifth ticket of the training fold."""
    n_classes = int(y.max()) + 1
    held = ticket % 5 == 0
    trial = BoostedClassifier(n_classes, options)
    trial.fit(X[~held], y[~held], columns)
    model = BoostedClassifier(n_classes, replace(options, rounds=best_rounds(trial, X[held], y[held])))
    model.fit(X, y, columns)
    return model


def best_rounds(trial: BoostedClassifier, X: Singles, y: Ints) -> int:
    """Returns the number of rounds after which a classifier's log loss is lowest."""
    assert trial.booster is not None  # noqa: S101 - it is fitted
    codes = range(trial.n_classes)
    losses = {
        rounds: log_loss(y, trial.booster.predict(X, num_iteration=rounds, num_threads=1), labels=codes)
        for rounds in ROUNDS
        if rounds <= trial.options.rounds
    }
    return min(losses, key=lambda rounds: losses[rounds])


def right(probabilities: Floats, y: Ints) -> float:
    """Returns the share of rows whose most probable class is the one that came."""
    return float((probabilities.argmax(axis=1) == y).mean())


def cdnow(folder: Path, quick: bool) -> list[Bar]:
    """Returns AUC and Brier score of a purchase in the holdout beside those of BG/NBD."""
    journey, days = load_journey("retail"), round(WEEKS * 7)
    full, known = by_day(folder), by_day(folder, CUTOFF)
    now = Snapshots.at(full, known.end)
    bought = Purchase((f"{days}d",)).firsts(full, journey, now).wait <= days * DAY
    purchases = repeat_purchases(full, journey, now).per(7.0)
    rival = BgNbd.fit(purchases).purchase_probability(purchases, WEEKS)
    ours = purchase_probability(known, journey, f"{days}d", quick)
    auc, rival_auc = (float(roc_auc_score(bought, p)) for p in (ours, rival))
    brier, rival_brier = (float(brier_score_loss(bought, p)) for p in (ours, rival))
    what = "CDNOW, a purchase in the holdout"
    return [
        Bar("CDNOW: customers", str(CUSTOMERS), str(len(ours)), len(ours) == len(bought) == CUSTOMERS),
        Bar(f"{what}: AUC, more than BG/NBD", f"> {rival_auc:.4f}", f"{auc:.4f}", auc > rival_auc),
        Bar(f"{what}: Brier score, less than BG/NBD", f"< {rival_brier:.4f}", f"{brier:.4f}", brier < rival_brier),
        told("CDNOW: share of buyers in the holdout, expected by nextstage", float(ours.mean())),
        told("CDNOW: share of buyers in the holdout, expected by BG/NBD", float(rival.mean())),
        told("CDNOW: share of buyers in the holdout, in fact", float(bought.mean())),
    ]


def by_day(folder: Path, until: str | None = None) -> EventLog:
    """Returns the systematic sample with the purchases of one day as one, if ``until`` is given none after it."""
    frame = pd.read_parquet(folder / "events.parquet")
    ids = set(pd.read_csv(folder / "cdnow_sample_ids.csv.gz")["master_id"].astype(int))
    frame = frame[frame["customer_id"].astype(int).isin(ids)]
    frame = frame.groupby(["customer_id", "timestamp", "event"], as_index=False)["value"].sum()
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("UTC")
    if until is None:
        return log_from_frame(frame)
    return log_from_frame(frame[frame["timestamp"] <= until], end=parse_moment(until))


def purchase_probability(log: EventLog, journey: Journey, horizon: str, quick: bool) -> Floats:
    """Returns each customer's probability of a purchase within a horizon after the log's end, which nothing reads past.

    Bins of four weeks, for the log is no longer than the horizon: what is far ahead is seen from few early cutoffs.
    """
    features = FeatureSet.default(log, journey)
    target, bins = Purchase(("56d", horizon)), Bins.up_to(("56d", horizon))
    rows = Snapshots.grid(log, regular_cutoffs(log.start, log.end, (28 if quick else 14) * DAY))
    firsts, X = target.firsts(log, journey, rows), features.compute(log, journey, rows)
    columns = (*features.columns, BIN)

    def between(since: int, until: int) -> tuple[Singles, Ints]:
        known = PersonPeriods.between(firsts, rows.cutoff, bins, since, until)
        return known.matrix(X), known.outcome

    trial = BoostedClassifier(2, BUYERS)
    trial.fit(*between(ALWAYS, log.end - LATEST), columns)
    rounds = best_rounds(trial, *between(log.end - LATEST, log.end))
    classifier = BoostedClassifier(2, replace(BUYERS, rounds=rounds))
    classifier.fit(*between(ALWAYS, log.end), columns)
    now = features.compute(log, journey, Snapshots.at(log, log.end))
    forecast = HazardModel(bins, classifier, Identity()).forecast(now, *np.full((2, len(now)), NOTHING))
    buys: Floats = 1.0 - forecast.survival[:, -1]
    return buys


def told(name: str, figure: float) -> Bar:
    """Returns a figure of which nothing is asked."""
    return Bar(name, "", f"{figure:.4f}")


if __name__ == "__main__":
    sys.exit(main())
