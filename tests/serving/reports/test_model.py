from models.predictor import RegisteredPredictor
from serving.reports.model import model_panel


def test_the_model_stands_before_its_baselines_with_its_grade(model: RegisteredPredictor) -> None:
    predictor = model.predictor
    grades = {"churn_28d": {"grade": "B", "reason": "B: so so", "against": [{"metric": "auc"}]}}
    facts = {**predictor.facts, "grades": grades, "deciles": {"churn_28d": [{"decile": 1}]}}
    version = {"name": "small", "version": "1", "fingerprint": "f", "features": 3, "facts": facts}
    panel = model_panel([("champion", version)], "28d", None, None)
    targets = {target["name"]: target for target in panel["versions"][0]["targets"]}
    assert targets["churn_28d"]["grade"] == "B"
    assert targets["churn_28d"]["kind"] == "churn"
    assert targets.keys() == predictor.facts["metrics"].keys()
    for target in targets.values():
        assert target["methods"][0]["name"] == "nextstage"
        assert target["methods"][0]["metrics"] == predictor.facts["metrics"][target["name"]]["nextstage"]
    assert panel["deciles"] == [{"name": "churn_28d", "kind": "churn", "horizon": "28d", "rows": [{"decile": 1}]}]
    assert panel["metrics"][:2] == ["log_loss", "accuracy"]
    assert "auc" in panel["metrics"]
