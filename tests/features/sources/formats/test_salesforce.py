from pathlib import Path

import pytest

from features.errors import EventLogError
from features.sources.formats.salesforce import Salesforce
from features.sources.importing.records import Options

CONTACT = """Id,CreatedDate,LastModifiedDate,LeadSource,HasOptedOutOfEmail,HasOptedOutProfiling,IsDeleted
003A,2024-01-05T10:00:00.000+0000,2024-03-01T12:00:00.000Z,Web,false,true,false
003B,2024-01-05T10:00:00.000+0000,2024-03-01T12:00:00.000Z,Web,true,false,false
003C,2024-01-05T10:00:00.000+0000,2024-03-01T12:00:00.000Z,Web,false,false,true
"""
DEALS = """Id,ContactId,AccountId,StageName,Amount,CloseDate,IsClosed,IsWon,CreatedDate,LastStageChangeDate
006A,003A,001A,Closed Won,800,2024-02-01,true,true,2024-01-10T10:00:00.000Z,2024-02-01T09:00:00.000Z
006B,003B,001B,Dropped,500,2024-02-02,true,false,2024-01-10T10:00:00.000Z,2024-02-02T09:00:00.000Z
006C,003B,001B,Proposal,500,2024-12-31,false,false,2024-01-10T10:00:00.000Z,2024-02-02T09:00:00.000Z
"""
HISTORY = """Id,OpportunityId,StageName,Amount,CreatedDate
1,006A,Prospecting,500,2024-01-10T10:00:00.000Z
2,006A,Negotiation,800,2024-01-20T10:00:00.000Z
3,006X,Negotiation,800,2024-01-20T10:00:00.000Z
"""
UTC = Options(timezone="UTC")


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_contacts_give_attributes_and_consents(imported, tmp_path):
    found = imported(Salesforce(), written(tmp_path, "contact.csv", CONTACT))
    assert found.column("event") == ["Contact Created"] * 2
    assert found.attributes["lead_source"].tolist() == ["Web", "Web"]
    states = dict(found.consents[["customer_id", "consent_profiling"]].values.tolist())
    assert states == {"003A": "denied", "003B": "revoked"}
    assert found.report.aside == {"the record is deleted": 1}


def test_opportunities_are_won_lost_or_open(imported, tmp_path):
    found = imported(Salesforce(UTC), written(tmp_path, "opportunity.csv", DEALS))
    ends = found.events[found.events["event"].isin(["Deal Won", "Deal Lost"])]
    assert ends[["customer_id", "event"]].values.tolist() == [["003A", "Deal Won"], ["003B", "Deal Lost"]]
    assert found.column_of("Deal Won", "value") == [800.0]
    assert "Deal Stage Proposal" in found.column("event")


def test_a_day_without_an_hour_counts_from_its_end(imported, tmp_path):
    found = imported(Salesforce(UTC), written(tmp_path, "opportunity.csv", DEALS))
    assert found.column_of("Deal Won", "timestamp")[0].isoformat() == "2024-02-01T23:59:59+00:00"


def test_the_history_tells_the_stages_of_known_opportunities(imported, tmp_path):
    deals, history = written(tmp_path, "o.csv", DEALS), written(tmp_path, "h.csv", HISTORY)
    found = imported(Salesforce(UTC), history, deals)
    stages = found.events[found.events["event"].str.startswith("Deal Stage")]
    assert stages[["customer_id", "event"]].values.tolist() == [
        ["003A", "Deal Stage Prospecting"],
        ["003A", "Deal Stage Negotiation"],
    ]
    assert found.report.refused == {"the row names no customer": 1}


def test_an_account_can_be_the_customer(imported, tmp_path):
    options = Options("UTC", customer="AccountId")
    deals, history = written(tmp_path, "o.csv", DEALS), written(tmp_path, "h.csv", HISTORY)
    assert set(imported(Salesforce(options), deals, history).column("customer_id")) == {"001A", "001B"}


def test_a_history_alone_names_no_customers(imported, tmp_path):
    with pytest.raises(EventLogError, match="give the export of Opportunity with it"):
        imported(Salesforce(), written(tmp_path, "h.csv", HISTORY))
    with pytest.raises(EventLogError, match="no column 'Id'"):
        imported(Salesforce(), written(tmp_path, "x.csv", "a,b\n1,2\n"))
