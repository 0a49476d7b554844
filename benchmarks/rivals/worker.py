"""Measures one run of one implementation in a warm process: ``python -m benchmarks.rivals.worker NAME SMALL LOG N``.

Writes one line of JSON to standard output: feature cells, CPU seconds of all threads and children, wall seconds, peak
memory in bytes and, where columns differ from ours, the events in all windows together. Before it, the implementation
has run once on the small log.
"""

import json
import os
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from types import ModuleType

from benchmarks.rivals.columns import columns, cutoffs
from benchmarks.rivals.memory import peak_bytes


def main(name: str, small: str, log: str, number: str) -> None:
    """Warms up, measures and reports."""
    report = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what an implementation prints is no report
    module = import_module(f"benchmarks.rivals.{name}")
    drain(module, Path(small), cutoffs(int(number)))
    spent, started = cpu_seconds(module), time.monotonic()
    cells, counted = drain(module, Path(log), cutoffs(int(number)))
    wall, spent = time.monotonic() - started, cpu_seconds(module) - spent
    peak = peak_bytes() + (module.others()[1] if hasattr(module, "others") else 0)
    run = {"cells": cells, "counted": counted, "cpu": spent, "wall": wall, "peak": peak}
    print(json.dumps(run), file=report, flush=True)


def drain(module: ModuleType, log: Path, moments: list[int]) -> tuple[int, int]:
    """Computes every feature, drops it, and returns how many there were and how many events stand in all windows."""
    cells = counted = 0
    for table in module.stream(log, moments):
        cells += module.cells(table) if hasattr(module, "cells") else len(table) * len(columns())
        counted += module.counted(table) if hasattr(module, "counted") else 0
    return cells, counted


def cpu_seconds(module: ModuleType) -> float:
    """Returns the CPU seconds of this process and all that it started, so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    others = module.others()[0] if hasattr(module, "others") else 0.0
    return sum(usage.ru_utime + usage.ru_stime for usage in used) + others


if __name__ == "__main__":
    main(*sys.argv[1:])
