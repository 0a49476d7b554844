"""HubSpot: CSV exports of contacts and deals by their labels or internal names, and the errors of an import."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from features.errors import EventLogError
from features.sources.importing.crm import (
    NO_DATE,
    Deals,
    People,
    Row,
    cell,
    deal_records,
    header_of,
    person_records,
    rows_of,
)
from features.sources.importing.moments import moment, zone_named
from features.sources.importing.records import DENIED, REVOKED, Aside, Consent, Numbered, Options, Record, Refused

BLOCKED = "GDPR_BLACKLISTED_EMAIL"
ID = ("Record ID", "Record ID - Contact", "hs_object_id", "id")
ERROR = ("errorType", "Error type")
ADDRESS = ("invalidValue", "Invalid value", "Email")

CONTACTS = People(
    source="hubspot",
    id=ID,
    created=("Create Date", "createdate"),
    changed=("Last Modified Date", "lastmodifieddate", "hs_lastmodifieddate"),
    traits={
        "country": ("Country/Region", "country"),
        "industry": ("Industry", "industry"),
        "lead_status": ("Lead Status", "hs_lead_status"),
        "lifecycle_stage": ("Lifecycle Stage", "lifecyclestage"),
        "original_source": ("Original Source", "Original Traffic Source", "hs_analytics_source"),
    },
    consent={"Unsubscribed from all email": {"true": REVOKED, "yes": REVOKED}, "hs_email_optout": {"true": REVOKED}},
    reached=re.compile(r"Became an? (.+?)(?: Lifecycle)? Date|hs_lifecyclestage_(.+)_date"),
)
DEALS = Deals(
    id=("Record ID", "Record ID - Deal", "hs_object_id", "id"),
    customers=("Associated Contact IDs", "associated_contact_ids", "Associated Contact ID"),
    created=("Create Date", "createdate"),
    amount=("Amount", "amount"),
    currency=("Currency", "deal_currency_code"),
    stage=("Deal Stage", "dealstage"),
    stage_since=("Date entered current stage", "hs_v2_date_entered_current_stage"),
    won={"Is Closed Won": frozenset({"true", "yes"}), "hs_is_closed_won": frozenset({"true"})}
    | dict.fromkeys(("Deal Stage", "dealstage"), frozenset({"closed won", "closedwon"})),
    lost={"Is closed lost": frozenset({"true", "yes"}), "hs_is_closed_lost": frozenset({"true"})}
    | dict.fromkeys(("Deal Stage", "dealstage"), frozenset({"closed lost", "closedlost"})),
    won_at=("Close Date", "closedate"),
    lost_at=("Close Date", "closedate"),
    reached=re.compile(r'Date entered "([^"]+)"|hs_v2_date_entered_((?!current_stage).+)'),
)
CONTACT_TABLE, DEAL_TABLE, ERROR_TABLE = "contacts", "deals", "errors"


@dataclass(frozen=True)
class HubSpot:
    """Contacts, deals and import errors; which of them a file holds, its columns tell."""

    options: Options = field(default_factory=Options)

    def prepared(self, files: tuple[Path, ...]) -> "HubSpot":
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
        """Returns what a contact, a deal or an import error tells."""
        cells, table = row
        if table == ERROR_TABLE:
            return self._blocked(cells)
        if table == DEAL_TABLE:
            return deal_records(cells, DEALS, self.options, "hubspot")
        return person_records(cells, CONTACTS, self.options)

    def _blocked(self, row: Row) -> Iterable[Record]:
        """Returns that an address may not be worked with: its owner had it deleted for good."""
        if cell(row, ERROR) != BLOCKED:
            return [Aside("import error of another kind")]
        when = cell(row, ("createdAt", "Created at"))
        if when is None and self.options.known_at is None:
            raise Refused(NO_DATE)
        at = moment(when, zone_named(self.options.timezone)) if when else self.options.known_at or 0
        who = cell(row, ADDRESS if self.options.customer is None else (self.options.customer,))
        return [Consent(who, None, at, self.options.known_at, DENIED, f"hubspot {BLOCKED}")]


def _table(file: Path) -> str:
    header = header_of(file)
    if header & {name.lower() for name in ERROR}:
        return ERROR_TABLE
    if header & {name.lower() for name in (*DEALS.stage, *DEALS.won)}:
        return DEAL_TABLE
    if header & {name.lower() for name in (*CONTACTS.id, "email")}:
        return CONTACT_TABLE
    raise EventLogError(
        f"{file.name} has no column 'Record ID', 'Deal Stage' or 'errorType'; give an export of HubSpot"
    )
