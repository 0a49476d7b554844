import mlflow
import pandas as pd
import pytest

from models.predictor import RegisteredPredictor
from models.registry import CHALLENGER, log_predictor, set_alias
from serving.pages.versions import Versions
from serving.scorer import Scorer
from serving.store import Store


@pytest.mark.usefixtures("registry")
def test_the_champion_stands_alone_until_there_is_a_challenger(
    model: RegisteredPredictor, events: pd.DataFrame, filled: tuple[str, Store]
) -> None:
    assert [version["role"] for version in Versions(Scorer(model, filled[1])).panel()["versions"]] == ["champion"]
    example = events.head(5).astype({"timestamp": "str"})[["customer_id", "timestamp", "event", "channel", "value"]]
    with mlflow.start_run(experiment_id=mlflow.get_experiment_by_name("tests").experiment_id):
        version = log_predictor(model.predictor, "small", example)
    set_alias("small", CHALLENGER, version)
    panel = Versions(Scorer(model, filled[1])).panel()
    assert [(each["role"], each["version"]) for each in panel["versions"]] == [
        ("champion", "1"),
        ("challenger", version),
    ]
    assert panel["versions"][1]["targets"] == panel["versions"][0]["targets"]
    assert panel["mlflow"] is None


def test_a_registry_that_does_not_know_the_model_leaves_the_champion(
    model: RegisteredPredictor, registry: str, tmp_path_factory: pytest.TempPathFactory, filled: tuple[str, Store]
) -> None:
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path_factory.mktemp('nowhere')}/mlflow.db")
    try:
        assert [version["role"] for version in Versions(Scorer(model, filled[1])).panel()["versions"]] == ["champion"]
    finally:
        mlflow.set_tracking_uri(registry)
