"""Writes a file as a whole: whoever reads it meanwhile sees the old one or the new one, never half of it."""

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def unfinished_files(path: Path) -> list[Path]:
    """Returns what processes that were stopped left of this file."""
    return sorted(path.parent.glob(f".{glob.escape(path.name)}.*"))


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yields where to write; what is there takes the place of ``path`` at the end, or nothing does after an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
