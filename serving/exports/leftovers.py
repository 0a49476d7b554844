"""What exports and pushes leave beside the store: who is erased is erased from it too."""

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from features.errors import StoreError

PATIENCE = 10.0  # seconds
EXPORTS = "exports"
JOURNAL = "pushed.db"
WRITTEN = (
    "scores.csv",
    "hubspot_*",
    "salesforce_*",
    "pipedrive_import_*.csv",
    "klaviyo_bulk_import_*.json",
    "braze_users_track_*.json",
    "ga4_user_import.csv",
)
"""The files that exports are made of."""
ELSEWHERE = re.compile(
    r"hubspot_import\.csv|salesforce_upsert_\d{3}\.csv|pipedrive_import_\d{3}\.csv"
    r"|klaviyo_bulk_import_\d{5}\.json|braze_users_track_\d{5}\.json|ga4_user_import\.csv"
)
"""Those of them that name customers in another way than our tables do, wherever somebody let them be written."""


def erase_exports(folder: Path) -> int:
    """Deletes the exported files in a working folder and below, and returns their number; they can be made again.

    Some of them know customers by an address only, which cannot be looked up once the customer is gone.
    """
    files = {path for pattern in WRITTEN for path in (folder / EXPORTS).glob(pattern)}
    files |= {path for path in folder.rglob("*") if ELSEWHERE.fullmatch(path.name)}
    for path in files:
        path.unlink(missing_ok=True)
    return len(files)


def erase_deliveries(folder: Path, ids: Sequence[str]) -> int:
    """Removes customers from the journal of pushes, every byte of them, and returns how many rows that were.

    Nothing is kept of a request that was cut off and concerns one of them: the next push tells the others in it again.

    Raises
    ------
    StoreError
        If a push is under way.
    """
    path = folder / JOURNAL
    if not path.exists():
        return 0
    try:
        return _erase(path, [(name,) for name in ids])
    except sqlite3.OperationalError as problem:
        raise StoreError(f"the journal of pushes {path} cannot be changed ({problem}); try again later") from None


def _erase(path: Path, named: list[tuple[str]]) -> int:
    with closing(sqlite3.connect(path, timeout=PATIENCE)) as journal:
        journal.execute("PRAGMA secure_delete = ON")
        with journal:
            told = journal.executemany("DELETE FROM delivered WHERE customer = ?", named).rowcount
            cut_off = journal.executemany(
                "DELETE FROM underway WHERE EXISTS "
                "(SELECT 1 FROM json_each(underway.request, '$[2]') WHERE json_each.key = ?)",
                named,
            ).rowcount
        journal.execute("VACUUM")  # who was refused, or told something else before, may be in pages that are free now
        (busy, _, _) = journal.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreError(f"the journal of pushes {path} is in use, so it cannot be overwritten; try again later")
    return told + cut_off
