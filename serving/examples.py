"""What the service answers, as its description shows it."""

from typing import Any

NEXT_STAGE = {
    "7d": {"lapsed": 0.05, "occasional": 0.85, "regular": 0.1},
    "28d": {"lapsed": 0.1, "occasional": 0.7, "regular": 0.2},
}
REASON = {
    "feature": "purchase_recency",
    "value": 12.5,
    "contribution": -0.31,
    "direction": "lowers",
    "words": "last purchase 12 days ago, usually every 9 days",
}
RECORD: dict[str, Any] = {
    "customer_id": "352",
    "as_of": "2026-01-31T12:00:00Z",
    "last_event": "2026-01-19T09:30:00Z",
    "stage_current": "occasional",
    "stage_since": "2026-01-02T16:05:00Z",
    "horizon_days": 28,
    "stage_next": "occasional",
    "stage_next_prob": 0.7,
    "days_to_move_median": None,
    "days_to_move_expected": 71.5,
    "next_stage_basis": "model",
    "churn_prob": 0.12,
    "churn_percentile": 34,
    "churn_decile": 7,
    "churn_band": "low",
    "churn_basis": "model",
    "purchase_prob": 0.61,
    "purchase_percentile": 82,
    "purchase_decile": 2,
    "purchase_band": "high",
    "purchase_basis": "model",
    "clv_expected": 18.4,
    "clv_low": 0.0,
    "clv_high": 64.0,
    "next_stage": NEXT_STAGE,
    "churn": {"7d": 0.44, "28d": 0.12},
    "purchase": {"7d": 0.27, "28d": 0.61},
    "spend": {
        "7d": {"expected": 6.1, "low": 0.0, "high": 31.0},
        "28d": {"expected": 18.4, "low": 0.0, "high": 64.0},
    },
    "reasons": {"next_stage": [REASON], "churn": [REASON], "purchase": [REASON]},
}
SCORES: dict[str, Any] = {
    "model": {"name": "nextstage", "version": "4"},
    "as_of": "2026-01-31T12:00:00Z",
    "scores": [RECORD, {"customer_id": "13", "suppressed": True}],
}
MODEL: dict[str, Any] = {
    "name": "nextstage",
    "version": "4",
    "fingerprint": "5d41402abc4b2a76b9719d911017c592ae7f1c0c6d2e8b3f90a1d4c7e6f5b8a2",
    "stages": ["lapsed", "occasional", "regular"],
    "journey": {"name": "retail", "stage": "furthest", "activity": ["purchase"], "purchase": ["purchase"]},
    "horizon": "28d",
    "targets": [{"target": "churn", "horizons": ["7d", "28d"], "classes": ["no", "yes"]}],
    "features": 134,
    "data": {"start": "2025-01-01T08:12:00Z", "end": "2026-01-30T22:41:00Z"},
    "facts": {
        "customers": 2469,
        "events": 140_000,
        "periods": {"test": "2025-10-01T00:00:00Z to 2025-10-28T00:00:00Z"},
        "metrics": {"churn_28d": {"nextstage": {"auc": 0.83, "brier": 0.14, "ece": 0.02}}},
    },
}
METRICS = 'nextstage_requests_total{method="POST",route="/score",status="200"} 4711.0\n'
PLACES = {"service": "nextstage", "api": "/openapi.json", "score": "POST /score", "ready": "/readyz"}
ALIVE, READY = {"status": "alive"}, {"status": "ready"}
