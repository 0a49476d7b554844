from pathlib import Path

import pandas as pd
import pytest

from features.errors import StoreError
from features.journey import load_journey
from serving import persona_table
from serving.consents import Consent
from serving.persona_table import assign_personas, with_personas
from serving.personal_data import erase_customer, export_customer
from serving.segments.latest import latest_scores, table_of
from serving.segments.segment import Segment
from serving.segments.selection import select
from serving.store import Store
from tests.models.test_personas import planted_events

JOURNEY = load_journey("retail")


@pytest.fixture
def planted(tmp_path: Path):
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store:
        store.add(planted_events())
        yield store


def test_who_leaves_while_personas_are_found_has_none(planted, tmp_path, monkeypatch):
    read = persona_table._log

    def and_meanwhile(store):
        log = read(store)
        erase_customer(planted.database, "c0001", 5, "tests")
        planted.add_consents([Consent("c0002", "denied", 1, "tests")])
        return log

    monkeypatch.setattr(persona_table, "_log", and_meanwhile)
    counted = assign_personas(planted, JOURNEY, planted.log().end, tmp_path).customers
    left = set(pd.read_parquet(tmp_path / "personas.parquet")["customer_id"])
    assert len(left) == counted
    assert left.isdisjoint({"c0001", "c0002"})
    with planted.database.reading() as connection:
        told = with_personas(connection, pd.DataFrame({"customer_id": ["c0001", "c0002", "c0003"]}))
    assert told["persona"].isna().tolist() == [True, True, False]


def test_personas_are_a_column_that_segments_can_ask_for(own_scored, tmp_path):
    found, customers = assign_personas(
        own_scored.store, own_scored.scorer.model.predictor.journey, own_scored.as_of, tmp_path
    )
    assert customers == len(pd.read_parquet(tmp_path / "personas.parquet"))
    with own_scored.store.database.reading() as connection:
        table = table_of(connection, *latest_scores(connection))
    written = pd.read_parquet(tmp_path / "personas.parquet").set_index("customer_id")["persona"]
    chosen = select(Segment("first", where="persona == 'P1'", order_by="stage_next_prob"), table)
    members = set(table.customer_id[chosen.members])
    assert members == set(written.index[written == "P1"]) & set(own_scored.table["customer_id"])
    assert sum(persona.customers for persona in found.personas) == customers


def test_a_store_without_personas_leaves_the_scores_as_they_are(planted):
    scores = pd.DataFrame({"customer_id": ["c0001", "later"]})
    with planted.database.reading() as connection:
        assert with_personas(connection, scores) is scores


def test_who_came_later_has_no_persona(planted, tmp_path):
    assign_personas(planted, JOURNEY, planted.log().end, tmp_path)
    with planted.database.reading() as connection:
        frame = with_personas(connection, pd.DataFrame({"customer_id": ["c0001", "c0004", "c0002", "later"]}))
    assert frame["persona"].iloc[0] == frame["persona"].iloc[1] != frame["persona"].iloc[2]
    assert frame["persona"].isna().tolist() == [False, False, False, True]


def test_personas_keep_their_meaning_until_they_are_asked_for_again(planted, tmp_path):
    end = planted.log().end
    first = assign_personas(planted, JOURNEY, end, tmp_path).personas
    planted.add(planted_events(30).assign(customer_id=lambda frame: "new" + frame["customer_id"]))
    kept, customers = assign_personas(planted, JOURNEY, end, tmp_path)
    assert customers == 270
    assert kept.personas == first.personas
    assert assign_personas(planted, JOURNEY, end, tmp_path, again=True).personas.personas != first.personas


def test_who_opted_out_or_is_erased_has_no_persona(planted, tmp_path):
    planted.add_consents([Consent("c0001", "denied", 1, "tests")])
    assign_personas(planted, JOURNEY, planted.log().end, tmp_path)
    assert "c0001" not in set(pd.read_parquet(tmp_path / "personas.parquet")["customer_id"])
    told = export_customer(planted.database, "c0002", 5, "tests")["records"][0]
    assert told["persona"] in {"P1", "P2", "P3"}
    erased = erase_customer(planted.database, "c0002", 6, "tests").erased
    assert (erased["personas"], erased["rows_of_files"]) == (1, 1)
    assert "c0002" not in set(pd.read_parquet(tmp_path / "personas.parquet")["customer_id"])


def test_nothing_after_the_cutoff_is_looked_at(planted, tmp_path):
    middle = int(pd.Timestamp("2026-02-15", tz="UTC").value // 1000)
    early = assign_personas(planted, JOURNEY, middle, tmp_path)
    before = pd.read_parquet(tmp_path / "personas.parquet")
    late = planted_events(9).assign(customer_id="later", event="noise", timestamp=pd.Timestamp("2026-03-31", tz="UTC"))
    planted.add(late)
    again = assign_personas(planted, JOURNEY, middle, tmp_path, again=True)
    assert again.personas.personas == early.personas.personas
    assert pd.read_parquet(tmp_path / "personas.parquet").equals(before)
    with pytest.raises(StoreError, match=r"nobody in the store has an event by 1970-01-01T00:00:00Z"):
        assign_personas(planted, JOURNEY, 0, tmp_path)


def test_without_customers_there_are_no_personas(tmp_path):
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store, pytest.raises(StoreError, match="store is empty"):
        assign_personas(store, JOURNEY, 0, tmp_path)
