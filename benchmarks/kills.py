"""Whether a service that is killed again and again loses an acknowledged event, or does not come back.

Run with ``python -m benchmarks.kills``; ``--quick`` kills 5 times. A whole service with two workers runs on generated
data. Clients send batches of messages, and send again what was not answered, as Segment's do; the alias of the
champion moves from one version to the other all the while. At random moments SIGKILL ends a worker, the process that
watches over the workers, or all of them at once. What was acknowledged must be in the store exactly once, each batch as
a whole, and the service must be ready again, by itself if it was a worker.
"""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.bars import Bar, command_line, none_of, settle
from benchmarks.ingest import batch
from benchmarks.served import NAME, free_port, is_ready, prepared, wait_until_ready
from serving.launch import start, stop
from serving.settings import Settings

CLIENTS = 4
SIZE = 20
WORKERS = 2
VICTIMS = ("a worker", "the supervisor", "the whole service")
PATIENCE = 120.0  # seconds until a service counts as lost


def main() -> int:
    """Measures every bar, prints the table, and returns 1 if one is missed."""
    parser = command_line(__doc__, "5 kills instead of 50")
    parser.add_argument("--database", help="the address of an empty store in place of a new SQLite file")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        bars = killed(Path(name), 5 if arguments.quick else 50, arguments.seed, arguments.database)
    return settle(bars, "A service that is killed, generated events", arguments.json)


@dataclass(eq=False)
class Service:
    """A service that is started again on its port when it was killed."""

    settings: Settings
    port: int
    log: Path
    process: "subprocess.Popen[bytes]" = field(init=False)

    def start(self) -> float:
        """Starts it and returns the seconds until it was ready."""
        with self.log.open("ab") as output:
            self.process = start(self.settings, "127.0.0.1", self.port, output)
        return wait_until_ready(self.process, self.port, PATIENCE)

    def workers(self) -> list[psutil.Process]:
        """Returns the processes that answer."""
        try:
            below = psutil.Process(self.process.pid).children(recursive=True)
            return [child for child in below if "_bentoml_impl.worker.service" in child.cmdline()]
        except psutil.NoSuchProcess:
            return []

    def kill(self, victim: str, rng: random.Random) -> float:
        """Kills a part of it and returns the seconds until it was whole and ready again."""
        workers = self.workers()
        if victim == "a worker":
            gone = rng.choice(workers)
            gone.send_signal(signal.SIGKILL)
            started = time.monotonic()
            self._wait(lambda: len(self.workers()) == WORKERS and gone.pid not in [each.pid for each in self.workers()])
            self._wait(lambda: is_ready(self.port))
            return time.monotonic() - started
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if victim == "the whole service":
            for worker in workers:
                worker.kill()
        _, alive = psutil.wait_procs(workers, timeout=PATIENCE)
        if alive:
            raise RuntimeError(f"{len(alive)} workers outlive the process that watched over them")
        return self.start()

    def _wait(self, done: Callable[[], bool]) -> None:
        limit = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > limit:
                raise RuntimeError(f"the service did not come back within {PATIENCE:.0f} s")
            time.sleep(0.05)


@dataclass(eq=False)
class Client:
    """Sends batches one after the other, each until it is acknowledged."""

    name: str
    port: int
    done: threading.Event
    acknowledged: list[str] = field(default_factory=list)
    repeated: int = 0

    def send(self) -> None:
        """Sends until told to end."""
        for number in itertools.count():
            name = f"{self.name}-{number}"
            body = batch(name, SIZE)
            while not self._is_taken(body):
                self.repeated += 1
                if self.done.is_set():
                    return
                time.sleep(0.02)
            self.acknowledged += [f"{name}-{place}" for place in range(SIZE)]
            if self.done.is_set():
                return

    def _is_taken(self, body: bytes) -> bool:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/batch", body)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own service
                return bool(answer.status == 200)
        except OSError:
            return False


def killed(folder: Path, kills: int, seed: int, database: str | None = None) -> list[Bar]:
    """Returns what a service lost that was killed so many times."""
    rng = random.Random(seed)  # noqa: S311 - when to kill
    settings = prepared(folder, versions=2)
    settings = Settings(database or settings.database_url, settings.model, WORKERS, rate=1e6)
    os.environ["BENTOML_HOME"] = str(folder / "bentoml")
    service = Service(settings, free_port(), folder / "service.log")
    times: dict[str, list[float]] = {victim: [] for victim in VICTIMS}
    try:
        service.start()
        with sending(service.port) as clients, swapping():
            for number in range(kills):
                acknowledged = sum(len(client.acknowledged) for client in clients)
                while sum(len(client.acknowledged) for client in clients) < acknowledged + CLIENTS * SIZE:
                    time.sleep(0.01)
                time.sleep(rng.uniform(0.0, 0.5))
                victim = VICTIMS[number % len(VICTIMS)]
                times[victim].append(service.kill(victim, rng))
        versions = served_versions(service.port)
    finally:
        stop(service.process)
    told = service.log.read_text(encoding="utf-8", errors="replace")
    if "Traceback" in told:
        print(told[told.index("Traceback") :][:5_000], file=sys.stderr)
    return [
        *losses(settings.database_url, clients, kills),
        *(_slowest(victim, seconds) for victim, seconds in times.items() if seconds),
        Bar("versions served at the end", "1 or 2", ", ".join(sorted(versions)), versions <= {"1", "2"}),
        none_of("stack traces in the log", told.count("Traceback")),
    ]


@contextmanager
def sending(port: int) -> Iterator[list[Client]]:
    """Yields clients that send in threads of their own."""
    done = threading.Event()
    clients = [Client(f"kills-{number}", port, done) for number in range(CLIENTS)]
    threads = [threading.Thread(target=client.send) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield clients
    finally:
        done.set()
        for thread in threads:
            thread.join()


@contextmanager
def swapping() -> Iterator[None]:
    """Moves the alias of the champion from one version to the other and back, all the while."""
    from models.registry import CHAMPION, set_alias

    done = threading.Event()

    def move() -> None:
        for version in itertools.cycle("21"):
            set_alias(NAME, CHAMPION, version)
            if done.wait(0.5):
                return

    thread = threading.Thread(target=move)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def served_versions(port: int) -> set[str]:
    """Returns the versions that the service says it answers with, asked often enough to meet every worker."""
    found = set()
    for _ in range(8 * WORKERS):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/model", timeout=30) as answer:
            found.add(str(json.load(answer)["version"]))
    return found


def losses(url: str, clients: list[Client], kills: int) -> list[Bar]:
    """Returns what became of events."""
    from sqlalchemy import select

    from serving.store import Store
    from serving.tables import EVENTS

    with Store(url) as store, store.database.reading() as connection:
        ids = connection.scalars(select(EVENTS.c.event_id).where(EVENTS.c.event_id.startswith("kills-")))
        stored = Counter(str(name) for name in ids)
    acknowledged = [name for client in clients for name in client.acknowledged]
    lost = sum(stored[name] == 0 for name in acknowledged)
    doubled = sum(count > 1 for count in stored.values())
    torn = sum(count != SIZE for count in Counter(name.rsplit("-", 1)[0] for name in stored).values())
    repeated = sum(client.repeated for client in clients)
    return [
        none_of(f"{kills} kills: acknowledged events that are lost, of {len(acknowledged):,}", lost),
        none_of(f"{kills} kills: events that are there twice", doubled),
        none_of(f"{kills} kills: batches that are there in part", torn),
        Bar(f"{kills} kills: requests that clients had to repeat", "", f"{repeated:,}"),
    ]


def _slowest(victim: str, seconds: list[float]) -> Bar:
    ready = str(len(seconds))
    return Bar(f"ready again after {victim} was killed", ready, f"{ready}, slowest {max(seconds):.1f} s")


if __name__ == "__main__":
    sys.exit(main())
