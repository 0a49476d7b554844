import sqlite3
from contextlib import closing

import pytest

from features.errors import StoreError
from serving.exports import deliveries, leftovers
from serving.exports.deliveries import Deliveries, Request
from serving.exports.files import WRITERS, write_files
from serving.exports.leftovers import EXPORTS, JOURNAL, erase_deliveries, erase_exports


@pytest.mark.parametrize("tool", [*WRITERS, "ga4"])
def test_every_exported_file_is_deleted_and_others_stay(tool, scores, tmp_path):
    written = write_files(tool, scores, tmp_path / EXPORTS, "1")
    own = tmp_path / EXPORTS / "notes.txt"
    own.write_text("mine", encoding="utf-8")
    assert erase_exports(tmp_path) == len(written)
    assert list((tmp_path / EXPORTS).iterdir()) == [own]


@pytest.mark.parametrize("tool", [*WRITERS, "ga4"])
def test_what_names_customers_in_another_way_is_deleted_wherever_it_was_written(tool, scores, tmp_path):
    write_files(tool, scores, tmp_path / "elsewhere" / tool, "1")
    (tmp_path / "elsewhere" / "hubspot_contacts.csv").write_text("mine", encoding="utf-8")
    erase_exports(tmp_path)
    left = {path.name for path in (tmp_path / "elsewhere" / tool).iterdir()}
    assert left <= {"scores.csv", "hubspot_importRequest.json", "hubspot_properties.json", "salesforce_job.json"}
    assert (tmp_path / "elsewhere" / "hubspot_contacts.csv").exists()


def test_who_was_refused_is_in_no_free_page_of_the_journal(tmp_path):
    request = Request("k", "about ann-4711 " * 500, {"ann-4711": "1", "bob": "1"})
    with closing(sqlite3.connect(tmp_path / JOURNAL)) as careless:
        careless.executescript(deliveries.TABLES)  # as a release did that let deleted pages be
        careless.execute("PRAGMA secure_delete = OFF")
        careless.execute("INSERT INTO underway VALUES ('hubspot', 'k', ?)", (request.body,))
        careless.commit()
        careless.execute("DELETE FROM underway")
        careless.commit()
    assert b"ann-4711" in (tmp_path / JOURNAL).read_bytes()
    assert erase_deliveries(tmp_path, ["ann-4711"]) == 0
    assert b"ann-4711" not in (tmp_path / JOURNAL).read_bytes()


def test_a_request_that_was_cut_off_is_forgotten_if_it_concerns_somebody_erased(tmp_path):
    hers, other = Request("k1", "about ann", {"ann": "1", "bob": "1"}), Request("k2", "{}", {"bob": "2"})
    with Deliveries(tmp_path / JOURNAL, "hubspot") as journal:
        journal.begin(hers)
        journal.begin(other)
        assert erase_deliveries(tmp_path, ["ann", "nobody"]) == 1
        assert journal.underway() == [other]
        assert erase_deliveries(tmp_path, ["ann"]) == 0
    assert b"ann" not in (tmp_path / JOURNAL).read_bytes()


def test_without_exports_and_pushes_there_is_nothing_to_erase(tmp_path):
    assert (erase_exports(tmp_path), erase_deliveries(tmp_path, ["ann"])) == (0, 0)
    assert not (tmp_path / JOURNAL).exists()


def test_a_journal_in_use_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(leftovers, "PATIENCE", 0.05)
    with Deliveries(tmp_path / JOURNAL, "hubspot") as journal:
        journal.begin(Request("k1", "about ann", {"ann": "1"}))
    with closing(sqlite3.connect(tmp_path / JOURNAL)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"pushed\.db cannot be changed \(database is locked\); try again"):
            erase_deliveries(tmp_path, ["ann"])
