"""The columns that every implementation computes, and the cutoffs; nothing but the standard library.

All but Featuretools and getML return exactly these columns, in this order and under these names.
"""

DAY = 86_400_000_000
START, DAYS = 20_089 * DAY, 365
END = START + DAYS * DAY

PURCHASE = "order_completed"
EVENTS = (
    "cart_viewed",
    "checkout_started",
    "coupon_applied",
    "email_opened",
    PURCHASE,
    "product_added",
    "product_list_viewed",
    "product_reviewed",
    "product_viewed",
    "products_searched",
    "promotion_clicked",
    "promotion_viewed",
)
CHANNELS = ("app", "email", "store", "web")

WINDOWS = {"7d": 7, "28d": 28, "91d": 91, "lifetime": None}
"""Each window and its days; all cutoffs are midnights, and no event is at one."""

SUMMED = ("28d", "91d")
"""The windows in which values are summed by channel."""

SHORT, LONG = "28d", "91d"
GAPS = ("gap_last", "gap_mean", "gap_std", "overdue")

GROUPS = {name: ("event", name) for name in EVENTS} | {f"channel_{name}": ("channel", name) for name in CHANNELS}
"""What columns call a group of events, and the column and value that make it."""


def columns() -> list[str]:
    """Returns the names in order."""
    return [
        *(f"{group}_count_{window}" for group in (*GROUPS, "events") for window in WINDOWS),
        *(f"{group}_recency" for group in (*GROUPS, "events")),
        *(f"{event}_trend_{SHORT}_{LONG}" for event in EVENTS),
        *(f"{PURCHASE}_{statistic}_{window}" for statistic in ("sum", "mean", "max") for window in WINDOWS),
        *(f"channel_{channel}_sum_{window}" for channel in CHANNELS for window in SUMMED),
        *(f"{group}_{part}" for group in (PURCHASE, "events") for part in GAPS),
        *(f"active_days_{window}" for window in WINDOWS),
        "tenure",
    ]


def cutoffs(number: int) -> list[int]:
    """Returns that many midnights up to the end of the log in UTC microseconds, as far apart as weeks allow.

    Examples
    --------
    >>> [(END - cutoff) // DAY for cutoff in cutoffs(3)]
    [238, 119, 0]
    """
    step = (DAYS // 7 // number) * 7 * DAY
    return [END - back * step for back in reversed(range(number))]


def window_starts(cutoff: int) -> dict[str, int]:
    """Returns the time after which each window begins."""
    return {window: 0 if days is None else cutoff - days * DAY for window, days in WINDOWS.items()}
