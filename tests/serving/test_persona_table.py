from pathlib import Path

import pandas as pd
import pytest

from features.errors import StoreError
from features.journey import load_journey
from serving.consents import Consent
from serving.persona_table import assign_personas, with_personas
from serving.store import Store
from serving.written_scores import erase_from_files
from tests.models.test_personas import planted_events

JOURNEY = load_journey("retail")


@pytest.fixture
def planted(tmp_path: Path):
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store:
        store.add(planted_events())
        yield store


def test_personas_are_a_column_beside_the_scores_which_segments_can_ask_for(planted, tmp_path):
    found, customers = assign_personas(planted, JOURNEY, planted.log().end, tmp_path)
    assert customers == 240
    assert len(found.personas) == 3
    scores = pd.DataFrame({"customer_id": ["c0001", "c0004", "c0002", "later"], "churn_prob": [0.1, 0.2, 0.3, 0.4]})
    frame = with_personas(scores, tmp_path)
    assert frame["persona"].iloc[0] == frame["persona"].iloc[1] != frame["persona"].iloc[2]
    assert frame["persona"].isna().tolist() == [False, False, False, True]
    assert frame.drop(columns="persona").equals(scores)


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
    assert erase_from_files(tmp_path, ["c0002"]) == 1
    assert "c0002" not in set(pd.read_parquet(tmp_path / "personas.parquet")["customer_id"])


def test_without_customers_there_are_no_personas(tmp_path):
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store, pytest.raises(StoreError, match="store is empty"):
        assign_personas(store, JOURNEY, 0, tmp_path)


def test_a_folder_without_personas_leaves_the_scores_as_they_are(tmp_path):
    scores = pd.DataFrame({"customer_id": ["a"]})
    assert with_personas(scores, tmp_path) is scores
