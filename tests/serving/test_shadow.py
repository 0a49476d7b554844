import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select

from models.predictor import RegisteredPredictor
from serving import shadow as shadow_module
from serving.consents import Consent
from serving.database import Row
from serving.loaded import Loaded
from serving.metrics import Metrics
from serving.personal_data import erase_customer, export_customer
from serving.scorer import Scorer
from serving.shadow import Shadow
from serving.store import Store
from serving.tables import SHADOW_SCORES

NOW = 1_720_000_000_000_000
DAY = 86_400 * 10**6


@pytest.fixture
def own(tmp_path: Path, events: pd.DataFrame) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store:
        store.add(events[events["customer_id"].isin(["c0000", "c0001", "c0002"])])
        yield store


def kept(store: Store) -> list[tuple[str, str, int]]:
    with store.database.reading() as connection:
        rows = connection.execute(select(SHADOW_SCORES).order_by(SHADOW_SCORES.c.as_of, SHADOW_SCORES.c.customer_id))
        return [(row.customer_id, row.model_version, row.as_of) for row in rows]


def test_a_challenger_scores_along_and_its_scores_are_kept_once_a_day(own: Store, model: RegisteredPredictor) -> None:
    shadow = Shadow(own, Metrics())
    shadow.use(RegisteredPredictor(model.predictor, "small", "7"))
    shadow.offer(["c0000", "c0001"], NOW)
    shadow.offer(["c0000"], NOW + 5)
    shadow.offer(["c0000"], NOW + DAY)
    assert shadow.work() == 4
    assert kept(own) == [("c0000", "7", NOW), ("c0001", "7", NOW), ("c0000", "7", NOW + DAY)]
    with own.database.reading() as connection:
        told = connection.scalar(select(SHADOW_SCORES.c.scores).where(SHADOW_SCORES.c.customer_id == "c0001"))
    question = json.dumps({"customer_ids": ["c0001"], "as_of": "2024-07-03T09:46:40Z"}).encode()
    assert json.loads(told or "") == json.loads(Scorer(model, own).answer(question, 0))["scores"][0]


def test_without_a_challenger_nobody_waits(own: Store) -> None:
    shadow = Shadow(own, Metrics())
    shadow.offer(["c0000"], NOW)
    assert shadow.work() == 0


def test_who_comes_when_too_many_wait_is_left_out_and_counted(own: Store, model: RegisteredPredictor) -> None:
    metrics = Metrics()
    shadow = Shadow(own, metrics, most=2)
    shadow.use(model)
    shadow.offer(["c0000", "c0001", "c0002"], NOW)
    shadow.offer(["c0002"], NOW)
    assert shadow.work() == 2
    told = metrics.text({}, {"name": "small", "version": "1"}).decode()
    assert "nextstage_shadow_dropped_total 2.0" in told


def test_who_opted_out_or_is_gone_is_not_scored(own: Store, model: RegisteredPredictor) -> None:
    shadow = Shadow(own, Metrics())
    shadow.use(model)
    own.add_consents([Consent("c0000", "denied", 5, "me")])
    shadow.offer(["c0000", "nobody"], NOW)
    assert shadow.work() == 2
    assert kept(own) == []


def test_of_who_is_erased_while_being_scored_nothing_is_kept(
    own: Store, model: RegisteredPredictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shadow_module._scored

    def then_erased(loaded: Loaded, name: str, as_of: int) -> list[Row]:
        rows = before(loaded, name, as_of)
        erase_customer(own.database, name, 5, "tests")
        return rows

    monkeypatch.setattr(shadow_module, "_scored", then_erased)
    shadow = Shadow(own, Metrics())
    shadow.use(model)
    shadow.offer(["c0000"], NOW)
    assert shadow.work() == 1
    assert kept(own) == []


def test_scores_of_a_challenger_are_handed_over_and_erased(own: Store, model: RegisteredPredictor) -> None:
    shadow = Shadow(own, Metrics())
    shadow.use(model)
    shadow.offer(["c0000", "c0001"], NOW)
    shadow.work()
    told = export_customer(own.database, "c0000", NOW, "me")["records"][0]["challenger_scores"]
    assert [each["model"] for each in told] == ["small 1"]
    assert erase_customer(own.database, "c0000", NOW, "me").erased["shadow_scores"] == 1
    assert [name for name, *_ in kept(own)] == ["c0001"]


def test_the_thread_ends_when_it_is_closed(own: Store, model: RegisteredPredictor) -> None:
    shadow = Shadow(own, Metrics())
    shadow.use(model)
    shadow.offer(["c0000"], NOW)
    shadow.start()
    for _ in range(500):
        if kept(own):
            break
        shadow._ended.wait(0.02)
    shadow.close()
    shadow._thread.join(20)
    assert not shadow._thread.is_alive()
    assert [name for name, *_ in kept(own)] == ["c0000"]
