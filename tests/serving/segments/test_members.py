import pandas as pd
import pytest

from serving.consents import Consent
from serving.errors import RequestError
from serving.segments.errors import UnknownSegmentError
from serving.segments.latest import Latest
from serving.segments.members import Member, MemberPage, read_members
from serving.segments.segment import Segment
from serving.segments.stored import refresh_segments, save_segment
from serving.store import Store
from tests.serving.segments.conftest import keep_run


@pytest.fixture
def filed(scored: Store) -> Store:
    save_segment(scored.database, Segment("all", order_by="purchase_prob"), Latest().table, 7, "me")
    return scored


def page(store: Store, cursor: str | None = None, limit: int = 3) -> MemberPage:
    with store.database.reading() as connection:
        return read_members(connection, "all", cursor, limit)


def ids(found: MemberPage) -> str:
    return "".join(member.customer_id for member in found.members)


def test_pages_hold_every_member_once_best_first(filed: Store) -> None:
    first = page(filed)
    assert first.members[0] == Member(1, "d", 0.7)
    second = page(filed, first.cursor)
    third = page(filed, second.cursor)
    assert (ids(first), ids(second), ids(third)) == ("dca", "beg", "f")
    assert third.cursor is None
    assert page(filed, limit=7).cursor is None


def test_a_walk_goes_on_through_new_scores_and_is_told_when_they_came_twice(filed: Store, scores: pd.DataFrame) -> None:
    first = page(filed)
    keep_run(filed, scores[:2])
    refresh_segments(filed.database, Latest().table, 8)
    assert ids(page(filed, first.cursor)) == "beg"
    assert ids(page(filed)) == "bg"
    refresh_segments(filed.database, Latest().table, 9)
    with pytest.raises(RequestError, match="is too old: 'all' was refreshed since; begin again"):
        page(filed, first.cursor)


def test_who_opted_out_since_is_on_no_page(filed: Store) -> None:
    first = page(filed)
    filed.add_consents([Consent(who, "revoked", 5, "form") for who in ("d", "b")])
    assert (ids(page(filed)), ids(page(filed, first.cursor))) == ("ca", "eg")


@pytest.mark.parametrize("cursor", ["", "1", "1.x", "-1.0", "2.0", "1.0 ", "²." + "9" * 20])
def test_what_is_no_cursor_is_told(filed: Store, cursor: str) -> None:
    with pytest.raises(RequestError, match="cursor"):
        page(filed, cursor)


def test_a_segment_that_is_not_kept_has_no_members(scored: Store) -> None:
    with pytest.raises(UnknownSegmentError):
        page(scored)
