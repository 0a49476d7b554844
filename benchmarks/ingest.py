"""How fast the tracking API stores events, and whether what it accepted survives a process that is killed.

Run with ``python -m benchmarks.ingest``; ``--quick`` sends less and asks for nothing but that no event is lost. A
process serves the routes below ``/v1`` on SQLite, without a model, as the service does behind BentoML. Four clients
send batches of 100 messages of generated shop events, each answered once it is on the disk. Then a process is killed
by SIGKILL in the middle of its work, again and again; clients send again what was not answered, as Segment's do.
"""

import http.client
import itertools
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.bars import Bar, command_line, settle
from benchmarks.served import free_port

ROOT = Path(__file__).parent.parent
CLIENTS = 4
BATCH = 100
FAST_ENOUGH = 2_000.0  # events per second


def main() -> int:
    """Measures every bar, prints the table, and returns 1 if one is missed."""
    parser = command_line(__doc__, "2,000 events and 5 kills, no demand on the speed")
    parser.add_argument("--serve", nargs=2, metavar=("URL", "PORT"), help="only serve; what this program starts itself")
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve[0], int(arguments.serve[1]))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        bars = speed(Path(folder), 2_000 if arguments.quick else 40_000, arguments.quick)
        bars += losses(Path(folder), 5 if arguments.quick else 50)
    return settle(bars, "The tracking API on SQLite, generated events", arguments.json)


def serve(url: str, port: int) -> None:
    """Serves the tracking routes until it is told to end."""
    import uvicorn
    from starlette.applications import Starlette

    from features.errors import NextstageError
    from serving.front import Front
    from serving.gate import Gate
    from serving.metrics import Metrics
    from serving.problems import on_nextstage_error
    from serving.store import Store
    from serving.tracking_routes import tracking_routes

    store, metrics = Store(url), Metrics()
    routes = tracking_routes(Gate(store.database, 1e6), store, metrics)
    app = Starlette(routes=routes, exception_handlers={NextstageError: on_nextstage_error})
    uvicorn.run(Front(app, metrics, 30.0), host="127.0.0.1", port=port, log_level="warning", lifespan="off")


@contextmanager
def served(url: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Yields a process that serves, once it answers, and its port."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.ingest", "--serve", url, str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}) as child:  # noqa: S603
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    if child.poll() is not None:
                        raise RuntimeError("the process ended before it answered") from None
                    time.sleep(0.05)
            yield child, port
        finally:
            child.kill()


def batch(name: str, size: int) -> bytes:
    """Returns the body of a batch of generated messages whose ids begin with its name."""
    rng = random.Random(name)  # noqa: S311 - generated data
    messages = [
        {
            "type": "track",
            "messageId": f"{name}-{number}",
            "userId": f"customer-{rng.randrange(50_000)}",
            "event": rng.choice(("Product Viewed", "Product Added", "Order Completed")),
            "properties": {"revenue": round(rng.lognormvariate(3, 0.5), 2), "currency": "EUR", "sku": "generated"},
            "context": {"campaign": {"medium": "email"}, "library": {"name": "generated", "version": "1"}},
        }
        for number in range(size)
    ]
    return json.dumps({"batch": messages}).encode()


@dataclass(eq=False)
class Client:
    """Sends batches one after the other; one that was not answered is sent again."""

    name: str
    size: int
    sent: int = 0
    acknowledged: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def send(self, port: int, batches: int | None = None) -> None:
        """Sends so many batches, or until the process is gone."""
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            for _ in itertools.count() if batches is None else range(batches):
                if not self._is_taken(connection):
                    return

    def _is_taken(self, connection: http.client.HTTPConnection) -> bool:
        name = f"{self.name}-{self.sent}"
        body = batch(name, self.size)
        started = time.perf_counter()
        try:
            connection.request("POST", "/v1/batch", body, {"Content-Type": "application/json"})
            with connection.getresponse() as answer:
                answer.read()
        except (OSError, http.client.HTTPException):
            return False
        if answer.status != 200:
            raise RuntimeError(f"a batch was answered with {answer.status}")
        self.seconds.append(time.perf_counter() - started)
        self.acknowledged += [f"{name}-{number}" for number in range(self.size)]
        self.sent += 1
        return True


def together(clients: list[Client], port: int, batches: int | None = None) -> list[threading.Thread]:
    """Lets clients send at once, each in a thread that is returned running."""
    threads = [threading.Thread(target=client.send, args=(port, batches)) for client in clients]
    for thread in threads:
        thread.start()
    return threads


def speed(folder: Path, events: int, quick: bool) -> list[Bar]:
    """Returns how many events per second are on the disk."""
    clients = [Client(f"speed-{number}", BATCH) for number in range(CLIENTS)]
    with served(f"sqlite:///{folder}/speed.db") as (_, port):
        Client("warm", BATCH).send(port, 3)
        started = time.perf_counter()
        for thread in together(clients, port, events // BATCH // CLIENTS):
            thread.join()
        rate = events / (time.perf_counter() - started)
    seconds = sorted(itertools.chain.from_iterable(client.seconds for client in clients))
    asked = "" if quick else f">= {FAST_ENOUGH:,.0f}"
    times = f"{seconds[len(seconds) // 2] * 1e3:.0f} / {seconds[len(seconds) * 99 // 100] * 1e3:.0f}"
    return [
        Bar(
            "events per second on the disk, batches of 100, 4 clients",
            asked,
            f"{rate:,.0f}",
            quick or rate >= FAST_ENOUGH,
        ),
        Bar("a batch of 100, median / 99th percentile, ms", "", times, True),
        Bar("fdatasync of 4 KB by the disk alone, median, ms", "", f"{disk(folder) * 1e3:.2f}", True),
    ]


def disk(folder: Path) -> float:
    """Returns how many seconds the disk takes to keep 4 KB."""
    seconds = []
    with (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(200):
            file.write(os.urandom(4096))
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def losses(folder: Path, kills: int) -> list[Bar]:
    """Returns what became of events in processes that were killed."""
    lost, doubled, torn, acknowledged = killed(folder, kills)
    return [
        Bar(f"{kills} kills: acknowledged events that are lost, of {acknowledged:,}", "0", str(lost), lost == 0),
        Bar(f"{kills} kills: events that are there twice", "0", str(doubled), doubled == 0),
        Bar(f"{kills} kills: batches that are there in part", "0", str(torn), torn == 0),
    ]


def killed(folder: Path, kills: int) -> tuple[int, int, int, int]:
    """Returns how many events were lost, are doubled, how many batches are torn, and how many were acknowledged."""
    from collections import Counter

    from sqlalchemy import select

    from serving.store import Store
    from serving.tables import EVENTS

    url, size, rng = f"sqlite:///{folder}/killed.db", 20, random.Random(kills)  # noqa: S311 - when to kill
    clients = [Client(f"killed-{number}", size) for number in range(CLIENTS)]
    for _ in range(kills):
        with served(url) as (child, port):
            before = sum(client.sent for client in clients)
            threads = together(clients, port)
            while sum(client.sent for client in clients) < before + CLIENTS:
                time.sleep(0.001)
            time.sleep(rng.uniform(0.0, 0.1))
            os.kill(child.pid, signal.SIGKILL)
            for thread in threads:
                thread.join()
    with Store(url) as store, store.database.reading() as connection:
        stored = Counter(connection.scalars(select(EVENTS.c.event_id)))
    acknowledged = [name for client in clients for name in client.acknowledged]
    batches = Counter(name.rsplit("-", 1)[0] for name in stored)
    lost = sum(stored[name] == 0 for name in acknowledged)
    doubled = sum(count > 1 for count in stored.values())
    return lost, doubled, sum(count != size for count in batches.values()), len(acknowledged)


if __name__ == "__main__":
    sys.exit(main())
