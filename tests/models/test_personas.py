import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from features.arrays import Ints, Singles
from features.errors import PredictorError
from features.events import EventLog
from features.featureset import FeatureSet
from features.ingest import log_from_frame
from features.journey import Journey
from features.persona_features import persona_features
from features.snapshots import Snapshots
from features.vocabulary import Vocabulary
from models.personas import Personas

KINDS = ((30, 12.0, "store"), (4, 150.0, "web"), (8, 30.0, "email"))
"""Purchases within 90 days, what one is worth, and where they happen: three planted ways of being a customer."""


def planted_events(customers: int = 240, kinds: tuple[tuple[int, float, str], ...] = KINDS) -> pd.DataFrame:
    rng, rows = np.random.default_rng(3), []
    for number in range(customers):
        often, worth, channel = kinds[number % len(kinds)]
        days = rng.uniform(0, 90, max(1, rng.poisson(often)))
        rows += [(f"c{number:04d}", day, "purchase", channel, worth * rng.lognormal(0, 0.2)) for day in days]
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "event", "channel", "value"])
    frame["timestamp"] = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(frame.pop("day"), unit="D")
    return frame


def measured(log: EventLog, journey: Journey) -> tuple[FeatureSet, Singles]:
    features = persona_features(Vocabulary.of(log), journey)
    return features, features.compute(log, journey, Snapshots.at(log, log.end))


def truth(log: EventLog, kinds: int = len(KINDS)) -> Ints:
    return np.array([int(customer[1:]) % kinds for customer in log.customers])


@pytest.fixture(scope="module")
def planted() -> EventLog:
    return log_from_frame(planted_events())


@pytest.fixture(scope="module")
def personas(planted: EventLog, journey: Journey) -> Personas:
    return Personas.find(*_with_journey(planted, journey))


def _with_journey(log: EventLog, journey: Journey) -> tuple[FeatureSet, Journey, Singles]:
    features, X = measured(log, journey)
    return features, journey, X


def test_planted_ways_of_being_a_customer_are_found(planted: EventLog, journey: Journey, personas: Personas) -> None:
    assert len(personas.personas) == 3
    assert personas.is_divided
    assert adjusted_rand_score(truth(planted), personas.assign(measured(planted, journey)[1])) > 0.9
    assert sum(persona.customers for persona in personas.personas) == 240
    assert [persona.name for persona in personas.personas] == ["P1", "P2", "P3"]


def test_what_sets_a_persona_apart_is_said_in_words(planted: EventLog, journey: Journey, personas: Personas) -> None:
    mine = personas.assign(measured(planted, journey)[1])
    rare = personas.personas[mine[truth(planted) == 1][0]]
    said = personas.describe(journey)[rare.name]
    assert "purchase 3 times in the last 91 days" in said or "purchase 4 times" in said
    assert said == "; ".join(f"{each.words} (all customers: {each.usual})" for each in rare.differences)
    assert max(abs(each.spreads) for each in rare.differences) == abs(rare.differences[0].spreads)
    assert all(each.words != each.usual for persona in personas.personas for each in persona.differences)


def test_customers_of_one_kind_are_one_persona_that_is_like_all(journey: Journey) -> None:
    log = log_from_frame(planted_events(200, ((10, 20.0, "store"),)))
    personas = Personas.find(*_with_journey(log, journey))
    assert not personas.is_divided
    assert [one.customers for one in personas.personas] == [200]
    assert personas.describe(journey) == {"P1": "like most customers"}
    assert personas.describe(journey, "ru") == {"P1": "как большинство клиентов"}


def test_personas_are_said_in_every_language_and_old_ones_in_english(
    journey: Journey, personas: Personas, tmp_path: Path
) -> None:
    path = tmp_path / "personas.json"
    personas.save(path)
    again, told = Personas.load(path), personas.describe(journey, "pl")
    assert again.describe(journey, "pl") == told
    assert re.search(
        r"zdarzenie „purchase” [34] razy w ciągu ostatnich 91 dni \(wszyscy klienci: ", " ".join(told.values())
    )
    document = json.loads(path.read_text())
    for persona in document["personas"]:
        for difference in persona["differences"]:
            del difference["values"]
    path.write_text(json.dumps(document))
    old = Personas.load(path)
    first = old.personas[0].differences[0]
    assert old.describe(journey, "pl")["P1"].startswith(f"{first.words} (wszyscy klienci: {first.usual})")


def test_a_customer_alone_is_assigned_as_among_others(planted: EventLog, journey: Journey, personas: Personas) -> None:
    _, X = measured(planted, journey)
    together = personas.assign(X)
    assert [int(personas.assign(X[[row]])[0]) for row in range(0, 240, 13)] == together[::13].tolist()


def test_saved_personas_are_read_back(planted: EventLog, journey: Journey, personas: Personas, tmp_path: Path) -> None:
    personas.save(tmp_path / "personas.json")
    again = Personas.load(tmp_path / "personas.json")
    X = measured(planted, journey)[1]
    assert again.personas == personas.personas
    assert again.trials == personas.trials
    assert np.array_equal(again.assign(X), personas.assign(X))
    assert np.array_equal(again.feature_set.compute(planted, journey, Snapshots.at(planted, planted.end)), X, True)


@pytest.mark.parametrize("text", [None, "{", '{"feature_set": {"aggregations": []}}', "[]"])
def test_damaged_personas_are_an_error(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "personas.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(PredictorError, match=r"no personas in personas\.json .*run 'nextstage personas --again'"):
        Personas.load(path)
