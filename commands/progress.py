"""Progress bars on a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

Advance = Callable[[float], None]


@contextmanager
def progress_steps(console: Console) -> Iterator[Callable[[str], Advance]]:
    """Yields a function that starts a bar and returns how to advance it; a bar is full when the next one starts."""
    columns = (TextColumn("{task.description:<34}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:

        def start(description: str) -> Advance:
            finish()
            task = progress.add_task(description, total=1.0)
            return lambda share: progress.advance(task, share)

        def finish() -> None:
            for task in progress.tasks:
                progress.update(task.id, completed=1.0)
                progress.stop_task(task.id)

        yield start
        finish()
