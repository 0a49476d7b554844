"""CSV files that people open: nothing in them is run by a spreadsheet."""

import csv
import io
from collections.abc import Iterable

from features.ingest import CUSTOMER
from serving.exports.score_fields import EMAIL, TEXT, Row, ScoreField, written
from serving.formulas import defused


def score_sheet(rows: Iterable[Row], fields: tuple[ScoreField, ...], keys: dict[str, str], labelled: bool) -> str:
    """Returns the text of a CSV file.

    Parameters
    ----------
    keys
        Columns that name the customer and their headings; they are defused as well, for ids come from outside.
    labelled
        Whether the other headings are the words that people read, or the names of the columns.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*keys.values(), *(field.label if labelled else field.column for field in fields)])
    for row in rows:
        names = [defused(str(row[name])) if row.get(name) is not None else "" for name in keys]
        writer.writerow([*names, *(_cell(field, row) for field in fields)])
    return text.getvalue()


def pipedrive_sheets(rows: list[Row], fields: tuple[ScoreField, ...], most: int = 50_000) -> list[str]:
    """Returns the texts of CSV files for Pipedrive's import, which takes so many rows a file."""
    keys = {EMAIL: "Email", CUSTOMER: "Customer id"}
    return [score_sheet(rows[first : first + most], fields, keys, True) for first in range(0, len(rows), most)]


def _cell(field: ScoreField, row: Row) -> str:
    text = written(field, row[field.column])
    if text is None:
        return ""
    return defused(text) if field.kind == TEXT else text
