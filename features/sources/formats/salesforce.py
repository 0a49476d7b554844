"""Salesforce: CSV exports of Contact, Lead, Opportunity and OpportunityHistory, by API names."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from features.errors import EventLogError
from features.sources.importing.crm import Deals, People, Row, cell, deal_records, header_of, person_records, rows_of
from features.sources.importing.lines import table_rows
from features.sources.importing.records import DENIED, REVOKED, Numbered, Options, Record, Refused

OPTED_OUT = dict.fromkeys(("true", "1"), REVOKED)
CONTACTS = People(
    source="salesforce",
    id=("Id",),
    created=("CreatedDate",),
    changed=("LastModifiedDate", "SystemModstamp"),
    traits={
        "country": ("MailingCountry", "Country"),
        "industry": ("Industry",),
        "lead_source": ("LeadSource",),
        "lead_status": ("Status",),
    },
    consent={
        "HasOptedOutOfEmail": OPTED_OUT,
        "HasOptedOutProfiling": dict.fromkeys(("true", "1"), DENIED),
        "Individual.HasOptedOutProfiling": dict.fromkeys(("true", "1"), DENIED),
    },
    deleted=("IsDeleted",),
)
DEALS = Deals(
    id=("Id",),
    customers=("ContactId",),
    created=("CreatedDate",),
    amount=("Amount",),
    currency=("CurrencyIsoCode",),
    stage=("StageName",),
    stage_since=("LastStageChangeDate",),
    won={"IsWon": frozenset({"true", "1"}), "StageName": frozenset({"closed won"})},
    lost={"StageName": frozenset({"closed lost"})},
    won_at=("CloseDate",),
    lost_at=("CloseDate",),
    deleted=("IsDeleted",),
)
HISTORY = Deals(
    id=("OpportunityId",),
    customers=("customer",),
    created=(),
    amount=(),
    currency=(),
    stage=("StageName",),
    stage_since=("CreatedDate",),
    won={},
    lost={},
    won_at=(),
    lost_at=(),
    deleted=("IsDeleted",),
)
CONTACT_TABLE, DEAL_TABLE, HISTORY_TABLE = "contacts", "opportunities", "history"


@dataclass(frozen=True)
class Salesforce:
    """Contacts, leads, opportunities and their history; which of them a file holds, its columns tell.

    Parameters
    ----------
    owners
        Whose each opportunity is: a history does not say so itself.
    has_history
        Whether stages come from a history, which knows more of them than the opportunity.
    """

    options: Options = field(default_factory=Options)
    owners: Mapping[str, str] = field(default_factory=dict)
    has_history: bool = False

    def prepared(self, files: tuple[Path, ...]) -> "Salesforce":
        """Returns the format that knows whose each opportunity is.

        Raises
        ------
        EventLogError
            If a file is none of the tables, or a history comes without the opportunities.
        """
        tables = {file: _table(file) for file in files}
        if HISTORY_TABLE in tables.values() and DEAL_TABLE not in tables.values():
            raise EventLogError("an OpportunityHistory names no customers; give the export of Opportunity with it")
        deals = [file for file, table in tables.items() if table == DEAL_TABLE]
        return replace(self, owners=dict(self._owned(deals)), has_history=HISTORY_TABLE in tables.values())

    def rows(self, file: Path) -> Iterator[Numbered]:
        """Yields each row with the table it is from."""
        return rows_of(file, _table(file))

    def records(self, row: tuple[Row, str]) -> Iterable[Record]:
        """Returns what a contact, an opportunity or a change of it tells."""
        cells, table = row
        if table == CONTACT_TABLE:
            return person_records(cells, CONTACTS, self.options)
        if table == HISTORY_TABLE:
            deal = cell(cells, HISTORY.id)
            owned = Row({**cells, "customer": self.owners.get(deal or "", "")})
            return deal_records(owned, HISTORY, replace(self.options, customer=None), "salesforce")
        table_of_deals = replace(DEALS, stage_since=()) if self.has_history else DEALS
        return deal_records(self._lost(cells), table_of_deals, self.options, "salesforce")

    def _owned(self, files: Iterable[Path]) -> Iterator[tuple[str, str]]:
        names = DEALS.customers if self.options.customer is None else (self.options.customer,)
        for file in files:
            for _, row in table_rows(file):
                if not isinstance(row, Refused):
                    cells = Row(row)
                    yield cell(cells, DEALS.id) or "", cell(cells, names) or ""

    @staticmethod
    def _lost(row: Row) -> Row:
        """Returns an opportunity that is closed and not won as lost, whatever its last stage is called."""
        closed = row.get("isclosed", "").lower() in ("true", "1") and row.get("iswon", "").lower() in ("false", "0")
        return Row({**row, "stagename": "Closed Lost"}) if closed else row


def _table(file: Path) -> str:
    header = header_of(file)
    if {"opportunityid", "stagename"} <= header:
        return HISTORY_TABLE
    if {"id", "stagename"} <= header:
        return DEAL_TABLE
    if "id" in header:
        return CONTACT_TABLE
    raise EventLogError(f"{file.name} has no column 'Id' or 'OpportunityId'; give an export of Salesforce by API names")
