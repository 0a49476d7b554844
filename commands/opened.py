"""The event store of a working folder, for commands that need nothing else of it and should start quickly."""

from pathlib import Path

from serving.settings import Settings
from serving.store import Store

AUDIENCES = "audiences"


def opened_store(folder: Path) -> Store:
    """Returns the event store of a folder, opened."""
    return Store(Settings.from_environment(folder).database_url)
