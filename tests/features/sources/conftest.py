"""Imports a file of another tool and returns everything that came of it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from features.sources.importing.import_report import ImportReport
from features.sources.importing.importer import opened_import
from features.sources.importing.records import Format

GOLDEN = Path(__file__).parents[2] / "golden" / "formats"


@dataclass(frozen=True)
class Imported:
    events: pd.DataFrame
    consents: pd.DataFrame
    attributes: pd.DataFrame
    links: pd.DataFrame
    report: ImportReport

    def column(self, name: str) -> list[Any]:
        return [None if pd.isna(cell) else cell for cell in self.events[name].tolist()]

    def column_of(self, event: str, name: str) -> list[Any]:
        cells = self.events.loc[self.events["event"] == event, name].tolist()
        return [None if pd.isna(cell) else cell for cell in cells]

    @property
    def times(self) -> list[str]:
        return [moment.strftime("%Y-%m-%d %H:%M:%S") for moment in self.events["timestamp"]]

    @property
    def known(self) -> list[str | None]:
        return [None if pd.isna(cell) else cell.strftime("%Y-%m-%d %H:%M:%S") for cell in self.events["known_at"]]


Import = Callable[..., Imported]


@pytest.fixture
def imported() -> Import:
    def run(form: Format, *files: Path, latest: int | None = None, prior: pd.DataFrame | None = None) -> Imported:
        with opened_import(form, files, latest, prior) as found:
            tables = list(found.events())
            events = pa.concat_tables(tables).to_pandas() if tables else pd.DataFrame()
            return Imported(events, found.consents, found.attributes, found.links, found.report)

    return run


@pytest.fixture
def json_lines(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: Mapping[str, Any] | str, name: str = "rows.jsonl") -> Path:
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return tmp_path / name

    return write


@pytest.fixture
def tab_file(tmp_path: Path) -> Callable[..., Path]:
    def write(header: Iterable[str], *rows: Iterable[str], name: str = "rows.tsv") -> Path:
        text = "\n".join("\t".join(cells) for cells in (header, *rows)) + "\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write
