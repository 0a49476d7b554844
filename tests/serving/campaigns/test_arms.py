import numpy as np
import pytest

from serving.campaigns.arms import is_held_out, places

SALT = bytes(32)
CUSTOMERS = [f"c{number}" for number in range(20_000)]


def test_the_same_customer_and_campaign_always_meet_the_same_arm():
    first = is_held_out(SALT, "may", CUSTOMERS, 0.1)
    alone = [bool(is_held_out(SALT, "may", [customer], 0.1)[0]) for customer in CUSTOMERS[:200]]
    assert alone == first[:200].tolist()
    assert is_held_out(SALT, "may", CUSTOMERS[::-1], 0.1).tolist() == first[::-1].tolist()


@pytest.mark.parametrize("holdout", [0.05, 0.1, 0.5])
def test_so_many_are_held_out_as_asked(holdout):
    error = (holdout * (1 - holdout) / len(CUSTOMERS)) ** 0.5
    assert is_held_out(SALT, "may", CUSTOMERS, holdout).mean() == pytest.approx(holdout, abs=4 * error)


def test_places_are_evenly_spread_whatever_the_ids_look_like():
    counts, _ = np.histogram(places(SALT, "may", CUSTOMERS), bins=20, range=(0, 1))
    assert ((counts - 1000) ** 2 / 1000).sum() < 43.8  # chi-square with 19 degrees of freedom, one in a thousand


@pytest.mark.parametrize(("salt", "campaign"), [(SALT, "june"), (bytes(31) + b"x", "may")])
def test_other_campaigns_and_other_stores_hold_out_others(salt, campaign):
    one, other = places(SALT, "may", CUSTOMERS), places(salt, campaign, CUSTOMERS)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03


def test_a_larger_holdout_loses_nobody():
    few, many = (is_held_out(SALT, "may", CUSTOMERS, share) for share in (0.1, 0.3))
    assert not (few & ~many).any()


def test_no_two_pairs_of_campaign_and_customer_are_spelt_alike():
    assert places(SALT, "a", ["b,c"]).tolist() != places(SALT, "a,b", ["c"]).tolist()
    assert places(SALT, 'a","b', ["c"]).tolist() != places(SALT, "a", ['b","c']).tolist()
