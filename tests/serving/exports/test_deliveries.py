from serving.exports.deliveries import Deliveries, Progress, Request, digest_of
from serving.exports.leftovers import JOURNAL, erase_deliveries

REQUEST = Request("k", "{}", {"a": "1", "b": "2"})


def test_what_was_taken_is_known_and_what_was_refused_is_not(tmp_path):
    path = tmp_path / "push.db"
    with Deliveries(path, "hubspot") as journal:
        journal.begin(REQUEST)
        journal.end(REQUEST, ["b"])
    with Deliveries(path, "hubspot") as journal:
        assert journal.is_known("a", "1")
        assert not journal.is_known("a", "other")
        assert not journal.is_known("b", "2")
        assert journal.underway() == []
    with Deliveries(path, "braze") as other:
        assert not other.is_known("a", "1")


def test_a_request_that_was_cut_off_is_found_as_it_was(tmp_path):
    with Deliveries(tmp_path / "push.db", "hubspot") as journal:
        journal.begin(REQUEST)
    with Deliveries(tmp_path / "push.db", "hubspot") as journal:
        assert journal.underway() == [REQUEST]


def test_equal_data_share_a_digest():
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1}) != digest_of({"a": 1})


def test_how_far_a_request_has_come_is_known_until_it_ends(tmp_path):
    with Deliveries(tmp_path / "push.db", "salesforce") as journal:
        journal.begin(REQUEST)
        assert Progress(journal, REQUEST).note is None
        Progress(journal, REQUEST).write("job 1")
    with Deliveries(tmp_path / "push.db", "salesforce") as journal:
        journal.begin(REQUEST)
        assert Progress(journal, REQUEST).note == "job 1"
        journal.end(REQUEST)
        assert Progress(journal, REQUEST).note is None


def test_a_note_of_a_request_that_was_forgotten_is_forgotten_too(tmp_path):
    with Deliveries(tmp_path / JOURNAL, "salesforce") as journal:
        journal.begin(REQUEST)
        Progress(journal, REQUEST).write("job 1")
    erase_deliveries(tmp_path, ["a"])
    with Deliveries(tmp_path / JOURNAL, "salesforce") as journal:
        assert Progress(journal, REQUEST).note is None
