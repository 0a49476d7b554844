import pandas as pd
import pytest

from features.errors import ConfigError
from serving.campaigns.arms import CONTROL
from serving.campaigns.members import (
    Wanted,
    begin,
    campaign_named,
    describe_memberships,
    list_campaigns,
    mark_sent,
    read_members,
)
from serving.errors import UnknownCampaignError
from serving.store import Store


def scored(*customers: str, **columns: object) -> pd.DataFrame:
    known = {"stage_current": "new", "purchase_decile": 3, "purchase_prob": 0.25}
    return pd.DataFrame({"customer_id": list(customers)}).assign(**(known | columns))


EVERYBODY = scored(*(f"c{number:03d}" for number in range(200)))


def members(store: Store, campaign: str = "may") -> pd.DataFrame:
    with store.database.reading() as connection:
        return read_members(connection, campaign)


def send(store: Store, frame: pd.DataFrame = EVERYBODY, now: int = 5, **wanted: float | None) -> list[str]:
    sent = list(begin(store.database, Wanted("may", **wanted), frame, now)["customer_id"])  # type: ignore[arg-type]
    mark_sent(store.database, "may", sent, now)
    return sent


def test_everybody_is_in_one_arm_and_the_control_group_is_not_sent_it(store: Store) -> None:
    sent = send(store, holdout=0.2)
    kept = members(store)
    assert list(kept["customer_id"]) == list(EVERYBODY["customer_id"])
    assert set(kept["customer_id"][kept["arm"] == CONTROL]) == set(EVERYBODY["customer_id"]) - set(sent)
    assert kept["sent_at"].isna().tolist() == (kept["arm"] == CONTROL).tolist()
    assert 20 <= (kept["arm"] == CONTROL).sum() <= 60
    assert kept.iloc[0][["stage", "decile", "score", "assigned_at"]].tolist() == ["new", 3, 0.25, 5]


def test_sending_again_moves_nobody_and_keeps_the_first_time(store: Store) -> None:
    first = send(store)
    before = members(store)
    more = pd.concat([EVERYBODY, scored("d1", "d2")]).assign(purchase_prob=0.9)
    again = send(store, more, now=9)
    assert [name for name in again if name not in ("d1", "d2")] == first
    after = members(store)
    pd.testing.assert_frame_equal(after[after["customer_id"] < "d"], before)
    assert after[after["customer_id"] >= "d"]["assigned_at"].tolist() == [9, 9]


def test_as_long_as_nobody_was_sent_it_the_time_is_that_of_the_last_try(store: Store) -> None:
    arms = begin(store.database, Wanted("may"), EVERYBODY, 5)["customer_id"].tolist()
    assert begin(store.database, Wanted("may"), EVERYBODY, 8)["customer_id"].tolist() == arms
    assert members(store)["assigned_at"].unique().tolist() == [8]


def test_a_dry_run_draws_the_same_arms_and_keeps_nothing(store: Store) -> None:
    drawn = begin(store.database, Wanted("may", 0.3), EVERYBODY, 5, keep=False)
    assert list_campaigns(store.database) == []
    assert send(store, holdout=0.3) == drawn["customer_id"].tolist()
    assert drawn["campaign"].unique().tolist() == ["may"]


def test_who_is_held_out_stays_so_under_another_id(store: Store) -> None:
    send(store)
    held = members(store).query("arm == 'control'")["customer_id"].tolist()
    store.add_aliases([(name, 6, f"crm-{name}") for name in held])
    renamed = scored(*(f"crm-{name}" for name in held))
    assert send(store, renamed, now=9) == []
    assert len(members(store)) == 200


@pytest.mark.parametrize("holdout", [0.0, 1.0, -0.1])
def test_a_holdout_that_leaves_no_two_arms_is_refused(store: Store, holdout: float) -> None:
    with pytest.raises(ConfigError, match="give a share between 0 and 1, like 10%"):
        begin(store.database, Wanted("may", holdout), EVERYBODY, 5)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_a_campaign_needs_a_name(store: Store, name: str) -> None:
    with pytest.raises(ConfigError, match="give up to 200 characters"):
        begin(store.database, Wanted(name), EVERYBODY, 5)


def test_a_campaign_keeps_its_holdout(store: Store) -> None:
    send(store, holdout=0.2)
    assert send(store, holdout=0.2) == send(store)
    with pytest.raises(ConfigError, match=r"campaign 'may' holds out 0\.2, not 0\.1; leave --holdout out or"):
        send(store, holdout=0.1)


def test_campaigns_are_listed_and_found_by_name(store: Store) -> None:
    sent = send(store)
    (listed,) = list_campaigns(store.database)
    assert (listed["treated"], listed["sent"], listed["control"]) == (len(sent), len(sent), 200 - len(sent))
    assert (listed["holdout"], listed["score"], listed["created_at"]) == (
        0.1,
        "purchase",
        "1970-01-01T00:00:00.000005Z",
    )
    with store.database.reading() as connection:
        assert campaign_named(connection, "may").audience is None
        with pytest.raises(UnknownCampaignError, match="no campaign is called 'mai'; did you mean 'may'"):
            campaign_named(connection, "mai")


def test_scores_without_deciles_make_members_without(store: Store) -> None:
    begin(store.database, Wanted("may"), EVERYBODY[["customer_id", "stage_current"]], 5)
    assert members(store)["decile"].isna().all()
    with store.database.reading() as connection:
        (mine,) = describe_memberships(connection, "c000")
    assert (mine["stage"], mine["decile"], mine["score"]) == ("new", None, None)
