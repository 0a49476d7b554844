import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from features.errors import StoreError
from features.ingest import Schema
from models.predictor import RegisteredPredictor
from serving import database
from serving.audit import hashed, read_audit
from serving.batch import score_all
from serving.campaigns.members import Wanted, begin, read_members
from serving.consents import Consent, write_consents
from serving.errors import UnknownCustomerError
from serving.exports.deliveries import Deliveries, Request
from serving.exports.files import write_files
from serving.exports.leftovers import EXPORTS, JOURNAL
from serving.personal_data import erase_customer, export_customer
from serving.store import Store

WHO = "c0007"


@pytest.fixture
def known(store: Store, events: pd.DataFrame, model: RegisteredPredictor, cutoff: int) -> Store:
    """A store that knows one customer in every way, by two ids, and others."""
    store.add(events)
    store.add(pd.DataFrame([{"customer_id": "cookie-7", "timestamp": "2024-01-01T00:00:00Z", "event": "visit"}]))
    for dates in ({}, {"valid_from": "2024-01-01T00:00:00Z"}):
        name = "seats" if dates else "age"
        store.set_attributes(pd.DataFrame([{"customer_id": who, **dates, name: 5} for who in (WHO, "c0008")]))
    store.add_scores(score_all(store, model, cutoff), model, scored_at=5)
    with store.database.writing() as connection:
        write_consents(connection, [Consent(WHO, "granted", 5, "form"), Consent("c0008", "denied", 5, "form")])
    frame = pd.DataFrame({"customer_id": [WHO, "c0008"], "stage_current": "new"})
    begin(store.database, Wanted("may", 0.5), frame, 5)
    far = 4_000_000_000_000_000  # later than every event, which would follow
    store.add_aliases([("cookie-7", far, WHO), ("cookie-8", far, "c0008")])
    return store


def test_all_that_is_held_is_handed_over(known: Store, events: pd.DataFrame) -> None:
    held = export_customer(known.database, WHO, 9, "key1")
    mine, cookie = held["records"]
    assert (mine["customer_id"], cookie["customer_id"]) == (WHO, "cookie-7")
    assert len(mine["events"]) == (events["customer_id"] == WHO).sum()
    assert mine["attributes"] == {"age": 5.0}
    assert mine["dated_attributes"] == [{"valid_from": "2024-01-01T00:00:00Z", "attributes": {"seats": 5.0}}]
    assert mine["consents"] == [{"decision": "granted", "at": "1970-01-01T00:00:00.000005Z", "source": "form"}]
    assert mine["scores"][0]["model"] == {"name": "small", "version": "1"}
    assert mine["scores"][0]["scores"]["customer_id"] == WHO
    assert [campaign["campaign"] for campaign in mine["campaigns"]] == ["may"]
    assert [alias["previous_id"] for alias in held["aliases"]] == ["cookie-7"]
    with known.database.reading() as connection:
        (entry,) = read_audit(connection)
        assert (entry["actor"], entry["action"], entry["subject"]) == (
            "key1",
            "customer.export",
            hashed(connection, WHO),
        )


def test_who_is_erased_is_gone_and_the_others_stay(known: Store) -> None:
    before = known.log(["c0008"]).fingerprint()
    receipt = erase_customer(known.database, WHO, 9, "key1")
    assert receipt.erased["events"] > 1
    assert receipt.erased | {"events": 0, "scores": 0} == {
        "events": 0,
        "customers": 2,
        "dated_attributes": 1,
        "consents": 1,
        "scores": 0,
        "segment_members": 0,
        "leaders": 0,
        "personas": 0,
        "campaign_members": 1,
        "shadow_scores": 0,
        "estimates": 0,
        "aliases": 1,
        "rows_of_files": 0,
        "pushes": 0,
        "exported_files": 0,
    }
    for name in (WHO, "cookie-7"):
        with pytest.raises(UnknownCustomerError, match=f"the store holds nothing about customer '{name}'"):
            export_customer(known.database, name, 10, "key1")
    assert known.log(["c0008"]).fingerprint() == before
    with known.database.reading() as connection:
        assert read_members(connection, "may")["customer_id"].tolist() == ["c0008"]
    assert len(export_customer(known.database, "c0008", 10, "key1")["aliases"]) == 1


def test_the_receipt_and_the_audit_log_tell_of_it_without_the_id(known: Store) -> None:
    receipt = erase_customer(known.database, WHO, 9, "key1")
    with known.database.reading() as connection:
        (entry,) = read_audit(connection)
        assert entry["subject"] == receipt.customer_hash == hashed(connection, WHO)
    assert entry["detail"]["receipt"] == receipt.receipt
    assert WHO not in str(entry) + str(receipt)


def test_no_byte_of_an_erased_id_is_left_in_the_folder(tmp_path: Path) -> None:
    rows = [("ann-4711", "bob-0815")[number % 2] for number in range(4_000)]
    table = pd.DataFrame({"customer_id": rows, "timestamp": "2024-01-01T00:00:00Z", "event": "visit"})
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store:
        for first in range(0, len(table), 400):  # pages are divided again and again, and copies stay behind
            store.add(table[first : first + 400].assign(event_id=[f"{first}-{row}" for row in range(400)]))
        assert b"ann-4711" in everything(tmp_path)
        erase_customer(store.database, "ann-4711", 5, "me")
        assert b"ann-4711" not in everything(tmp_path)
        assert b"bob-0815" in everything(tmp_path)
        assert store.count() == 2_000


def test_an_erasure_that_was_interrupted_is_finished_by_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 100)
    table = pd.DataFrame({"customer_id": ["ann-4711", "bob"], "timestamp": "2024-01-01T00:00:00Z", "event": "visit"})
    url = f"sqlite:///{tmp_path}/nextstage.db"
    with Store(url) as store:
        store.add(table)
        reader = sqlite3.connect(tmp_path / "nextstage.db")
        try:  # who reads an old state keeps the log of changes from being emptied
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM events").fetchone()
            with pytest.raises(StoreError, match="try again"):
                erase_customer(store.database, "ann-4711", 5, "me")
            assert b"ann-4711" in everything(tmp_path)
        finally:
            reader.close()
        with pytest.raises(UnknownCustomerError):
            erase_customer(store.database, "ann-4711", 6, "me")
        assert b"ann-4711" not in everything(tmp_path)
        assert store.customers() == ["bob"]


def test_what_imports_and_pushes_left_is_handed_over_and_erased(tmp_path: Path) -> None:
    row = {"timestamp": "2024-01-01T00:00:00Z", "event": "visit", "revision": 7}
    said = Request("k", "{}", {"ann-4711": "1", "bob": "1"})
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store, Deliveries(tmp_path / JOURNAL, "hubspot") as journal:
        store.add_imported(
            pd.DataFrame([row | {"customer_id": who, "event_id": who} for who in ("ann-4711", "bob")]), Schema()
        )
        store.add_traits([("ann-4711", 5, {"plan": "pro"})], {"plan": "text"})
        store.add_consents([Consent("ann-4711", "granted", 5, "HubSpot")])
        store.add_aliases([("cookie-4711", 9, "ann-4711")])
        journal.begin(said)
        journal.end(said)
        journal.begin(said)
        write_files("csv", pd.DataFrame({"customer_id": ["ann-4711"], "stage_current": ["new"]}), tmp_path / EXPORTS)
        (mine, _) = export_customer(store.database, "ann-4711", 9, "me")["records"]
        assert mine["events"][0]["revision"] == 7
        assert (len(mine["dated_attributes"]), len(mine["consents"])) == (1, 1)
        erased = erase_customer(store.database, "ann-4711", 5, "me").erased
        assert (erased["aliases"], erased["pushes"], erased["exported_files"]) == (1, 2, 1)
        assert (journal.is_known("ann-4711", "1"), journal.is_known("bob", "1"), journal.underway()) == (
            False,
            True,
            [],
        )
        assert b"4711" not in everything(tmp_path)


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
