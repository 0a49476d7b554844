import pandas as pd
import pytest

from serving.consents import Consent
from serving.personal_data import erase_customer
from serving.segments import latest
from serving.segments.errors import NoScoresError
from serving.segments.expression import holds
from serving.segments.latest import Latest, latest_scores, table_of
from serving.segments.parser import parse
from serving.segments.table import CustomerTable
from serving.store import Store
from tests.serving.segments.conftest import keep_run


def looked_at(store: Store, kept: Latest) -> CustomerTable:
    with store.database.reading() as connection:
        return kept.table(connection)


def test_the_last_run_is_read_as_the_score_table_it_was(scored: Store, scores: pd.DataFrame) -> None:
    with scored.database.reading() as connection:
        frame, shifts = latest_scores(connection)
    written = scores.drop(columns="model_version").sort_values("customer_id", ignore_index=True)
    pd.testing.assert_frame_equal(frame, written, check_dtype=False)
    assert (str(frame["churn_percentile"].dtype), shifts) == ("Int64", {"churn_28d": 0.1})


def test_attributes_are_those_that_hold_at_the_cutoff(scored: Store) -> None:
    days = ["2026-01-01T00:00:00Z", "2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z"]
    changes = [{"customer_id": "a", "valid_from": day, "plan": plan} for day, plan in zip(days, "xyz", strict=True)]
    scored.set_attributes(pd.DataFrame(changes))
    table = looked_at(scored, Latest())
    for where, members in (("plan == 'y' and country == 'PL'", ["a"]), ("plan is missing", list("bcdefg"))):
        assert table.customer_id[holds(parse(where), table)].tolist() == members
    assert table.shifts == {"churn_28d": 0.1}


def test_the_table_is_kept_until_something_changed(scored: Store, scores: pd.DataFrame) -> None:
    kept = Latest()
    first = looked_at(scored, kept)
    assert looked_at(scored, kept) is first
    keep_run(scored, scores[:3])
    assert looked_at(scored, kept).customer_id.tolist() == ["b", "c", "g"]
    erase_customer(scored.database, "c", 5, "me")
    assert looked_at(scored, kept).customer_id.tolist() == ["b", "g"]


def test_attributes_are_read_again_after_a_while(scored: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Latest()
    first = looked_at(scored, kept)
    monkeypatch.setattr(latest, "FRESH", -1.0)
    assert looked_at(scored, kept) is not first


def test_who_opts_out_is_known_at_once(scored: Store) -> None:
    kept = Latest()
    assert not looked_at(scored, kept).opted_out.any()
    scored.add_consents([Consent("b", "revoked", 5, "form")])
    table = looked_at(scored, kept)
    assert table.customer_id[table.opted_out].tolist() == ["b"]


def test_who_was_erased_meanwhile_is_left_out(scored: Store) -> None:
    with scored.database.reading() as connection:
        frame, shifts = latest_scores(connection)
    erase_customer(scored.database, "c", 5, "me")
    with scored.database.reading() as connection:
        assert "c" not in table_of(connection, frame, shifts).customer_id


def test_without_scores_it_is_told_what_to_do(store: Store, scores: pd.DataFrame) -> None:
    with pytest.raises(NoScoresError, match="no scores yet; run 'nextstage score' first"):
        looked_at(store, Latest())
    keep_run(store, scores[:1])
    erase_customer(store.database, "g", 5, "me")
    with pytest.raises(NoScoresError, match="everybody in the last scores has been erased"):
        looked_at(store, Latest())
