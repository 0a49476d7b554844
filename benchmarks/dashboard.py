"""How long the pages of the dashboard take, and how much they weigh, with 100,000 scored customers.

Run with ``python -m benchmarks.dashboard``: synthetic customers, a small model in a registry of its own, one scoring
run, and the service as it is served, one process on this machine. ``--quick`` takes 5,000 customers.
"""

import os
import re
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

import mlflow
import numpy as np
import pandas as pd

from benchmarks.bars import Bar, at_most, command_line, settle
from benchmarks.served import served
from features.ingest import log_from_frame
from features.journey import load_journey
from models.classifier import BoostingOptions
from models.registry import CHAMPION, load_predictor, log_predictor, set_alias
from serving.batch import run_batch
from serving.monitor import run_monitor
from serving.occasion import Occasion
from serving.persona_table import assign_personas
from serving.settings import Settings
from serving.store import Store
from training.config import PeriodConfig
from training.recipe import Recipe
from training.train import train

CUSTOMERS, FEW, TRAINED_ON = 100_000, 5_000, 2_000
EVENTS_EACH, DAYS = 8, 250
REQUESTS = 20
SLOWEST_MS, HEAVIEST_KB = 300.0, 2_000.0
MODEL = "models:/small@champion"
COLUMNS = ["customer_id", "timestamp", "event", "channel", "value"]
PAGES = {
    "journey map": "/",
    "journey map, compared": "/?show=0&against=1",
    "stage": "/dashboard/stage/occasional",
    "flows": "/dashboard/flows",
    "figures": "/dashboard/figures?by=stage",
    "audience builder": "/dashboard/audience",
    "audience builder, one persona": "/dashboard/data/audience.json?persona=P1",
    "customer": "/dashboard/customer/c000007",
    "model": "/dashboard/model",
}


def main() -> int:
    """Measures every page, prints the table, and returns 1 if a bar is missed."""
    arguments = command_line(__doc__, f"{FEW:,} customers").parse_args()
    customers = FEW if arguments.quick else CUSTOMERS
    with tempfile.TemporaryDirectory() as folder:
        seconds = prepare(Path(folder), customers)
        settings = Settings(database_url=f"sqlite:///{folder}/nextstage.db", model=MODEL)
        with served(settings, Path(folder)) as service:
            pages = [measured(service.url, name, path) for name, path in PAGES.items()]
    bars = [Bar("the scoring run with its report, s", "", f"{seconds:.0f}")]
    for page in pages:
        bars.append(at_most(f"{page.name}: slowest of {REQUESTS}, ms", SLOWEST_MS, max(page.took)))
        bars.append(Bar(f"{page.name}: median and first, ms", "", f"{np.median(page.took):.0f}, {page.took[0]:.0f}"))
        bars.append(at_most(f"{page.name}: with all that it loads, kB", HEAVIEST_KB, page.bytes / 1e3))
    return settle(bars, f"Pages with {customers:,} scored customers", arguments.json, customers=customers)


def prepare(folder: Path, customers: int) -> float:
    """Fills a store, registers a model, scores everybody, and returns the seconds that the run took."""
    address = f"sqlite:///{folder}/mlflow.db"
    os.environ["MLFLOW_TRACKING_URI"] = address
    mlflow.set_tracking_uri(address)
    frame = generated(customers)
    learnt = frame[frame["customer_id"] < f"c{TRAINED_ON:06d}"]
    options = BoostingOptions(rounds=20, learning_rate=0.2, min_data_in_leaf=20, threads=1)
    recipe = Recipe(horizons=("7d", "28d"), periods=PeriodConfig(test="42d"), options=options)
    predictor = train(log_from_frame(learnt), load_journey("retail"), recipe).predictor
    experiment = mlflow.create_experiment("benchmark", artifact_location=(folder / "artifacts").as_uri())
    with mlflow.start_run(experiment_id=experiment):
        example = learnt.head(20).astype({"timestamp": "str"})
        set_alias("small", CHAMPION, log_predictor(predictor, "small", example))
    with Store(f"sqlite:///{folder}/nextstage.db") as store:
        store.add(frame)
        as_of = int(frame["timestamp"].max().value) // 1000
        model = load_predictor(MODEL)
        assign_personas(store, model.predictor.journey, as_of, folder)
        started = time.perf_counter()
        run_batch(store, model, Occasion(as_of, as_of), folder / "scores.parquet")
        seconds = time.perf_counter() - started
        run_monitor(store, model, lambda *_: model, as_of)  # for the model page
        return seconds


def generated(customers: int) -> pd.DataFrame:
    """Returns events of synthetic customers, each with a pace of its own; synthetic."""
    rng = np.random.default_rng(5)
    counts = 1 + rng.poisson(rng.gamma(1.5, EVENTS_EACH / 1.5, customers))
    who = np.repeat(np.arange(customers), counts)
    ends = rng.uniform(0.3, 1.0, customers) * DAYS
    days = rng.uniform(0, 1, len(who)) * ends[who]
    kind = rng.choice(3, len(who), p=[0.6, 0.3, 0.1])
    names = np.array(["purchase", "visit", "campaign_mailed"], dtype=object)
    channels = np.array(["store", "web", "mail"], dtype=object)
    value = np.where(kind == 0, np.round(rng.lognormal(3, 0.5, len(who)), 2), np.nan)
    start = pd.Timestamp("2024-01-01", tz="UTC")
    columns = {
        "customer_id": [f"c{number:06d}" for number in who.tolist()],
        "timestamp": (start + pd.to_timedelta(days, unit="D")).round("s"),
        "event": names[kind],
        "channel": channels[kind],
        "value": value,
    }
    return pd.DataFrame(columns).sort_values("timestamp", kind="stable", ignore_index=True)[COLUMNS]


class Measured(NamedTuple):
    """What a page took, request by request in milliseconds, and what it weighs with everything that it loads."""

    name: str
    took: list[float]
    bytes: int


def measured(address: str, name: str, path: str) -> Measured:
    """Returns what a page takes and weighs."""
    took = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        page = got(address + path)
        took.append(1e3 * (time.perf_counter() - started))
    loaded = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.decode()))
    return Measured(name, took, len(page) + sum(len(got(address + each)) for each in loaded))


def got(address: str) -> bytes:
    """Returns the body of an answer."""
    asked = urllib.request.Request(address, headers={"Accept": "text/html"})  # noqa: S310 - our own address
    with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
        body: bytes = answer.read()
    return body


if __name__ == "__main__":
    sys.exit(main())
