import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from features.errors import ConfigError
from features.timestamps import parse_moment, to_iso
from models.predictor import Predictor
from models.uplift import Evidence
from nextstage import app
from serving.campaigns.effects import Effects
from serving.campaigns.members import Wanted, begin, mark_sent, read_members
from serving.campaigns.outcomes import Outcome
from serving.store import Store
from serving.tables import ABOUT
from tests.serving.conftest import DAY, MODEL

SENT = parse_moment("2024-03-01T00:00:00Z")
NOW = SENT + 40 * DAY
PEOPLE = [f"c{number:04d}" for number in range(2_400)]
KEEN = PEOPLE[1::2]
FEW = Evidence(campaigns=1, customers=100, outcomes=10)


def happened(store: Store, rows: list[tuple[str, int, str]]) -> None:
    store.add(pd.DataFrame([{"customer_id": who, "timestamp": to_iso(at), "event": event} for who, at, event in rows]))


def campaign(store: Store, effect: float) -> None:
    """Sends a campaign that moves those alone who bought lately, and lets everybody do what they do. Synthetic."""
    before = [(who, SENT - 90 * DAY, "purchase") for who in PEOPLE] + [
        (who, SENT - 2 * DAY, "purchase") for who in KEEN
    ]
    happened(store, before)
    frame = pd.DataFrame({"customer_id": PEOPLE, "stage_current": "regular"})
    sent = begin(store.database, Wanted("march", 0.4), frame, SENT)["customer_id"].tolist()
    mark_sent(store.database, "march", sent, SENT)
    rng, moved = np.random.default_rng(0), set(KEEN) & set(sent)
    bought = [who for who in PEOPLE if rng.random() < 0.2 + effect * (who in moved)]
    happened(store, [(who, SENT + 5 * DAY, "purchase") for who in bought] + [(PEOPLE[0], NOW, "visit")])


@pytest.fixture
def shop(tmp_path):
    """A store that draws the same control group every time: of many draws some look like a proof by chance."""
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store:
        with store.database.writing() as connection:
            connection.execute(ABOUT.update().where(ABOUT.c.name == "salt").values(value="5a" * 32))
        yield store


def test_whom_a_campaign_moves_is_found_from_what_was_known_when_it_was_sent(shop: Store, predictor: Predictor) -> None:
    campaign(shop, 0.4)
    found = Effects.learn(shop, predictor, Outcome(), "t", NOW, FEW)
    assert found.is_proven
    assert found.overall == pytest.approx(0.2, abs=0.06)
    assert "scores.parquet has the column purchase_uplift" in found.sentence()
    keen, idle = np.array(PEOPLE[1::2][:50]), np.array(PEOPLE[::2][:50])
    expected = found.expect(shop, [*keen, *idle, "nobody"], SENT)
    assert expected[:50].mean() - expected[50:100].mean() > 0.2
    assert np.isnan(expected[100])


def test_where_all_are_moved_alike_nothing_is_proven(shop: Store, predictor: Predictor) -> None:
    campaign(shop, 0.0)
    found = Effects.learn(shop, predictor, Outcome(), "t", NOW, FEW)
    assert not found.is_proven
    assert "No proof that choosing by effect is better than by chance" in found.sentence()
    assert found.to_dict()["written"] is False


def test_too_few_campaigns_are_not_enough_and_who_refused_is_not_learnt_from(shop: Store, predictor: Predictor) -> None:
    nothing = Effects.learn(shop, predictor, Outcome(), "t", NOW)
    assert nothing.sentence().startswith("Not enough: 0 of 2 campaigns, 0 of 1,000 customers treated")
    campaign(shop, 0.0)
    with shop.database.reading() as connection:
        members = len(read_members(connection, "march"))
    with shop.database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO consents (customer_id, decision, at, source) VALUES ('c0001','denied',1,'')"
        )
    found = Effects.learn(shop, predictor, Outcome(), "t", NOW)
    assert (found.missing[:18], found.rows, found.uplift) == ("1 of 2 campaigns, ", members - 1, None)
    with pytest.raises(RuntimeError):
        found.expect(shop, PEOPLE, SENT)


def test_what_is_no_learner_and_no_outcome_of_effects_is_one_sentence(shop: Store, predictor: Predictor) -> None:
    with pytest.raises(ConfigError, match="no learner is called 's'; known: t, x"):
        Effects.learn(shop, predictor, Outcome(), "s", NOW)
    with pytest.raises(ConfigError, match="effects are learnt on 'purchase' or 'churn'"):
        Effects.learn(shop, predictor, Outcome("event", 28, "visit"), "t", NOW)


def test_the_command_writes_effects_beside_the_scores_only_if_they_are_proven(
    registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry)
    monkeypatch.setenv("NEXTSTAGE_MODEL", MODEL)
    monkeypatch.setattr("serving.campaigns.effects.ENOUGH", FEW)
    monkeypatch.setattr("commands.measuring.now", lambda: NOW)
    frame = pd.DataFrame({"customer_id": PEOPLE[:40], "stage_current": "regular", "as_of": to_iso(NOW)})
    frame.to_parquet(tmp_path / "scores.parquet")
    command = ["campaign", "uplift", "--dir", str(tmp_path)]
    assert "Not enough: 0 of 1 campaigns" in CliRunner().invoke(app, command, catch_exceptions=False).output
    assert "purchase_uplift" not in pd.read_parquet(tmp_path / "scores.parquet")
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store:
        campaign(store, 0.4)
    told = json.loads(CliRunner().invoke(app, [*command, "--json"], catch_exceptions=False).stdout)
    assert told["written"] is True
    assert pd.read_parquet(tmp_path / "scores.parquet")["purchase_uplift"].notna().all()
