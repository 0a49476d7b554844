"""The service starts only when it can answer, and ends cleanly."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from features.errors import ConfigError, PredictorError, StoreError
from serving.launch import serve, sigterm_as_interrupt
from serving.settings import Settings
from tests.serving.conftest import MODEL, free_port, wait_until_ready

# a program started in the background of a script is told to ignore Ctrl-C; this one is to heed it wherever tests run
SERVE = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
SERVE += "from serving.launch import serve; from serving.settings import Settings; "
SERVE += "serve(Settings(*sys.argv[1:3]), port=int(sys.argv[3]), on_ready=lambda: print('ready', flush=True))"


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(ConfigError, match=r"port \d+ on 127.0.0.1 cannot be used .*give another port"):
            serve(Settings(), port=holder.getsockname()[1])


def test_a_port_that_is_none_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"port 70000 on 127\.0\.0\.1 cannot be used"):
        serve(Settings(), port=70_000)


def test_without_a_champion_nothing_starts(registry: str) -> None:
    del registry
    with pytest.raises(PredictorError, match="no model at models:/nobody@champion"):
        serve(Settings(model="models:/nobody@champion"), port=free_port())


def test_without_a_store_nothing_starts(registry: str) -> None:
    del registry
    with pytest.raises(StoreError, match="cannot be opened"):
        serve(Settings("sqlite:////nowhere/nextstage.db", MODEL), port=free_port())


def test_ctrl_c_ends_the_service_cleanly(registry: str, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-c", SERVE, f"sqlite:///{tmp_path}/nextstage.db", MODEL, str(port)]
    environment = os.environ | {"MLFLOW_TRACKING_URI": registry, "BENTOML_HOME": str(tmp_path)}
    with (
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as parent,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        try:
            wait_until_ready(client, parent)
            parent.stdout.readline()  # type: ignore[union-attr]  # it is a pipe
            parent.send_signal(signal.SIGINT)
            _, errors = parent.communicate(timeout=30)
            assert parent.returncode == 0, errors
            assert "Traceback" not in errors
            with pytest.raises(httpx.ConnectError):
                client.get("/readyz")
        finally:
            parent.terminate()


def test_being_told_to_end_is_as_good_as_ctrl_c() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), sigterm_as_interrupt():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
