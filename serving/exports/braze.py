"""Braze: attributes of users.

https://www.braze.com/docs/api/endpoints/user_data/post_user_track/
"""

from dataclasses import dataclass

from features.ingest import CUSTOMER
from serving.exports.bodies import Body
from serving.exports.score_fields import Row, ScoreField, plain


@dataclass(frozen=True)
class Braze:
    """Users by our customer id, at most 75 a request; none is created by a score."""

    most: int = 75
    key: str = CUSTOMER

    def body(self, rows: list[Row], fields: tuple[ScoreField, ...]) -> Body:
        """Returns the body of ``/users/track``."""
        return {
            "attributes": [
                {"external_id": row[CUSTOMER], "_update_existing_only": True}
                | {field.name: plain(field, row[field.column]) for field in fields}
                for row in rows
            ]
        }
