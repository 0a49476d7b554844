"""What the service is sent and answers, as its description shows it."""

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
    "words": "no purchase for 12 days, usually every 9 days",
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
    "churn_rank": {
        "7d": {"percentile": 41, "decile": 6, "band": "low"},
        "28d": {"percentile": 34, "decile": 7, "band": "low"},
    },
    "purchase": {"7d": 0.27, "28d": 0.61},
    "purchase_rank": {
        "7d": {"percentile": 77, "decile": 3, "band": "medium"},
        "28d": {"percentile": 82, "decile": 2, "band": "high"},
    },
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
TRACK = {
    "type": "track",
    "userId": "352",
    "event": "Order Completed",
    "messageId": "order-1001",
    "timestamp": "2026-01-31T12:00:00Z",
    "properties": {"revenue": 27.98},
    "context": {"campaign": {"medium": "email"}},
}
MESSAGES: dict[str, dict[str, Any]] = {
    "track": TRACK,
    "identify": {"userId": "352", "anonymousId": "cookie-9", "traits": {"plan": "pro", "seats": 3}},
    "page": {"anonymousId": "cookie-9", "name": "Pricing"},
    "screen": {"anonymousId": "phone-9", "name": "Basket"},
    "group": {"userId": "352", "groupId": "acme", "traits": {"employees": 420}},
    "alias": {"previousId": "cookie-9", "userId": "352"},
}
CUSTOMER = {
    "customer_id": "352",
    "as_of": "2026-01-31T12:00:01Z",
    "stage": "occasional",
    "timeline": [{"stage": "occasional", "entered_at": "2026-01-31T12:00:00Z", "left_at": None}],
    "attributes": {"plan": "pro"},
    "consent": "granted",
    "suppressed": False,
    "events_total": 1,
    "events": [
        {
            "timestamp": "2026-01-31T12:00:00Z",
            "known_at": "2026-01-31T12:00:01Z",
            "event": "purchase",
            "channel": "email",
            "value": 27.98,
            "event_id": "order-1001",
            "extra": {},
            "revision": None,
        }
    ],
    "model": SCORES["model"],
    "scores": {name: value for name, value in RECORD.items() if name != "reasons"}
    | {"as_of": "2026-01-31T12:00:01Z", "last_event": "2026-01-31T12:00:00Z", "stage_since": "2026-01-31T12:00:00Z"},
}
RECEIPT = {
    "receipt": "5d41402abc4b2a76b9719d911017c592",
    "customer_hash": "a salted SHA-256",
    "erased_at": "2026-01-31T12:00:01Z",
    "erased": {
        "events": 12,
        "customers": 1,
        "consents": 1,
        "scores": 3,
        "segment_members": 2,
        "leaders": 1,
        "personas": 1,
        "campaign_members": 1,
        "shadow_scores": 1,
        "estimates": 1,
        "aliases": 1,
        "rows_of_files": 1,
        "pushes": 1,
        "exported_files": 0,
    },
}
EXPORT = {"customer_id": "352", "exported_at": "2026-01-31T12:00:01Z", "aliases": [], "records": []}
DECISION = {"decision": "revoked", "at": "2026-01-31T12:00:00Z", "source": "preference centre"}
SEGMENT = {"where": "stage == 'loyal' and churn_28d > 0.4", "order_by": "churn_28d", "top": 500}
PREVIEW = {
    "name": "at risk",
    "size": 412,
    "customers": 2469,
    "matched": 412,
    "opted_out": 3,
    "held_out": 0,
    "captures": [
        {
            "target": "churn_28d",
            "customers": 412,
            "expected": 201.4,
            "low": 163,
            "high": 240,
            "false_positives": 210.6,
            "recall": 0.71,
        }
    ],
    "worth": None,
    "changes": {"entered": 31, "left": 12, "kept": 381},
}
KEPT_SEGMENT = {
    "name": "at risk",
    "definition": {"name": "at risk", **SEGMENT},
    "saved_at": "2026-01-02T09:00:00Z",
    "refreshed_at": "2026-01-31T12:00:05Z",
    "as_of": "2026-01-31T12:00:00Z",
    "preview": PREVIEW,
    "problem": None,
}
MEMBERS = {
    "segment": "at risk",
    "members": [{"place": 1, "customer_id": "352", "score": 0.92}],
    "cursor": "4.1",
}
PANEL_EXAMPLES: dict[str, Any] = {
    "map": {
        "as_of": "2026-01-31T12:00:00Z",
        "shown": {"customers": 2469, "stages": [{"name": "loyal", "customers": 401}]},
    },
    "flows": {"past": [{"source": "occasional", "target": "regular", "customers": 837}]},
    "figures": {"weeks": ["2026-01-31T12:00:00Z"], "lines": {"active": {"all": {"all": [1503.0]}}}},
    "attribution": {
        "channels": [{"channel": "email", "removal": 0.31, "markov": 120.4, "shapley": 113.5}],
        "paths": 2104,
        "purchases": 388,
        "untouched": 12,
    },
    "audience": {
        "horizon": "28d",
        "curves": {"churn": {"loyal": {"customers": 401, "size": [2], "captured": [0.3]}}},
        "personas": {
            "P1": {"customers": 1304, "curves": {"churn": {"loyal": {"customers": 92, "size": [1], "captured": [0.1]}}}}
        },
    },
    "model": {"versions": [{"role": "champion", "version": "1", "targets": []}]},
    "drift": {
        "verdict": "healthy",
        "at": "2026-01-31T12:00:00Z",
        "model": {"name": "nextstage", "version": "1"},
        "reasons": [],
        "as_of": "2026-01-31T12:00:00Z",
        "scores": [{"name": "churn_28d", "index": 0.021, "by_chance": 0.034, "rows": 2469, "is_large": False}],
        "features": [{"name": "purchase_sum_28d", "index": 0.09, "by_chance": 0.034, "rows": 2469, "is_large": False}],
    },
    "matured": {
        "latest": [{"run_id": 3, "name": "churn_28d", "metrics": {"auc": 0.81}, "promised": {"auc": 0.82}}],
        "earlier": [],
    },
    "stage": {"stage": "loyal", "customers": [{"customer_id": "352", "moves": 0.93}], "common": []},
    "customer": {"customer_id": "352", "stage": "loyal", "events": [], "scores": {}, "history": {}},
    "segment": None,
}
CAMPAIGN = {
    "name": "win-back-may",
    "created_at": "2026-05-01T09:00:00Z",
    "holdout": 0.1,
    "audience": "win-back",
    "score": "purchase",
}
ARMS = {"treated": 9000, "sent": 8991, "control": 1000}
COMPARED = {
    "group": "all",
    "treated": {"customers": 9000, "happened": 1116, "share": 0.124},
    "control": {"customers": 1000, "happened": 92, "share": 0.092},
    "difference": {"value": 0.032, "low": 0.0114, "high": 0.0498},
    "lift": {"value": 0.3478, "low": 0.0966, "high": 0.6417},
}
REPORT = {
    "campaign": CAMPAIGN,
    "outcome": {"kind": "purchase", "days": 28, "event": None},
    "verdict": "worked",
    "sentence": "It worked: 12.40 % of 9,000 treated customers bought within 28 days, 9.20 % of 1,000 left alone: ...",
    "overall": COMPARED,
    "spend_difference": {"value": 1.12, "low": 0.2, "high": 2.04},
    "by_stage": [{**COMPARED, "group": "occasional"}],
    "by_decile": [{**COMPARED, "group": "1"}],
    "too_early": 0,
    "not_asked": 0,
    "not_sent": 9,
    "complete_at": "2026-05-29T09:00:00Z",
}
FORM: dict[str, Any] = {
    "schema": {
        "type": "object",
        "properties": {"key": {"type": "string"}, "next": {"type": "string", "description": "A path of this service"}},
        "required": ["key"],
    },
    "example": {"key": "ns_5f3a9c21_...", "next": "/dashboard/flows"},
}
PAGE = '<!doctype html><html lang="en">...</html>'
CSV = "stage,customers\r\nloyal,401\r\n"
STYLE = "body { margin: 0 }"
