"""Salesforce: files for upserts by the Bulk API 2.0, and the jobs that take them.

https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/
"""

from collections.abc import Iterable, Iterator
from typing import Any

from features.ingest import CUSTOMER
from serving.exports.score_fields import Row, ScoreField, written
from serving.formulas import defused

NULL = "#N/A"
"""Sets a field to nothing, and only without quotes; an empty cell would leave the old score there."""

MOST_BYTES = 100_000_000
EXTERNAL_ID = "Customer_Id__c"


def job(object_name: str = "Contact", external_id: str = EXTERNAL_ID) -> dict[str, str]:
    """Returns the body that opens a job for files as ``upsert_files`` makes them."""
    return {
        "object": object_name,
        "operation": "upsert",
        "externalIdFieldName": external_id,
        "contentType": "CSV",
        "columnDelimiter": "COMMA",
        "lineEnding": "LF",
    }


def upsert_files(
    rows: Iterable[Row], fields: tuple[ScoreField, ...], external_id: str = EXTERNAL_ID, most_bytes: int = MOST_BYTES
) -> Iterator[str]:
    """Yields the texts of CSV files, none longer than the limit in UTF-8."""
    header = ",".join([*(api_name(field) for field in fields), external_id]) + "\n"
    size, lines = len(header.encode()), [header]
    for row in rows:
        line = ",".join([*(_cell(field, row[field.column]) for field in fields), _quoted(str(row[CUSTOMER]))]) + "\n"
        length = len(line.encode())
        if size + length > most_bytes and len(lines) > 1:
            yield "".join(lines)
            size, lines = len(header.encode()), [header]
        size += length
        lines.append(line)
    if len(lines) > 1:
        yield "".join(lines)


def api_name(field: ScoreField) -> str:
    """Returns the API name of a custom field.

    Examples
    --------
    >>> api_name(ScoreField("stage_next_prob", "share", "Next stage probability"))
    'Nextstage_Stage_Next_Prob__c'
    """
    return "_".join(part.capitalize() for part in field.name.split("_")) + "__c"


def _cell(field: ScoreField, cell: Any) -> str:
    text = written(field, cell)
    return NULL if text is None else _quoted(defused(text) if field.kind == "text" else text)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
