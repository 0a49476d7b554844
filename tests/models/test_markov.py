import numpy as np
import pytest

from features.arrays import Ints, Singles
from features.events import EventLog
from features.journey import Journey, load_journey
from features.snapshots import Snapshots
from models.markov import SELDOM, MarkovChain

NONE = np.nan


def after(*contexts: tuple[list[float], int, int]) -> tuple[Singles, Ints]:
    """Returns rows of contexts, each so and so often with class 0 and so and so often with class 1."""
    X = np.concatenate([np.tile(places, (no + yes, 1)) for places, no, yes in contexts])
    y = np.concatenate([np.repeat([0, 1], [no, yes]) for _, no, yes in contexts])
    return X.astype(np.float32), y


def yes(chain: MarkovChain, *contexts: list[float]) -> list[float]:
    return chain.predict_proba(np.array(contexts, dtype=np.float32))[:, 1].tolist()


def test_the_first_order_counts_moves_from_each_stage() -> None:
    chain = MarkovChain(2)
    chain.fit(*after(([0.0], 900, 100), ([1.0], 300, 700)))
    assert yes(chain, [0.0], [1.0]) == pytest.approx([0.1, 0.7], abs=0.002)


def test_a_stage_never_seen_gets_the_overall_share() -> None:
    chain = MarkovChain(2)
    chain.fit(*after(([0.0], 50, 50)))
    assert yes(chain, [4.0], [NONE]) == pytest.approx([0.5, 0.5])


def test_higher_orders_tell_apart_where_a_customer_came_from() -> None:
    first, second = MarkovChain(2), MarkovChain(2, order=2)
    X, y = after(([1.0, 0.0, 9.0], 500, 0), ([1.0, 2.0, 9.0], 0, 500), ([1.0, NONE, NONE], 250, 250))
    first.fit(X, y)
    second.fit(X, y)
    contexts = [1.0, 0.0, 3.0], [1.0, 2.0, 3.0], [1.0, NONE, NONE]
    assert yes(first, *contexts) == pytest.approx([0.5] * 3)
    assert yes(second, *contexts) == pytest.approx([0.0, 1.0, 0.5], abs=0.002)


def test_days_in_a_stage_are_not_read() -> None:
    chain = MarkovChain(2, order=3)
    X, y = after(([1.0, 0.0, 5.0, 2.0, 7.0], 100, 300))
    chain.fit(X, y)
    assert yes(chain, [1.0, 0.0, 99.0, 2.0, 0.1]) == yes(chain, [1.0, 0.0, 5.0, 2.0, 7.0])


@pytest.mark.parametrize(("seen", "asked"), [(SELDOM - 1, False), (SELDOM, True)])
def test_a_context_seen_too_seldom_answers_like_the_next_shorter_one(seen: int, asked: bool) -> None:
    chain = MarkovChain(2, order=2)
    chain.fit(*after(([1.0, 0.0, 0.0], 970, 0), ([1.0, 2.0, 0.0], 0, seen), ([3.0, 0.0, 0.0], 500, 500)))
    shorter = seen / (970 + seen)
    rare, unseen = yes(chain, [1.0, 2.0, 0.0], [1.0, 5.0, 0.0])
    assert unseen == pytest.approx(shorter, abs=0.002)
    assert rare > 0.95 if asked else rare == unseen


def test_an_event_chain_reads_the_last_events(log: EventLog, journey: Journey) -> None:
    chain = MarkovChain(2, order=3, of="event")
    features = chain.features(journey, log.dimensions["event"].names)
    assert features.columns[:3] == ("event_last_1", "event_last_2", "event_last_3")
    X = features.compute(log, journey, Snapshots.every_event(log))
    is_purchase = (X[:, 0] == log.dimensions["event"].names.index("purchase")).astype(np.int64)
    chain.fit(X, is_purchase)
    assert chain.predict_proba(X)[np.arange(len(X)), is_purchase].min() > 0.9


def test_names_say_order_and_memory() -> None:
    names = [MarkovChain(2, order, of).name for of in ("stage", "event") for order in (1, 2, 3)]  # type: ignore[arg-type]
    assert names == ["markov", "markov_2", "markov_3", "markov_event", "markov_event_2", "markov_event_3"]


@pytest.mark.parametrize("order", [1, 2, 3])
def test_columns_fit_the_contexts(order: int) -> None:
    chain = MarkovChain(3, order)
    columns = chain.features(load_journey("retail"), ()).columns
    X = np.random.default_rng(0).integers(0, 5, (400, len(columns))).astype(np.float32)
    chain.fit(X, np.arange(400) % 2)
    probabilities = chain.predict_proba(X)
    assert np.allclose(probabilities.sum(axis=1), 1.0)
    assert (probabilities > 0).all()
