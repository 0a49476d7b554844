"""A generated log for tests: customers who buy at their own pace until they stop. Synthetic."""

import numpy as np
import pandas as pd


def generated_events(customers: int = 300, days: int = 300, seed: int = 1) -> pd.DataFrame:
    """Returns purchases, visits and mailings of synthetic customers from 2024-01-01 on."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        pace = rng.gamma(2.0, 5.0) + 1.0
        stops = rng.exponential(400.0) + 10.0
        day = rng.uniform(0, 30)
        while day < min(days, stops):
            rows.append((f"c{number:04d}", day, "purchase", "store", round(float(rng.lognormal(3, 0.5)), 2)))
            if rng.random() < 0.5:
                rows.append((f"c{number:04d}", day - rng.uniform(0, 0.2), "visit", "web", np.nan))
            day += rng.exponential(pace)
        mailed = rng.uniform(0, days, rng.poisson(3)).tolist()
        rows.extend((f"c{number:04d}", sent, "campaign_mailed", "mail", np.nan) for sent in mailed)
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "event", "channel", "value"])
    start = pd.Timestamp("2024-01-01", tz="UTC")
    frame["timestamp"] = (start + pd.to_timedelta(frame.pop("day"), unit="D")).dt.round("s")
    return frame.sort_values("timestamp", kind="stable", ignore_index=True)
