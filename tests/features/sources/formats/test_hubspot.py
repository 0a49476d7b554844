from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from features.errors import EventLogError
from features.sources.formats.hubspot import HubSpot
from features.sources.importing.records import Options
from features.timestamps import parse_moment

Write = Callable[..., Path]
UTC = Options(timezone="UTC")
CONTACT = {
    "Record ID": "501",
    "Email": "a@example.com",
    "Create Date": "2024-01-05 10:00",
    "Last Modified Date": "2024-03-01 12:00",
    "Lifecycle Stage": "Customer",
    "Became a Lead Date": "2024-01-06 09:00",
    "Became a Customer Date": "2024-02-01 09:00",
    "Industry": "Retail",
    "Unsubscribed from all email": "false",
}
DEAL = {
    "Record ID": "7001",
    "Deal Name": "Mugs",
    "Deal Stage": "Closed Won",
    "Amount": "1,250.50",
    "Create Date": "2024-01-10 10:00",
    "Close Date": "2024-02-01 08:00",
    'Date entered "Proposal"': "2024-01-20 10:00",
    "Associated Contact IDs": "501;502",
}


@pytest.fixture
def table(tmp_path: Path) -> Write:
    def write(*rows: Mapping[str, str], name: str = "export.csv") -> Path:
        lines = [",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in cells) for cells in _cells(*rows)]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return tmp_path / name

    return write


def _cells(*rows: Mapping[str, str]) -> list[list[str]]:
    return [list(rows[0]), *([*row.values()] for row in rows)]


def test_contacts_become_lifecycle_stages_and_dated_attributes(imported, table):
    found = imported(HubSpot(UTC), table(CONTACT))
    assert found.column("event") == ["Contact Created", "Lifecycle Stage Lead", "Lifecycle Stage Customer"]
    assert found.times[2] == "2024-02-01 09:00:00"
    row = found.attributes.iloc[0]
    assert (row["customer_id"], row["industry"], str(row["valid_from"])) == (
        "501",
        "Retail",
        "2024-03-01 12:00:00+00:00",
    )
    assert not {"email", "Email"} & set(found.attributes.columns)


def test_deals_become_stages_and_a_win_for_each_of_their_contacts(imported, table):
    found = imported(HubSpot(UTC), table(DEAL))
    assert found.column("customer_id") == ["501", "502"] * 3
    assert found.column("event")[::2] == ["Deal Created", "Deal Stage Proposal", "Deal Won"]
    assert found.column_of("Deal Won", "value") == [1250.5, 1250.5]
    assert found.column_of("Deal Created", "value") == [None, None]  # nobody knew the amount then


def test_a_lost_deal_has_no_value_and_an_open_one_no_end(imported, table):
    lost, still_open = {**DEAL, "Deal Stage": "Closed lost"}, {**DEAL, "Record ID": "2", "Deal Stage": "Proposal"}
    found = imported(HubSpot(UTC), table(lost, still_open))
    assert found.column_of("Deal Lost", "value") == [None, None]
    assert found.column("event").count("Deal Won") == 0


def test_the_names_of_the_api_mean_the_same(imported, table):
    row = {"hs_object_id": "1", "dealstage": "closedwon", "closedate": "1725494400000", "amount": "10"}
    found = imported(
        HubSpot(Options(names={"Deal Won": "Order Completed"})), table(row | {"associated_contact_ids": "5"})
    )
    assert (found.column("event"), found.times) == (["Order Completed"], ["2024-09-05 00:00:00"])


def test_who_unsubscribed_has_withdrawn_consent(imported, table):
    found = imported(HubSpot(UTC), table({**CONTACT, "Unsubscribed from all email": "true"}))
    assert found.consents[["customer_id", "consent_profiling"]].values.tolist() == [["501", "revoked"]]


def test_a_blacklisted_address_is_a_denied_consent(imported, table):
    errors = table(
        {"errorType": "GDPR_BLACKLISTED_EMAIL", "invalidValue": "a@example.com"},
        {"errorType": "INVALID_EMAIL", "invalidValue": "b@"},
    )
    known = Options(known_at=parse_moment("2024-09-05T00:00:00Z"))
    found = imported(HubSpot(known), errors)
    assert found.consents[["customer_id", "consent_profiling"]].values.tolist() == [["a@example.com", "denied"]]
    assert found.report.aside == {"import error of another kind": 1}


def test_what_holds_since_nobody_knows_when_is_refused(imported, table):
    dateless = {name: cell for name, cell in CONTACT.items() if name != "Last Modified Date"}
    found = imported(HubSpot(UTC), table(dateless))
    assert found.report.refused == {"no date says since when the row holds; name it by --known-at": 1}
    known = Options("UTC", known_at=parse_moment("2024-09-05T00:00:00Z"))
    assert str(imported(HubSpot(known), table(dateless)).attributes["valid_from"][0]) == "2024-09-05 00:00:00+00:00"


def test_a_closed_deal_without_a_date_and_a_deal_of_nobody_are_refused(imported, table):
    found = imported(HubSpot(UTC), table(DEAL, {**DEAL, "Close Date": ""}, {**DEAL, "Associated Contact IDs": ""}))
    assert found.report.refused == {"the deal is closed, but nothing says when": 1, "the row names no customer": 1}


def test_another_column_can_be_the_customer(imported, table):
    found = imported(HubSpot(Options("UTC", customer="Email")), table(CONTACT))
    assert set(found.column("customer_id")) == {"a@example.com"}


def test_another_table_is_unusable(imported, table):
    with pytest.raises(EventLogError, match="give an export of HubSpot"):
        imported(HubSpot(), table({"a": "1"}))
