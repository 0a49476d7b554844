"""What a score, a batch of events and an hour of both cost over HTTP, beside a no-op of the same BentoML server.

Run with ``python -m benchmarks.serving``; ``--quick`` learns from fewer customers, sends fewer requests and leaves out
MLflow's own server. The events are generated (synthetic). The full answer is asked for: every horizon of every target,
and the expected spending. Server and load generator share one machine; latencies are those that one client sees, no-op
and scores in turn, of customers who were asked for before.
"""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.bars import Bar, at_least, at_most, command_line, settle
from benchmarks.load import Load, Request, ask, drive, post
from benchmarks.served import free_port

ROOT = Path(__file__).parent.parent
NAME = "serving-benchmark"
SERVICE = "benchmarks.noop_service:ScoringService"
SLOWER, SLOWER_EXPLAINED, SLOWER_1000 = 5.0, 12.0, 150.0
FASTER_THAN_MLFLOW, INGESTED, GROWTH, FLAT = 20.0, 2_000.0, 1.10, 1.5
DAYS = 300


@dataclass(frozen=True)
class Size:
    """How much is asked of whom; the model is trained on the events of some of the customers."""

    customers: int
    trained: int
    requests: int
    soak: float


FULL, QUICK = Size(1_200, 1_200, 4_000, 300.0), Size(1_000, 300, 600, 12.0)


def main() -> int:
    """Measures every bar, prints the table, and returns 1 if one is missed."""
    parser = command_line(__doc__, "two minutes: a model of fewer customers, fewer requests, no MLflow")
    parser.add_argument("--workers", type=int, default=1, help="processes of the service")
    arguments = parser.parse_args()
    size = QUICK if arguments.quick else FULL
    with tempfile.TemporaryDirectory() as folder, prepared(Path(folder), size) as world:
        with served(world, arguments.workers) as service:
            bars = [*equality(world, service), *latency(world, service, size), *ingest(service, size)]
            bars += soak(world, service, size)
            rate = throughput(world, service, size)
        bars += [Bar("single scores per second, 8 connections", "", f"{rate:,.0f}")]
        bars += [] if arguments.quick else against_mlflow(world, rate)
    return settle(bars, "The service over HTTP, generated events", arguments.json)


@dataclass(frozen=True, eq=False)
class World:
    """A registered model, a filled store, and who is in it."""

    folder: Path
    url: str
    model: Any
    events: Any
    customers: list[str]
    as_of: str


@dataclass(frozen=True)
class Service:
    """A running service."""

    port: int
    process: psutil.Process

    def cpu(self) -> float:
        """Returns the CPU seconds of all its processes so far."""
        spent = [process.cpu_times() for process in self._all()]
        return sum(each.user + each.system for each in spent)

    def memory(self) -> int:
        """Returns the bytes that its processes hold."""
        return sum(process.memory_info().rss for process in self._all())

    def _all(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextmanager
def prepared(folder: Path, size: Size) -> Iterator[World]:
    """Yields a world with a model of the usual targets and horizons, trained on its own generated events."""
    import mlflow
    import numpy as np
    import pandas as pd

    from features.ingest import log_from_frame
    from features.journey import load_journey
    from features.timestamps import to_iso
    from models.classifier import BoostingOptions
    from models.registry import CHAMPION, load_predictor, log_predictor, set_alias
    from serving.store import Store
    from tests.data import generated_events
    from training.config import PeriodConfig
    from training.recipe import Recipe
    from training.train import train

    events = generated_events(size.customers, DAYS)
    events["event_id"] = [f"e{row}" for row in range(len(events))]
    ids = sorted(events["customer_id"].unique())
    table = pd.DataFrame({"customer_id": ids, "tier": np.resize(["gold", "basic"], len(ids)), "age": range(len(ids))})
    log = log_from_frame(events[events["customer_id"].isin(ids[: size.trained])], attributes=table)
    recipe = Recipe(periods=PeriodConfig(every="14d"), options=BoostingOptions(threads=1))
    predictor = train(log, load_journey("retail"), recipe).predictor
    address, url = f"sqlite:///{folder}/mlflow.db", f"sqlite:///{folder}/nextstage.db"
    os.environ["MLFLOW_TRACKING_URI"] = address
    mlflow.set_tracking_uri(address)
    experiment = mlflow.create_experiment(NAME, artifact_location=(folder / "artifacts").as_uri())
    example = events.head(20).astype({"timestamp": "str"})[["customer_id", "timestamp", "event", "channel", "value"]]
    with mlflow.start_run(experiment_id=experiment):
        set_alias(NAME, CHAMPION, log_predictor(predictor, NAME, example))
    with Store(url) as store:
        store.add(events)
        store.set_attributes(table)
    yield World(folder, url, load_predictor(f"models:/{NAME}@champion"), events, ids, to_iso(log.end))


@contextmanager
def served(world: World, workers: int) -> Iterator[Service]:
    """Yields the service once it answers."""
    from serving.launch import start, stop
    from serving.settings import Settings

    port = free_port()
    os.environ |= {"BENTOML_HOME": str(world.folder / "bentoml"), "PYTHONPATH": str(ROOT)}
    settings = Settings(world.url, f"models:/{NAME}@champion", workers=workers, rate=1e9)
    with (world.folder / "service.txt").open("wb") as output:
        child = start(settings, "127.0.0.1", port, output, SERVICE)
        try:
            wait_until(lambda: ask(port, b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), child)
            yield Service(port, psutil.Process(child.pid))
        finally:
            stop(child)


def equality(world: World, service: Service) -> list[Bar]:
    """Returns how many of 1,000 random customers, each asked for alone, get the bits of the batch run."""
    from features.timestamps import parse_moment
    from serving.batch import score_all
    from serving.store import Store

    with Store(world.url) as store:
        batch = {
            record["customer_id"]: record
            for record in score_all(store, world.model, parse_moment(world.as_of)).records()
        }
    chosen = random.Random(1).sample(world.customers, min(1_000, len(world.customers)))  # noqa: S311 - whom to ask for
    same = sum(json.loads(ask(service.port, scored(world, [name])))["scores"] == [batch[name]] for name in chosen)
    return [
        Bar(
            f"customers of {len(chosen):,} with the bits of the batch",
            f"{len(chosen):,}",
            f"{same:,}",
            same == len(chosen),
        )
    ]


def latency(world: World, service: Service, size: Size) -> list[Bar]:
    """Returns how much longer scores take than a no-op: each in blocks, in turn."""
    random_ids = random.Random(2)  # noqa: S311 - whom to ask for
    ids = [random_ids.choice(world.customers) for _ in range(2_000)]
    bodies = {
        "noop": [post("/noop", scored_body(world, [name], False)) for name in ids],
        "score": [scored(world, [name]) for name in ids],
        "explain": [scored(world, [name], explain=True) for name in ids],
    }
    refuse_errors(drive(service.port, 1, taking("fill", [scored(world, world.customers)], 1, 0)))
    loads, spent = {kind: Load() for kind in bodies}, dict.fromkeys(bodies, 0.0)
    blocks = 20
    for block in range(blocks + 1):
        for kind, requests in bodies.items():
            count = size.requests // blocks
            before = service.cpu()
            found = drive(service.port, 1, taking(kind, requests, count, block * count), loads[kind] if block else None)
            spent[kind] += (service.cpu() - before) if block else 0.0
            refuse_errors(found)
    base = {share: loads["noop"].percentile(share) for share in (0.5, 0.99)}
    ratio = {(k, s): loads[k].percentile(s) / base[s] for k in ("score", "explain") for s in base}
    thousand = [scored(world, world.customers[:1_000])]
    many = drive(service.port, 1, taking("many", thousand, 3 + size.requests // 200, 0))
    by_one = many.percentile(0.5) / loads["score"].percentile(0.5)
    of_1000 = min(1_000, len(world.customers))
    cpu = ", ".join(f"{each / len(loads[kind].seconds) * 1e6:.0f}" for kind, each in spent.items())
    ms = ", ".join(f"{load.percentile(0.5) * 1e3:.2f} / {load.percentile(0.99) * 1e3:.2f}" for load in loads.values())
    return [
        at_most("a score, median: times a no-op", SLOWER, ratio["score", 0.5]),
        at_most("a score, 99th percentile: times a no-op", SLOWER, ratio["score", 0.99]),
        at_most("a score with reasons, median: times a no-op", SLOWER_EXPLAINED, ratio["explain", 0.5]),
        Bar("a score with reasons, 99th percentile: times a no-op", "", f"{ratio['explain', 0.99]:.2f}"),
        at_most(f"{of_1000:,} customers in one request: times one", SLOWER_1000, by_one),
        Bar("no-op, score, with reasons: ms, median / 99th percentile", "", ms),
        Bar("no-op, score, with reasons: CPU us of the server", "", cpu),
    ]


def ingest(service: Service, size: Size) -> list[Bar]:
    """Returns how many events per second are on the disk, in batches of 100 from 4 connections."""
    batches = max(40, size.requests // 20)
    requests = [post("/v1/batch", tracked(f"ingest-{number}", 100)) for number in range(batches)]
    load = drive(service.port, 4, taking("ingest", requests, batches, 0))
    refuse_errors(load)
    return [at_least("events stored per second, batches of 100", INGESTED, load.rate * 100)]


def soak(world: World, service: Service, size: Size) -> list[Bar]:
    """Returns what mixed load leaves behind: errors, memory, and slower answers."""
    rng, numbers = random.Random(3), itertools.count()  # noqa: S311 - the mix
    fill = [scored(world, world.customers)]
    refuse_errors(drive(service.port, 1, taking("fill", fill, 2, 0)))

    def mixed(stop: float) -> Callable[[], Request | None]:
        def following() -> Request | None:
            if time.monotonic() > stop:
                return None
            kind, name = rng.random(), rng.choice(world.customers)
            if kind < 0.70:
                return "score", scored(world, [name])
            if kind < 0.80:
                return "explain", scored(world, [name], explain=True)
            if kind < 0.82:
                return "many", scored(world, rng.sample(world.customers, 50))
            return "track", post("/v1/batch", tracked(f"soak-{next(numbers)}", 10, world.customers))

        return following

    parts, memory = [], []
    for _ in range(6):  # the first part warms up
        parts.append(drive(service.port, 4, mixed(time.monotonic() + size.soak / 6)))
        memory.append(service.memory())
    errors = sum(sum(part.errors.values()) for part in parts)
    first, last = (part.percentile(0.99, "score") for part in (parts[1], parts[-1]))
    requests = sum(len(part.seconds) for part in parts)
    name = f"{size.soak:.0f} s of mixed load"
    return [
        Bar(f"{name}: errors among {requests:,} requests", "0", str(errors), errors == 0),
        at_most(f"{name}: memory at the end, times that after a sixth", GROWTH, memory[-1] / memory[0]),
        at_most(f"{name}: 99th percentile of a score, last sixth by second", FLAT, last / first),
        Bar(f"{name}: scores, ms, median / 99th percentile in the last sixth", "", _ms(parts[-1], "score")),
    ]


def throughput(world: World, service: Service, size: Size) -> float:
    """Returns single scores per second over 8 connections."""
    requests = [scored(world, [name]) for name in world.customers]
    refuse_errors(drive(service.port, 1, taking("fill", [scored(world, world.customers)], 1, 0)))
    load = drive(service.port, 8, taking("score", requests, size.requests, 0))
    refuse_errors(load)
    return load.rate


def against_mlflow(world: World, rate: float) -> list[Bar]:
    """Returns how many times as many requests per second we answer as MLflow's own server with the same model."""
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", f"models:/{NAME}@champion"]
    command += ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with (world.folder / "mlflow.txt").open("wb") as output:
        # it starts uvicorn by its name
        path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        child = subprocess.Popen(  # noqa: S603 - our own command
            command, stdout=output, stderr=output, process_group=0, env=os.environ | path
        )
        try:
            wait_until(lambda: ask(port, b"GET /ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), child)
            requests = [post("/invocations", invocation(world, name)) for name in world.customers[:100]]
            load = drive(port, 8, taking("mlflow", requests, 300, 0))
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
                child.wait()
    refuse_errors(load)
    return [
        at_least("requests per second, times those of mlflow models serve", FASTER_THAN_MLFLOW, rate / load.rate),
        Bar("mlflow models serve: requests per second", "", f"{load.rate:.1f}"),
    ]


def scored(world: World, names: list[str], explain: bool = False) -> bytes:
    """Returns a request for scores of stored customers."""
    return post("/score", scored_body(world, names, explain))


def scored_body(world: World, names: list[str], explain: bool) -> bytes:
    """Returns its body."""
    question: dict[str, Any] = {"customer_ids": names, "as_of": world.as_of}
    return json.dumps(question | ({"explain": True} if explain else {})).encode()


def invocation(world: World, name: str) -> bytes:
    """Returns the body that asks MLflow's server about the same customer: it has no store, so the events come along."""
    own = world.events[world.events["customer_id"] == name].astype({"timestamp": "str"})
    columns = own[["customer_id", "timestamp", "event", "channel", "value"]].astype(object)
    rows = columns.where(columns.notna(), None).assign(tier="gold", age=40.0).to_dict("records")
    return json.dumps({"dataframe_records": rows, "params": {"as_of": world.as_of}}).encode()


def tracked(name: str, size: int, customers: list[str] | None = None) -> bytes:
    """Returns the body of a batch of generated messages whose ids begin with its name."""
    rng = random.Random(name)  # noqa: S311 - generated data
    who = customers or [f"customer-{number}" for number in range(50_000)]
    messages = [
        {
            "type": "track",
            "messageId": f"{name}-{number}",
            "userId": rng.choice(who),
            "event": rng.choice(("Product Viewed", "Product Added", "Order Completed")),
            "properties": {"revenue": round(rng.lognormvariate(3, 0.5), 2), "currency": "EUR"},
            "context": {"campaign": {"medium": "email"}},
        }
        for number in range(size)
    ]
    return json.dumps({"batch": messages}).encode()


def taking(kind: str, requests: list[bytes], count: int, first: int) -> Callable[[], Request | None]:
    """Returns a source of so many requests, one after the other from the first on and around."""
    numbers = iter(range(first, first + count))

    def following() -> Request | None:
        number = next(numbers, None)
        return None if number is None else (kind, requests[number % len(requests)])

    return following


def refuse_errors(load: Load) -> None:
    """Ends the program if a request failed: a figure of failures is none."""
    if load.errors:
        raise RuntimeError(f"requests were not answered with 200: {load.errors}")


def wait_until(answers: Callable[[], object], child: subprocess.Popen[bytes]) -> None:
    """Waits until a server answers."""
    limit = time.monotonic() + 120
    while True:
        try:
            answers()
            return
        except (OSError, RuntimeError, ValueError):
            if child.poll() is not None or time.monotonic() > limit:
                raise RuntimeError("the server ended, or took two minutes to start") from None
            time.sleep(0.2)


def _ms(load: Load, kind: str) -> str:
    return " / ".join(f"{load.percentile(share, kind) * 1e3:.2f}" for share in (0.5, 0.99))


if __name__ == "__main__":
    sys.exit(main())
