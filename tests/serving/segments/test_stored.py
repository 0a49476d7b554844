from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection, select

from serving.audit import read_audit
from serving.consents import Consent
from serving.personal_data import erase_customer, export_customer
from serving.segments.errors import SegmentError, UnknownSegmentError
from serving.segments.latest import Latest
from serving.segments.preview import Changes, Preview
from serving.segments.segment import Segment
from serving.segments.stored import (
    RESERVED,
    StoredSegment,
    delete_segment,
    last_members,
    read_segment,
    read_segments,
    refresh_segments,
    save_segment,
)
from serving.segments.table import CustomerTable
from serving.store import Store
from serving.tables import SEGMENT_MEMBERS
from tests.serving.segments.conftest import keep_run

RISK = Segment("risk", "stage == 'loyal'", "churn_prob")


def keep(store: Store, segment: Segment = RISK, now: int = 7) -> Preview:
    return save_segment(store.database, segment, Latest().table, now, "me")


def kept(store: Store, name: str = "risk") -> StoredSegment:
    with store.database.reading() as connection:
        return read_segment(connection, name)


def rows(store: Store) -> list[tuple[Any, ...]]:
    c = SEGMENT_MEMBERS.c
    with store.database.reading() as connection:
        query = select(c.refresh, c.place, c.customer_id, c.score).order_by(c.refresh, c.place)
        return [tuple(row) for row in connection.execute(query)]


def test_a_segment_is_kept_with_its_members_best_first(scored: Store) -> None:
    found = keep(scored)
    assert rows(scored) == [(1, 1, "g", 0.9), (1, 2, "a", 0.5), (1, 3, "b", 0.5)]
    stored = kept(scored)
    assert (stored.segment, stored.saved_at, stored.refreshed_at) == (RISK, 7, 7)
    assert Preview.from_dict(stored.preview) == found
    assert stored.to_dict()["as_of"] == "2026-01-31T00:00:00Z"
    with scored.database.reading() as connection:
        (entry,) = read_audit(connection)
    assert (entry["actor"], entry["action"], entry["subject"]) == ("me", "segment.save", "risk")


@pytest.mark.parametrize("name", RESERVED)
def test_a_name_that_is_the_path_of_a_route_is_refused(scored: Store, name: str) -> None:
    with pytest.raises(SegmentError, match=f"no segment can be called '{name}': /segments/{name} is the address"):
        keep(scored, Segment(name, "stage == 'loyal'"))
    with scored.database.reading() as connection:
        assert read_segments(connection) == []


def test_the_score_of_who_is_lowest_is_what_the_column_says(scored: Store) -> None:
    keep(scored, Segment("safe", "stage == 'loyal'", "churn_prob", lowest_first=True))
    assert rows(scored) == [(1, 1, "a", 0.5), (1, 2, "b", 0.5), (1, 3, "g", 0.9)]


def test_saving_again_replaces_what_it_says_and_tells_who_came_and_left(scored: Store) -> None:
    keep(scored)
    again = keep(scored, Segment("risk", "churn_prob >= 0.4", "churn_prob", top=2), 9)
    assert again.changes == Changes(0, 1, 2)
    assert kept(scored).segment.top == 2
    assert [row[0] for row in rows(scored)] == [1, 1, 1, 2, 2]


def test_new_scores_refresh_every_segment_and_two_refreshes_are_kept(scored: Store, scores: pd.DataFrame) -> None:
    keep(scored)
    keep(scored, Segment("all"))
    for number, last in enumerate((6, 5, 4)):
        keep_run(scored, scores[:last])
        found = refresh_segments(scored.database, Latest().table, 10 + number)
    assert {name: each.size for name, each in found.items() if isinstance(each, Preview)} == {"all": 4, "risk": 2}
    stored = kept(scored, "all")
    assert (stored.refresh, stored.refreshed_at, stored.saved_at) == (4, 12, 7)
    assert {row[0] for row in rows(scored)} == {3, 4}
    with scored.database.reading() as connection:
        assert last_members(connection, "risk") == {"g", "b"}
        assert last_members(connection, "other") is None


def test_a_segment_that_no_longer_fits_keeps_its_members_and_spoils_no_other(
    scored: Store, scores: pd.DataFrame
) -> None:
    keep(scored, Segment("old", order_by="churn_prob"))
    keep(scored, Segment("fine"))
    keep_run(scored, scores.drop(columns="churn_prob")[:2])
    found = refresh_segments(scored.database, Latest().table, 10)
    assert isinstance(found["old"], SegmentError)
    assert isinstance(found["fine"], Preview)
    old = kept(scored, "old")
    assert (old.refresh, old.preview["size"]) == (1, 6)
    assert "no column of numbers 'churn_prob'" in (old.problem or "")
    keep_run(scored, scores)
    refresh_segments(scored.database, Latest().table, 11)
    assert kept(scored, "old").problem is None


def test_a_segment_that_is_deleted_meanwhile_does_not_come_back(scored: Store) -> None:
    keep(scored)
    kept_table = Latest()

    def deleting(connection: Connection) -> CustomerTable:
        delete_segment(scored.database, "risk", 8, "me")
        return kept_table.table(connection)

    assert refresh_segments(scored.database, deleting, 9) == {"risk": None}
    assert rows(scored) == []


def test_what_does_not_fit_is_not_kept(scored: Store) -> None:
    keep(scored)
    with pytest.raises(SegmentError, match="no column 'chrun'"):
        keep(scored, Segment("risk", "chrun > 1"))
    assert kept(scored).segment == RISK


def test_nothing_is_read_where_there_is_no_segment(store: Store) -> None:
    assert refresh_segments(store.database, Latest().table, 1) == {}  # there are no scores that could be read


def test_a_deleted_segment_is_gone_with_its_members(scored: Store) -> None:
    keep(scored)
    delete_segment(scored.database, "risk", 8, "me")
    assert rows(scored) == []
    with scored.database.reading() as connection:
        assert read_segments(connection) == []
        assert read_audit(connection)[-1]["action"] == "segment.delete"
    keep(scored)
    with pytest.raises(UnknownSegmentError, match=r"no segment 'rsik' is kept; did you mean 'risk'\?"):
        delete_segment(scored.database, "rsik", 8, "me")


def test_who_opted_out_is_no_member(scored: Store) -> None:
    scored.add_consents([Consent("g", "denied", 5, "form")])
    assert keep(scored).opted_out == 1
    assert [row[2] for row in rows(scored)] == ["a", "b"]


def test_who_is_erased_is_no_member_and_what_is_held_is_handed_over(scored: Store) -> None:
    keep(scored)
    held = export_customer(scored.database, "g", 9, "me")["records"][0]
    assert held["segments"] == [{"segment": "risk", "place": 1, "score": 0.9}]
    receipt = erase_customer(scored.database, "g", 9, "me")
    assert receipt.erased["segment_members"] == 1
    assert [row[2] for row in rows(scored)] == ["a", "b"]
