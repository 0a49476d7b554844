from pathlib import Path

import mlflow
import pandas as pd
import pytest

from features.events import EventLog
from features.ingest import log_from_frame
from features.journey import load_journey
from features.snapshots import Snapshots
from features.timestamps import to_iso
from models.registry import log_predictor
from tests.conftest import RECIPE
from tests.data import generated_events
from training.run import example_events
from training.train import Training, train


@pytest.fixture
def model(training: Training, log: EventLog, tmp_path: Path) -> mlflow.pyfunc.PyFuncModel:
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    experiment = mlflow.create_experiment("tests", artifact_location=(tmp_path / "artifacts").as_uri())
    with mlflow.start_run(experiment_id=experiment):
        version = log_predictor(training.predictor, "tested", example_events(log))
    return mlflow.pyfunc.load_model(f"models:/tested/{version}")


def test_the_pyfunc_scores_the_same_bits_as_the_predictor(model: mlflow.pyfunc.PyFuncModel, training: Training) -> None:
    events = generated_events(customers=10)
    frame = events.assign(timestamp=events["timestamp"].map(lambda moment: moment.isoformat()))
    log = log_from_frame(events)
    expected = training.predictor.score(log, Snapshots.at(log, log.end)).frame()
    pd.testing.assert_frame_equal(model.predict(frame), expected, check_exact=True)
    earlier = log.end - 10 * 86_400_000_000
    expected = training.predictor.score(log, Snapshots.at(log, earlier)).frame()
    pd.testing.assert_frame_equal(model.predict(frame, params={"as_of": to_iso(earlier)}), expected, check_exact=True)


def test_attributes_are_further_columns_and_ids_and_known_times_count(tmp_path: Path) -> None:
    events = generated_events(customers=250)
    events["event_id"] = [str(number) for number in range(len(events))]
    events["known_at"] = events["timestamp"] + pd.Timedelta(hours=1)
    people = pd.DataFrame({"customer_id": sorted(events["customer_id"].unique())})
    people["plan"] = ["basic" if number % 2 else "gold" for number in range(len(people))]
    log = log_from_frame(events, attributes=people)
    predictor = train(log, load_journey("retail"), RECIPE).predictor
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    experiment = mlflow.create_experiment("tests", artifact_location=(tmp_path / "artifacts").as_uri())
    with mlflow.start_run(experiment_id=experiment):
        version = log_predictor(predictor, "tested", example_events(log))
    model = mlflow.pyfunc.load_model(f"models:/tested/{version}")
    frame = pd.concat([events, events.head(50)]).merge(people, on="customer_id")
    for moment in ("timestamp", "known_at"):
        frame[moment] = frame[moment].map(lambda value: value.isoformat())
    expected = predictor.score(log, Snapshots.at(log, log.end)).frame()
    pd.testing.assert_frame_equal(model.predict(frame), expected, check_exact=True)
