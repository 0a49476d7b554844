from pathlib import Path
from typing import Any

import pandas as pd
import pytest

GOLDEN = Path(__file__).parents[2] / "golden" / "formats"
SCORED = {
    "customer_id": "crm-7",
    "email": "a@example.com",
    "scored_at": "2024-09-05T00:00:00Z",
    "model_version": "7",
    "stage_current": "consideration",
    "stage_next": "purchase",
    "stage_next_prob": 0.4120000001,
    "horizon_days": 28,
    "purchase_prob": 0.412,
    "purchase_percentile": 93.0,
    "reason_1": 'viewed 5 products, "mug" in cart',
}


def table(*changes: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([SCORED | change for change in changes])


@pytest.fixture
def scores() -> pd.DataFrame:
    return table({}, {"customer_id": "crm-8", "email": "b@example.com", "reason_1": None, "purchase_prob": None})


def shape(value: Any) -> Any:
    """Returns what a JSON value is made of: names and kinds, one item of a list for all."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    return [shape(value[0])] if isinstance(value, list) else type(value).__name__
