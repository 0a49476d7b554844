"""Klaviyo: bulk imports of profiles.

https://developers.klaviyo.com/en/reference/bulk_import_profiles
"""

from dataclasses import dataclass
from typing import Any

from features.ingest import CUSTOMER
from serving.exports.bodies import Body
from serving.exports.score_fields import EMAIL, Row, ScoreField, plain


@dataclass(frozen=True)
class Klaviyo:
    """Profiles by our customer id, and by e-mail address where there is one; at most 10,000 a job."""

    most: int = 10_000
    key: str = CUSTOMER

    def body(self, rows: list[Row], fields: tuple[ScoreField, ...]) -> Body:
        """Returns the body of a bulk import job."""
        profiles = {"data": [_profile(row, fields) for row in rows]}
        return {"data": {"type": "profile-bulk-import-job", "attributes": {"profiles": profiles}}}


def _profile(row: Row, fields: tuple[ScoreField, ...]) -> dict[str, Any]:
    who = {"external_id": row[CUSTOMER]} | ({EMAIL: row[EMAIL]} if row.get(EMAIL) else {})
    said = {field.name: plain(field, row[field.column]) for field in fields}
    return {"type": "profile", "attributes": {**who, "properties": said}}
