"""HubSpot: batch upserts of contacts, the properties they need, and a file to import by hand.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
"""

from dataclasses import dataclass
from typing import Any

from serving.exports.bodies import Body
from serving.exports.score_fields import EMAIL, MOMENT, NUMBER, SHARE, Row, ScoreField, milliseconds, written

HINTS = {SHARE: "probability", NUMBER: "unformatted"}
CONTACT = "0-1"


@dataclass(frozen=True)
class HubSpot:
    """Contacts by e-mail address, at most 100 a request; every value is text, and an empty one clears the property.

    Parameters
    ----------
    run
        What the scoring run is called: with the customer it makes the id by which partial failures are told.
    """

    run: str
    most: int = 100
    key: str = EMAIL

    def body(self, rows: list[Row], fields: tuple[ScoreField, ...]) -> Body:
        """Returns the body of a batch upsert."""
        return {"inputs": [self._input(row, fields) for row in rows]}

    def _input(self, row: Row, fields: tuple[ScoreField, ...]) -> dict[str, Any]:
        return {
            "idProperty": "email",
            "id": row[EMAIL],
            "objectWriteTraceId": f"{self.run}:{row['customer_id']}",
            "properties": {"email": row[EMAIL]}
            | {field.name: property_text(field, row[field.column]) for field in fields},
        }


def property_text(field: ScoreField, cell: Any) -> str:
    """Returns a value as a property takes it: moments in milliseconds, nothing as the empty text that clears it."""
    text = written(field, cell)
    if text is None:
        return ""
    return milliseconds(text) if field.kind == MOMENT else text


def properties(fields: tuple[ScoreField, ...]) -> list[dict[str, Any]]:
    """Returns what creates the properties, each the body of one request."""
    return [_property(field) for field in fields]


def import_request(name: str, file: str, fields: tuple[ScoreField, ...]) -> dict[str, Any]:
    """Returns the ``importRequest`` for a file whose columns are ``Email`` and the fields' labels."""
    columns: list[dict[str, str]] = [
        {
            "columnObjectTypeId": CONTACT,
            "columnName": "Email",
            "propertyName": "email",
            "columnType": "HUBSPOT_ALTERNATE_ID",
        }
    ]
    columns += [
        {"columnObjectTypeId": CONTACT, "columnName": field.label, "propertyName": field.name} for field in fields
    ]
    page = {"hasHeader": True, "columnMappings": columns}
    return {
        "name": name,
        "importOperations": {CONTACT: "UPDATE"},
        "dateFormat": "YEAR_MONTH_DAY",
        "marketableContactImport": False,
        "createContactListFromImport": False,
        "files": [{"fileName": file, "fileFormat": "CSV", "fileImportPage": page}],
    }


def _property(field: ScoreField) -> dict[str, Any]:
    is_number = field.kind in HINTS
    kind = "datetime" if field.kind == MOMENT else "number" if is_number else "string"
    made: dict[str, Any] = {
        "name": field.name,
        "label": field.label,
        "groupName": "contactinformation",
        "type": kind,
        "fieldType": "date" if field.kind == MOMENT else "number" if is_number else "text",
        "description": f"Set by nextstage from {field.column}",
        "formField": False,
        "hasUniqueValue": False,
        "hidden": False,
    }
    return made | ({"numberDisplayHint": HINTS[field.kind]} if is_number else {})
