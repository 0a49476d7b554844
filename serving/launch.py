"""Starts the scoring service as a process of its own and stays with it until it ends."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import IO

from features.errors import ConfigError, NextstageError
from serving.loading import load_model
from serving.settings import Settings
from serving.store import Store

SERVICE = "serving.service:ScoringService"
PATIENCE = 15.0  # seconds for requests under way when the service is told to end
LONGEST_START = 120.0  # seconds; BentoML starts a worker that fails again and again, for ever


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 3000,
    workers: int = 1,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Serves scores until Ctrl-C or SIGTERM.

    Parameters
    ----------
    on_ready
        Called once the service answers.

    Raises
    ------
    ConfigError
        If the port is taken or the host is not this machine's.
    PredictorError
        If there is no such model.
    NextstageError
        If the service does not come up, or ends by itself.
    """
    check(settings, host, port)
    with sigterm_as_interrupt():
        child = start(replace(settings, workers=workers), host, port)
        try:
            _wait_until_ready(child, host, port)
            if on_ready is not None:
                on_ready()
            while child.poll() is None:  # once mlflow is imported, an endless wait does not hear Ctrl-C
                time.sleep(0.1)
            raise NextstageError(f"the service ended with exit code {child.returncode}; its output above says why")
        except KeyboardInterrupt:
            return
        finally:
            stop(child)


def check(settings: Settings, host: str, port: int) -> None:
    """Makes sure, before anything starts, that the port is free, the model loads and the store opens."""
    check_port(host, port)
    load_model(settings.model)
    Store(settings.database_url).close()


def check_port(host: str, port: int) -> None:
    """Makes sure that a port is free."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a past one is no obstacle
            probe.bind((host, port))
    except (OSError, OverflowError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise ConfigError(
            f"port {port} on {host} cannot be used ({reason}); stop the program that holds it or give another port"
        ) from None


def start(
    settings: Settings, host: str, port: int, log: IO[bytes] | None = None, service: str = SERVICE
) -> subprocess.Popen[bytes]:
    """Returns the service as a running process; it leads its own group, so that a Ctrl-C reaches it once, from us.

    Parameters
    ----------
    log
        Where its output goes; to ours if there is none.
    service
        What BentoML imports.
    """
    command = [sys.executable, "-m", "bentoml", "serve", service, "--host", host, "--port", str(port)]
    environment = settings.to_environment()
    # BentoML empties a folder for metrics when it starts: two services must not share one
    environment.setdefault("BENTOML_HOME", str(Path.home() / "bentoml" / f"nextstage-{port}"))
    return subprocess.Popen(  # noqa: S603 - our own command
        command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0
    )


def stop(child: subprocess.Popen[bytes]) -> None:
    """Ends the service: it may finish what it is answering, but not take longer than PATIENCE."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _wait_until_ready(child: subprocess.Popen[bytes], host: str, port: int) -> None:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    name = f"[{reachable}]" if ":" in reachable else reachable
    limit = time.monotonic() + LONGEST_START
    while child.poll() is None:
        if time.monotonic() > limit:
            raise NextstageError(f"the service did not answer within {LONGEST_START:.0f} s; its output above says why")
        try:
            with urllib.request.urlopen(f"http://{name}:{port}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """Makes SIGTERM end us as Ctrl-C does, so that the service never outlives us."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
