import os
import signal
import subprocess
import sys
import time

import pytest

CHILD = """
import sys, time
from serving.orphans import end_with_parent
end_with_parent(int(sys.argv[1]))
print("up", flush=True)
time.sleep(60)
"""
PARENT = f"import os, subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}, str(os.getpid())])"


@pytest.mark.skipif(sys.platform != "linux", reason="no other kernel tells a process that its parent is gone")
def test_a_worker_ends_when_nobody_watches_over_it() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        os.kill(parent.pid, signal.SIGKILL)
        started = time.monotonic()
        assert parent.stdout.read() == "", "the pipe ends with the last process that holds it"
        assert time.monotonic() - started < 30


@pytest.mark.skipif(sys.platform != "linux", reason="no other kernel tells a process that its parent is gone")
def test_a_worker_whose_parent_went_before_it_began_ends_at_once() -> None:
    ended = subprocess.run([sys.executable, "-c", CHILD, "1"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "the process that watched over this one is gone" in ended.stderr
