"""What became of every row of an import."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from features.sources.importing.taking import MOST_SHOWN, Taken


@dataclass
class ImportReport:
    """Counts that add up: ``read`` is ``used``, ``aside`` and ``refused``, ``made`` is ``taken`` and ``merged``.

    Parameters
    ----------
    files
        The names of the files read.
    read, used
        Rows, and those that said something of a customer.
    aside, refused
        Rows that are no events, and rows that could not be taken, by reason.
    shown
        The first refused rows of the import: file, line, reason and the cell that is wrong.
    made, merged, taken
        Events that the rows made, those that repeat another one's id, and the rest, which is handed on.
    customers, links
        People with events, and changes of who an anonymous id is.
    consents
        Changes of consent by state.
    attributes
        Rows of the attribute table.
    stored
        What the store did with the events: new, revised and known before.
    """

    files: list[str] = field(default_factory=list)
    read: int = 0
    used: int = 0
    aside: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    shown: list[dict[str, Any]] = field(default_factory=list)
    made: int = 0
    merged: int = 0
    taken: int = 0
    customers: int = 0
    links: int = 0
    consents: Counter[str] = field(default_factory=Counter)
    attributes: int = 0
    stored: Counter[str] = field(default_factory=Counter)

    def count(self, taken: Taken) -> None:
        """Counts the rows of a block."""
        self.read += taken.read
        self.used += taken.used
        self.aside.update(taken.aside)
        self.refused.update(taken.refused)
        self.shown += taken.shown[: MOST_SHOWN - len(self.shown)]

    def plain(self) -> dict[str, Any]:
        """Returns the report as plain data."""
        return {
            "files": self.files,
            "rows": {
                "read": self.read,
                "used": self.used,
                "aside": dict(self.aside),
                "refused": dict(self.refused),
            },
            "refused_rows": self.shown,
            "events": {"made": self.made, "merged": self.merged, "taken": self.taken, **self.stored},
            "customers": self.customers,
            "links": self.links,
            "consents": dict(self.consents),
            "attributes": self.attributes,
        }

    def save(self, path: Path) -> None:
        """Writes the report as JSON."""
        path.write_text(json.dumps(self.plain(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def sentences(self) -> list[str]:
        """Returns what a reader wants to know, a line each."""
        lines = [f"{self.read:,} rows read: {self.used:,} used, {_listed('set aside', self.aside)}."]
        if self.refused:
            lines.append(f"{_listed('refused', self.refused)}.")
            lines += [f"  {row['file']} line {row['line']}: {row['reason']} {row['detail']!r}" for row in self.shown]
            if self.refused.total() > len(self.shown):
                lines.append(f"  and {self.refused.total() - len(self.shown):,} more")
        lines.append(f"{self.taken:,} events of {self.customers:,} customers; {self.merged:,} more are copies of them.")
        if self.stored:
            lines.append("In the store: " + ", ".join(f"{count:,} {what}" for what, count in self.stored.items()) + ".")
        if self.links:
            lines.append(f"{self.links:,} links from anonymous to known ids.")
        if self.consents:
            lines.append(f"{_listed('changes of consent', self.consents)}.")
        if self.attributes:
            lines.append(f"{self.attributes:,} rows of customer attributes.")
        return lines


def _listed(what: str, counts: Counter[str]) -> str:
    reasons = "; ".join(f"{reason} {count:,}" for reason, count in counts.most_common())
    return f"{counts.total():,} {what}" + (f" ({reasons})" if reasons else "")
