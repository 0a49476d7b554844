from dataclasses import replace

import numpy as np
import pytest

from features.events import CHANNEL, EventLog
from features.journey import Journey
from features.targets.purchase import purchases
from features.touches import Paths
from serving.reports.attribution import OTHER, WITHIN, attribution, concatenate, paths_until


def paths(channels: str, *ways: str) -> Paths:
    """Returns paths such as ``AB!``, which met A and then B and ended with a purchase."""
    codes = [[channels.index(letter) for letter in way.rstrip("!")] for way in ways]
    return Paths(
        channels=tuple(channels),
        code=np.array([code for each in codes for code in each], dtype=np.int32),
        indptr=np.cumsum([0, *map(len, codes)]),
        converted=np.array([way.endswith("!") for way in ways]),
        untouched=1,
    )


def ways(found: Paths) -> list[list[str]]:
    names = np.array(found.channels, dtype=object)[found.code]
    return [part.tolist() for part in np.split(names, found.indptr[1:-1])]


def test_both_ways_share_out_every_purchase_and_no_more(log: EventLog, journey: Journey, cutoff: int) -> None:
    found = attribution(concatenate([paths_until(log, journey, cutoff)]))
    assert found.purchases > 100
    for way in ("markov", "shapley"):
        assert sum(getattr(each, way) for each in found.channels) == pytest.approx(found.purchases)
    credits = [each.markov for each in found.channels]
    assert credits == sorted(credits, reverse=True)
    bought = int((purchases(log, journey) & (log.time <= cutoff)).sum())
    assert found.purchases + found.untouched == bought


def test_blocks_of_customers_make_the_paths_of_the_whole(log: EventLog, journey: Journey, cutoff: int) -> None:
    blocks = [log.select(block) for block in np.array_split(np.arange(log.n_customers), 3)]
    apart = concatenate([paths_until(block, journey, cutoff) for block in blocks])
    whole = paths_until(log, journey, cutoff)
    assert ways(apart) == ways(whole)
    assert np.array_equal(apart.converted, whole.converted)
    assert attribution(apart) == attribution(concatenate([whole]))


def test_what_happened_after_the_cutoff_changes_nothing(log: EventLog, journey: Journey, cutoff: int) -> None:
    known, later = paths_until(log.until(cutoff), journey, cutoff), paths_until(log, journey, cutoff)
    assert ways(known) == ways(later)
    assert len(paths_until(log, journey, cutoff + WITHIN)) > len(known)


def test_channels_have_the_same_name_in_every_part() -> None:
    found = concatenate([paths("BA", "BA!", "B"), paths("CB", "CB!")])
    assert found.channels == ("A", "B", "C")
    assert ways(found) == [["B", "A"], ["B"], ["C", "B"]]
    assert (found.converted.tolist(), found.untouched) == ([True, False, True], 2)


def test_the_rarest_of_many_channels_are_one() -> None:
    found = concatenate([paths("ABCD", "ABCA!", "DA", "CDB!", "BAB")], most=3)
    assert found.channels == ("A", "B", OTHER)
    assert ways(found) == [["A", "B", OTHER, "A"], [OTHER, "A"], [OTHER, "B"], ["B", "A", "B"]]
    assert sum(each.shapley for each in attribution(found).channels) == pytest.approx(2)


@pytest.mark.parametrize("given", [paths("AB", "AB", "B"), paths("AB")])
def test_without_a_purchase_no_channel_has_credit(given: Paths) -> None:
    found = attribution(concatenate([given]))
    assert (found.channels, found.purchases, found.paths, found.untouched) == ((), 0, len(given), 1)


def test_a_log_without_channels_has_purchases_and_no_path(log: EventLog, journey: Journey, cutoff: int) -> None:
    bare = replace(log, dimensions={name: each for name, each in log.dimensions.items() if name != CHANNEL})
    found = attribution(concatenate([paths_until(bare, journey, cutoff)]))
    assert (found.channels, found.paths) == ((), 0)
    assert found.untouched == int((purchases(log, journey) & (log.time <= cutoff)).sum())
