from serving.pages.tables import to_csv


def test_what_a_spreadsheet_would_run_is_a_text() -> None:
    flows = {"past_by_period": [[{"source": "=1+1", "target": "b", "customers": -2.0}]], "predicted": {}}
    assert to_csv("flows", flows).splitlines() == ["when,source,target,customers", "period 0,'=1+1,b,-2.0"]


def test_a_card_is_a_row_per_metric_with_its_promise() -> None:
    about = {"run_id": 1, "as_of": "2026-01-31T12:00:00Z", "name": "churn_28d", "rows": 9, "verdict": "healthy"}
    card = {**about, "metrics": {"auc": 0.8, "ece": 0.1}, "intervals": {"auc": [0.7, 0.9]}, "promised": {"auc": 0.85}}
    first, *rows = to_csv("matured", {"latest": [card], "earlier": []}).splitlines()
    assert first == "run_id,as_of,name,rows,verdict,metric,value,low,high,promised"
    common = "1,2026-01-31T12:00:00Z,churn_28d,9,healthy"
    assert rows == [f"{common},auc,0.8,0.7,0.9,0.85", f"{common},ece,0.1,,,"]


def test_drift_is_a_row_per_score_and_feature() -> None:
    data = {"scores": [{"name": "churn_28d", "index": 0.1}], "features": [{"name": "=1+1", "index": 0.2}]}
    assert to_csv("drift", data).splitlines() == ["what,name,index", "scores,churn_28d,0.1", "features,'=1+1,0.2"]
