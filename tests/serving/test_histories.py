from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.encoded_log import EncodedLog
from features.events import EventLog
from features.snapshots import Snapshots
from models.predictor import Predictor
from serving.consents import Consent
from serving.errors import UnknownCustomerError
from serving.histories import OF_A_CUSTOMER, Histories
from serving.intake import ingest
from serving.messages import parse_message
from serving.personal_data import erase_customer
from serving.store import Store

NOW = 1_720_000_000_000_000
EVENT = b'{"userId": "%s", "event": "%s", "timestamp": "2024-07-01T00:00:00Z", "messageId": "%s"}'


@pytest.fixture
def own(tmp_path: Path, events: pd.DataFrame, attributes: pd.DataFrame) -> Iterator[Store]:
    few = events[events["customer_id"].isin(["c0000", "c0001", "c0002", "c0003"])]
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store:
        store.add(few)
        store.set_attributes(attributes[attributes["customer_id"].isin(few["customer_id"])])
        yield store


def told(histories: Histories, predictor: Predictor, names: list[str]) -> list[dict[str, object]]:
    log, _ = histories.read(names)
    return predictor.score(log, Snapshots(np.arange(len(names)), np.full(len(names), NOW))).records()


def batch(store: Store, predictor: Predictor, name: str) -> dict[str, object]:
    log = store.log([name])
    return predictor.score(log, Snapshots.at(log, NOW)).records()[0]


def test_kept_customers_have_the_bits_of_the_store_in_any_company_and_order(own: Store, predictor: Predictor) -> None:
    histories = Histories(own, predictor)
    for names in (["c0002"], ["c0003", "c0001", "c0002"], ["c0000", "c0001", "c0002", "c0003"], ["c0002", "c0000"]):
        assert told(histories, predictor, names) == [batch(own, predictor, name) for name in names]


def test_a_score_includes_the_last_event_of_any_process(own: Store, predictor: Predictor) -> None:
    histories = Histories(own, predictor)
    told(histories, predictor, ["c0000", "c0001"])
    with Store(str(own.database.engine.url)) as another:
        ingest(another.database, parse_message(EVENT % (b"c0001", b"purchase", b"x1"), "track", NOW - 5))
    after = told(histories, predictor, ["c0000", "c0001"])
    assert after == [batch(own, predictor, name) for name in ("c0000", "c0001")]
    assert after[1]["last_event"] == "2024-07-03T09:46:39.999995Z"


def test_traits_aliases_revisions_consents_and_erasures_are_seen(own: Store, predictor: Predictor) -> None:
    histories = Histories(own, predictor)
    names = ["c0000", "c0001", "c0002"]
    told(histories, predictor, names)
    own.set_attributes(pd.DataFrame({"customer_id": ["c0000"], "tier": ["gold"], "visits": [77.0]}))
    own.add_aliases([("c0001", 0, "c0002")])
    own.add_consents([Consent("c0000", "revoked", 5, "me")])
    assert told(histories, predictor, ["c0000", "c0002"]) == [batch(own, predictor, n) for n in ("c0000", "c0002")]
    assert histories.read(["c0000", "c0002"])[1] == {"c0000"}
    with pytest.raises(UnknownCustomerError, match="c0001"):
        histories.read(["c0001"])
    erase_customer(own.database, "c0000", 5, "me")
    assert histories.customers() == ["c0000", "c0002"]  # nobody asked yet
    with pytest.raises(UnknownCustomerError, match="c0000"):
        histories.read(["c0000"])
    assert histories.customers() == []


def test_a_refusal_or_its_end_is_seen_for_every_id_that_leads_to_the_customer(own: Store, predictor: Predictor) -> None:
    histories, far = Histories(own, predictor), 4_000_000_000_000_000  # no event follows so late an alias
    names = ["c0000", "c0001", "c0002"]

    def opted_out() -> set[str]:
        return set(histories.read(names)[1])

    assert opted_out() == set()
    own.add_consents([Consent("c0002", "denied", 5, "me")])
    assert opted_out() == {"c0002"}
    own.add_aliases([("c0001", far, "c0002")])
    assert opted_out() == {"c0001", "c0002"}
    own.add_aliases([("c0000", far, "c0001")])
    assert opted_out() == {"c0000", "c0001", "c0002"}
    own.add_consents([Consent("c0002", "granted", 6, "me")])
    assert opted_out() == set()
    own.add_consents([Consent("c0002", "revoked", 7, "me")])
    assert opted_out() == {"c0000", "c0001", "c0002"}


def test_what_was_read_before_a_change_that_another_question_saw_is_not_kept(
    own: Store, predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    histories = Histories(own, predictor)
    real = Predictor.encode

    def meanwhile(own_predictor: Predictor, log: EventLog) -> EncodedLog:
        monkeypatch.undo()
        ingest(own.database, parse_message(EVENT % (b"c0000", b"purchase", b"x2"), "track", NOW - 5))
        histories.read(["c0001"])  # has seen the change
        return real(own_predictor, log)

    monkeypatch.setattr(Predictor, "encode", meanwhile)
    histories.read(["c0000"])
    assert histories.customers() == ["c0001"]
    assert told(histories, predictor, ["c0000"]) == [batch(own, predictor, "c0000")]


def test_memory_is_bounded_and_those_asked_for_longest_ago_go_first(own: Store, predictor: Predictor) -> None:
    sizes = {name: own.log([name]).n_events + OF_A_CUSTOMER for name in ("c0000", "c0001", "c0002")}
    histories = Histories(own, predictor, most=sizes["c0000"] + max(sizes["c0001"], sizes["c0002"]))
    for name in ("c0001", "c0000", "c0002"):
        histories.read([name])
    assert histories.customers() == ["c0000", "c0002"]
    assert told(histories, predictor, ["c0001"]) == [batch(own, predictor, "c0001")]


def test_customers_are_read_before_anybody_asks_and_who_is_gone_is_passed_over(
    own: Store, predictor: Predictor
) -> None:
    histories = Histories(own, predictor)
    histories.warm(["c0000", "c0001"])
    assert histories.customers() == ["c0000", "c0001"]
    histories.warm(["nobody"])
    assert histories.customers() == ["c0000", "c0001"]
