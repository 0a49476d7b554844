from itertools import permutations
from math import factorial

import numpy as np
import pytest

from features.touches import Paths
from models.attribution import markov_credit, removal_effects, shapley_credit


def paths(*told: tuple[str, bool]) -> Paths:
    names = tuple(sorted({channel for way, _ in told for channel in way}))
    code = np.array([names.index(channel) for way, _ in told for channel in way], dtype=np.int32)
    indptr = np.concatenate([[0], np.cumsum([len(way) for way, _ in told])]).astype(np.int64)
    return Paths(names, code, indptr, np.array([end for _, end in told]))


TOY = paths(("AB", True), ("A", False), ("B", True), ("AB", False))
# Steps: begin->A 3 of 4, begin->B 1 of 4; A->B 2 of 3, A->lost 1 of 3; B->bought 2 of 3, B->lost 1 of 3.
# Bought from B: 2/3; from A: 2/3 * 2/3 = 4/9; from the beginning: 3/4 * 4/9 + 1/4 * 2/3 = 1/3 + 1/6 = 1/2.
# Without A: 1/4 * 2/3 = 1/6, so its effect is 1 - (1/6) / (1/2) = 2/3. Without B nobody buys: its effect is 1.
# Two purchases: A has (2/3) / (5/3) * 2 = 4/5, B has 1 / (5/3) * 2 = 6/5.
# Shapley: the purchase of A and B is halved, that of B alone is B's: A 1/2, B 3/2.


def test_removal_effects_of_the_toy_journey_are_those_computed_by_hand():
    assert removal_effects(TOY) == pytest.approx([2 / 3, 1.0])
    assert markov_credit(TOY) == pytest.approx([4 / 5, 6 / 5])


def test_shapley_values_of_the_toy_journey_are_those_computed_by_hand():
    assert shapley_credit(TOY) == pytest.approx([1 / 2, 3 / 2])


def test_a_way_back_is_walked_as_often_as_chance_has_it():
    # begin->A 1; A->B 1/2, A->bought 1/2; B->A 1: everybody buys; without B half do, without A nobody
    looped = paths(("ABA", True))
    assert removal_effects(looped) == pytest.approx([1.0, 0.5])
    assert markov_credit(looped) == pytest.approx([2 / 3, 1 / 3])
    assert shapley_credit(looped) == pytest.approx([1 / 2, 1 / 2])


def drawn(channels: int, ways: int, seed: int) -> Paths:
    rng = np.random.default_rng(seed)
    names = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:channels]
    told = []
    for _ in range(ways):
        way = "".join(rng.choice(list(names), rng.integers(1, 5)))
        told.append(
            ("".join(c for place, c in enumerate(way) if place == 0 or way[place - 1] != c), rng.random() < 0.4)
        )
    return paths(*told)


def by_definition(ways: Paths) -> list[float]:
    """Returns Shapley values by every order in which channels can come."""
    sets = [frozenset(part.tolist()) for part in np.split(ways.code, ways.indptr[1:-1])]
    bought = [met for met, end in zip(sets, ways.converted, strict=True) if end]

    def worth(known: set[int]) -> int:
        return sum(met <= known for met in bought)

    n = len(ways.channels)
    gains = [0.0] * n
    for order in permutations(range(n)):
        known: set[int] = set()
        for channel in order:
            before = worth(known)
            known.add(channel)
            gains[channel] += (worth(known) - before) / factorial(n)
    return gains


@pytest.mark.parametrize("seed", range(3))
def test_shapley_values_equal_the_definition(seed):
    ways = drawn(6, 60, seed)
    assert shapley_credit(ways) == pytest.approx(by_definition(ways))


def test_with_26_channels_all_purchases_are_credited_and_no_channel_owes_any():
    ways = drawn(26, 20_000, 4)
    for credit in (markov_credit(ways), shapley_credit(ways)):
        assert credit.sum() == pytest.approx(ways.converted.sum())
        assert (credit > 0).all()


@pytest.mark.parametrize("ways", [paths(("A", False)), paths()])
def test_without_a_purchase_nobody_is_credited(ways):
    assert markov_credit(ways).sum() == 0
    assert shapley_credit(ways).sum() == 0


def test_a_channel_on_no_path_is_credited_nothing():
    ways = paths(("A", True), ("AB", False))
    other = Paths(("A", "B", "C"), ways.code, ways.indptr, ways.converted)
    assert markov_credit(other)[2] == pytest.approx(0.0)
    assert shapley_credit(other)[2] == 0.0
