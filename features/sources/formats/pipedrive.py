"""Pipedrive: exports of people and deals, by the labels of its list views or the names of its API."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from features.errors import EventLogError
from features.sources.importing.crm import Deals, People, Row, deal_records, header_of, person_records, rows_of
from features.sources.importing.records import DENIED, GRANTED, REVOKED, Numbered, Options, Record

STATUS = {
    "no_consent": DENIED,
    "no consent": DENIED,
    "unsubscribed": REVOKED,
    "subscribed": GRANTED,
    "archived": DENIED,
}
"""What ``marketing_status`` means; who is archived has not said yes."""

PEOPLE = People(
    source="pipedrive",
    id=("Person - ID", "Person - Pipedrive System ID", "id", "ID"),
    created=("Person - Person created", "Person - Add time", "add_time"),
    changed=("Person - Update time", "update_time"),
    traits={"label": ("Person - Labels", "Person - Label"), "organization": ("org_id",)},
    consent={"Person - Marketing status": STATUS, "marketing_status": STATUS},
)
DEALS = Deals(
    id=("Deal - ID", "Deal - Pipedrive System ID", "Deal - System ID", "id"),
    customers=("Person - ID", "Deal - Contact person ID", "person_id", "Deal - Contact person"),
    created=("Deal - Deal created", "Deal - Creation date", "Deal - Add time", "add_time"),
    amount=("Deal - Value", "value"),
    currency=("Deal - Currency of Value", "Deal - Currency", "currency"),
    stage=("Deal - Stage", "Deal - Stage (pipeline)", "stage_id"),
    stage_since=("Deal - Last stage change", "stage_change_time"),
    won=dict.fromkeys(("Deal - Status", "status"), frozenset({"won"})),
    lost=dict.fromkeys(("Deal - Status", "status"), frozenset({"lost"})),
    won_at=("Deal - Won time", "won_time", "Deal - Closed on", "Deal - Deal closed on"),
    lost_at=("Deal - Lost time", "lost_time", "Deal - Closed on", "Deal - Deal closed on"),
    deleted=("is_deleted",),
)
PEOPLE_TABLE, DEAL_TABLE = "people", "deals"


@dataclass(frozen=True)
class Pipedrive:
    """People and deals; which of them a file holds, its columns tell."""

    options: Options = field(default_factory=Options)

    def prepared(self, files: tuple[Path, ...]) -> "Pipedrive":
        """Returns itself after a look at each header.

        Raises
        ------
        EventLogError
            If a file is none of the tables.
        """
        for file in files:
            _table(file)
        return self

    def rows(self, file: Path) -> Iterator[Numbered]:
        """Yields each row with the table it is from."""
        return rows_of(file, _table(file))

    def records(self, row: tuple[Row, str]) -> Iterable[Record]:
        """Returns what a person or a deal tells."""
        cells, table = row
        if table == DEAL_TABLE:
            return deal_records(cells, DEALS, self.options, "pipedrive")
        return person_records(cells, PEOPLE, self.options)


def _table(file: Path) -> str:
    header = header_of(file)
    if header & {"deal - status", "deal - id", "deal - title", "stage_id"}:
        return DEAL_TABLE
    if header & {name.lower() for name in PEOPLE.id}:
        return PEOPLE_TABLE
    raise EventLogError(f"{file.name} has no column 'Person - ID' or 'Deal - ID'; give an export of Pipedrive")
