from pathlib import Path

import pytest

from features.errors import EventLogError
from features.sources.formats.pipedrive import Pipedrive
from features.sources.importing.records import Options

WARSAW = Options(timezone="Europe/Warsaw")
PEOPLE = """Person - ID,Person - Name,Person - Marketing status,Person - Update time,Person - Person created
1,A,Subscribed,2024-03-01 13:00:00,2024-01-01 13:00:00
2,B,Unsubscribed,2024-03-01 13:00:00,2024-01-01 13:00:00
3,C,No consent,2024-03-01 13:00:00,2024-01-01 13:00:00
4,D,,2024-03-01 13:00:00,2024-01-01 13:00:00
"""
DEALS = """Deal - ID,Deal - Title,Deal - Value,Deal - Currency of value,Deal - Stage,Deal - Status,Deal - Won time,\
Deal - Lost time,Deal - Deal created,Deal - Last stage change,Person - ID
9,Mugs,100,EUR,Offer,Won,2024-02-01 13:00:00,,2024-01-02 13:00:00,2024-01-20 13:00:00,1
8,Cups,50,EUR,Offer,Lost,,2024-02-02 13:00:00,2024-01-02 13:00:00,2024-01-20 13:00:00,2
"""


def written(folder: Path, text: str) -> Path:
    (folder / "export.csv").write_text(text, encoding="utf-8")
    return folder / "export.csv"


def test_the_marketing_status_is_a_consent(imported, tmp_path):
    found = imported(Pipedrive(WARSAW), written(tmp_path, PEOPLE))
    states = dict(found.consents[["customer_id", "consent_profiling"]].values.tolist())
    assert states == {"1": "granted", "2": "revoked", "3": "denied"}
    assert found.report.consents == {"granted": 1, "revoked": 1, "denied": 1}


def test_deals_are_won_and_lost_by_the_clock_of_the_export(imported, tmp_path):
    found = imported(Pipedrive(WARSAW), written(tmp_path, DEALS))
    assert found.column("event") == [*["Deal Created"] * 2, *["Deal Stage Offer"] * 2, "Deal Won", "Deal Lost"]
    assert found.times[4] == "2024-02-01 12:00:00"
    assert found.column_of("Deal Won", "value") == [100.0]
    assert found.column_of("Deal Lost", "value") == [None]
    assert set(found.column("currency")) == {"EUR"}


def test_the_names_of_the_api_mean_the_same(imported, tmp_path):
    text = (
        "id,person_id,stage_id,status,won_time,value,add_time\n9,1,3,won,2024-02-01 12:00:00,100,2024-01-02 12:00:00\n"
    )
    found = imported(Pipedrive(Options(timezone="UTC")), written(tmp_path, text))
    assert found.column("event") == ["Deal Created", "Deal Won"]
    people = "id,marketing_status,update_time\n1,archived,2024-02-01 12:00:00\n"
    assert imported(Pipedrive(Options("UTC")), written(tmp_path, people)).report.consents == {"denied": 1}


def test_another_table_is_unusable(imported, tmp_path):
    with pytest.raises(EventLogError, match="give an export of Pipedrive"):
        imported(Pipedrive(), written(tmp_path, "a,b\n1,2\n"))
