import json
from dataclasses import replace

import numpy as np

from models.bootstrap import bootstrap
from models.metrics import evaluate
from serving.matured import RESAMPLING, Card, card_of, latest_cards, promise, read_cards, recent_cards, write_cards
from serving.maturing import Matured
from serving.runs import Run
from serving.store import Store
from serving.tables import RUNS

RUN = Run(1, "shop", "2", 50, 60, "finished", None, 0)


def outcome(rows: int = 400, shift: float = 0.0, seed: int = 3) -> Matured:
    """Synthetic: scores that answers follow exactly, or with log-odds that are off by a shift."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-0.5, 1.2, rows)
    yes = 1 / (1 + np.exp(-odds))
    y = (rng.random(rows) < 1 / (1 + np.exp(-(odds + shift)))).astype(np.int64)
    ids = np.array([f"c{row}" for row in range(rows)], dtype=object)
    return Matured("churn", "28d", np.column_stack([1 - yes, yes]), y, ids)


def test_a_card_says_what_the_metrics_say_with_intervals_over_customers() -> None:
    given = outcome()
    card = card_of(RUN, given, {"auc": 0.8}, now=70)
    figures = evaluate(given.probabilities, given.y)
    share = given.y.mean()
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    assert {name: value for name, value in card.metrics.items() if name != "skill"} == figures
    assert np.isclose(card.metrics["skill"], 1 - figures["log_loss"] / entropy)
    wanted = bootstrap(given.probabilities, given.y, np.argsort(np.argsort(given.customer)), ["auc"], RESAMPLING)["auc"]
    assert card.intervals["auc"] == (wanted.low, wanted.high)
    low, high = card.intervals["skill"]
    assert low < card.metrics["skill"] < high
    assert (card.name, card.rows, card.promised, card.matured_at) == ("churn_28d", 400, {"auc": 0.8}, 70)
    assert sum(row[2] for row in card.reliability) == sum(decile["rows"] for decile in card.deciles) == 400
    assert 0 < card.by_chance < 0.1


def test_too_few_customers_are_counted_and_not_measured() -> None:
    card = card_of(RUN, outcome(150), {}, now=70)
    assert (card.rows, card.is_measured, card.metrics) == (150, False, {})


def test_a_promise_is_what_the_recipe_did_on_the_test_period() -> None:
    measured = {"nextstage": {"log_loss": 0.3, "auc": 0.8}, "prevalence": {"log_loss": 0.4}, "markov": {"log_loss": 1}}
    facts = {"metrics": {"churn_28d": measured}}
    assert promise(facts, "churn_28d") == {"log_loss": 0.3, "auc": 0.8, "skill": 1 - 0.3 / 0.4}
    assert promise(facts, "churn_7d") == promise({}, "churn_7d") == {}


def test_cards_are_kept_once_and_the_latest_of_a_version_count(store: Store) -> None:
    runs = [(1, "2", 50, None), (2, "2", 80, None), (3, "2", 90, 80), (4, "3", 95, None)]
    cards = []
    for number, version, as_of, since in runs:
        run = Run(number, "shop", version, as_of, as_of, "finished", since, 0)
        with store.database.writing() as connection:
            connection.execute(RUNS.insert().values(**vars(run)))
        cards.append(card_of(run, outcome(seed=number), {}, now=99))
    few = card_of(Run(2, "shop", "2", 80, 80, "finished", None, 0), outcome(20), {}, now=99)
    cards.append(Card(**{**few.to_dict(), "horizon": "7d"}))
    for _ in range(2):  # the second time they are there already
        with store.database.writing() as connection:
            write_cards(store.database, connection, cards)
    with store.database.reading() as connection:
        kept = read_cards(connection)
    assert len(kept) == len(cards)
    found = {(card.run_id, card.horizon): card.to_dict() for card in kept}
    for card in cards:
        assert found[card.run_id, card.horizon] == json.loads(json.dumps(card.to_dict()))
    assert [card.run_id for card in latest_cards(kept, "shop", "2")] == [2]
    assert [card.run_id for card in latest_cards(kept, "shop", "3")] == [4]
    assert latest_cards(kept, "other", "3") == []


def test_the_recent_cards_of_a_version_are_the_last_of_each_horizon(store: Store) -> None:
    cards = []
    for number, version, horizon, since in [
        (1, "2", "28d", None),
        (2, "2", "28d", None),
        (3, "2", "28d", None),
        (4, "2", "7d", None),
        (5, "2", "28d", 4),
        (6, "3", "28d", None),
    ]:
        run = Run(number, "shop", version, 10 * number, 10 * number, "finished", since, 0)
        with store.database.writing() as connection:
            connection.execute(RUNS.insert().values(**vars(run)))
        cards.append(replace(card_of(run, outcome(20), {}, now=99), horizon=horizon))
    with store.database.writing() as connection:
        write_cards(store.database, connection, cards)
    with store.database.reading() as connection:
        found = {most: recent_cards(connection, "shop", "2", most) for most in (1, 2, 9)}
    assert [card.run_id for card in found[1]] == [3, 4]
    assert sorted(card.run_id for card in found[2]) == [2, 3, 4]
    assert [card.run_id for card in found[9] if card.horizon == "28d"] == [1, 2, 3]
