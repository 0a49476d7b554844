"""The real data as events: nothing that the package's traps would let through."""

import numpy as np
import pandas as pd
import pytest

from features.ingest import log_from_frame
from features.sources.completejourney import SCHEMA, read_attributes, read_events


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    return read_events()


def test_every_household_mailing_and_redemption_is_there(events: pd.DataFrame) -> None:
    counts = events["event"].value_counts()
    assert events["customer_id"].nunique() == 2469
    assert counts["campaign_mailed"] == 6589
    assert counts["coupon_redeemed"] == 2102
    assert 155_000 < counts["purchase"] <= 155_848  # baskets, less those with nothing bought


def test_a_purchase_has_a_value_and_nothing_else_does(events: pd.DataFrame) -> None:
    purchases = events["event"] == "purchase"
    assert (events.loc[purchases, "value"] >= 0).all()
    assert events.loc[~purchases, "value"].isna().all()


def test_what_has_a_day_but_no_hour_counts_from_the_end_of_the_day(events: pd.DataFrame) -> None:
    days_only = events[events["event"] != "purchase"]["timestamp"]
    assert set(days_only.dt.strftime("%H:%M:%S")) == {"23:59:59"}


def test_event_ids_are_unique_and_never_change(events: pd.DataFrame) -> None:
    assert events["event_id"].is_unique
    pd.testing.assert_frame_equal(events, read_events())


def test_the_log_carries_demographics_of_801_households(events: pd.DataFrame) -> None:
    log = log_from_frame(events, SCHEMA, read_attributes())
    income = log.attributes["income"]
    assert int(np.sum(income.codes >= 0)) == 801
