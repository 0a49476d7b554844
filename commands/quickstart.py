"""The quickstart: the commands of nextstage one after the other, on real retail data."""

import time
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from commands.audiences import pick_audience
from commands.progress import progress_steps
from commands.score_tables import audience_table, stage_table
from commands.segment_tables import preview_table
from commands.training_tables import comparison_table, horizon_table, spend_table, verdict
from commands.workspace import event_source, now
from features.errors import ConfigError
from features.sources.completejourney import SCHEMA, read_attributes, read_events
from features.timestamps import parse_moment, to_iso
from models.registry import load_predictor
from models.scores import VECTOR
from serving.batch import read_scores, run_batch
from serving.launch import serve
from serving.occasion import Occasion
from serving.segments import Segment
from serving.settings import Settings
from serving.store import Store
from training.config import CONFIG
from training.run import TrainingRun, open_folder, run_promotion, run_training

CONFIGURATION = """\
# Written by 'nextstage quickstart': what 'nextstage train' reads.
data:
  events: events.parquet
  attributes: attributes.parquet
  timezone: UTC            # the data gives store-local time without a zone
journey: retail            # a ready journey, or the path of your own
horizon: 28d
periods:
  start: 2017-02-26        # eight weeks after the first basket
tracking:
  uri: sqlite:///mlflow.db # its own registry, whatever the environment says
"""

AUDIENCE = Segment("buyers about to leave", "stage == 'occasional' and churn_28d >= 0.25", "churn_28d", top=200)
SHOWN = 5


def run_quickstart(folder: Path, port: int, console: Console) -> dict[str, Any]:
    """Reads, trains, promotes and scores into a folder, shows what came of it, and returns the numbers as plain data.

    Raises
    ------
    ConfigError
        If the folder holds files that are not the quickstart's.
    """
    started = time.monotonic()
    _prepare(folder)
    with progress_steps(console) as step:
        step("Reading 2,469 households")
        events = read_events()
        attributes = read_attributes()
        events.to_parquet(folder / "events.parquet")
        attributes.to_parquet(folder / "attributes.parquet")
        config = open_folder(folder)
        source = event_source(folder, config, from_store=False)
        run = run_training(config, source, step("Training, calibrating, comparing"))
        step("Promoting the champion")
        run_promotion(config, source)
        champion = load_predictor(f"models:/{run.model_name}@champion")
        step("Storing the events")
        settings = own_settings(folder)
        with Store(settings.database_url) as store:
            store.add(events, SCHEMA)
            store.set_attributes(attributes)
            as_of = parse_moment(str(events["timestamp"].max()), SCHEMA.timezone)
            advance = step("Scoring every customer")
            run_batch(store, champion, Occasion(now(), as_of), folder / "scores.parquet", advance)
            scores = read_scores(folder / "scores.parquet")
            step("Choosing an audience")
            found, audience = pick_audience(store, AUDIENCE, folder / "audience.csv", now())
    curl = score_request(port, audience["customer_id"].head(1).tolist(), to_iso(as_of))
    results = run.training.results
    console.print(comparison_table(results, run.training.recipe.horizon), horizon_table(results), verdict(results), "")
    if run.training.spend_results:
        console.print(spend_table(run.training.spend_results), "")
    console.print(stage_table(scores), "", audience_table(audience.head(SHOWN), AUDIENCE.name), preview_table(found))
    console.print(f"{len(scores):,} customers scored: {folder / 'scores.parquet'}", highlight=False)
    console.print(f"{len(audience):,} in the audience: {folder / 'audience.csv'}", highlight=False)
    return {**summarise(run, scores, audience), "curl": curl, "seconds": round(time.monotonic() - started, 1)}


def serve_quickstart(folder: Path, port: int, curl: str, console: Console) -> None:
    """Serves the folder's champion on loopback until Ctrl-C, and prints a request to try once it answers."""

    def on_ready() -> None:
        console.print(f"\nThe dashboard is at http://127.0.0.1:{port}/; Ctrl-C ends it. In another terminal:\n")
        console.print(curl, markup=False, highlight=False, soft_wrap=True)

    serve(own_settings(folder), port=port, on_ready=on_ready)


def own_settings(folder: Path) -> Settings:
    """Returns the folder's own store and champion: real data of strangers stays out of a database in use."""
    return Settings(database_url=f"sqlite:///{folder.resolve() / 'nextstage.db'}")


def score_request(port: int, customer_ids: list[str], as_of: str) -> str:
    """Returns a curl line that asks the service for scores.

    Examples
    --------
    >>> print(score_request(3000, ["7"], "2018-01-01T00:00:00Z"))
    curl -s http://127.0.0.1:3000/score -d '{"customer_ids": ["7"], "as_of": "2018-01-01T00:00:00Z"}'
    """
    ids = ", ".join(f'"{customer}"' for customer in customer_ids)
    body = f'{{"customer_ids": [{ids}], "as_of": "{as_of}"}}'
    return f"curl -s http://127.0.0.1:{port}/score -d '{body}'"


def summarise(run: TrainingRun, scores: pd.DataFrame, audience: pd.DataFrame) -> dict[str, Any]:
    """Returns the run's numbers as plain data."""
    results, facts = run.training.results, run.training.predictor.facts
    vectors = [column for column in scores.columns if column.startswith(VECTOR)]
    return {
        "customers": len(scores),
        "events": facts["events"],
        "model": {"name": run.model_name, "version": run.version},
        "periods": facts["periods"],
        "metrics": facts["metrics"] | facts["spend_metrics"],
        "baselines_not_beaten": {result.name: result.lost_to() for result in results if result.lost_to()},
        "customers_by_stage": scores["stage_current"].value_counts().to_dict(),
        "move_to_or_stay_by_stage": {name.removeprefix(VECTOR): float(scores[name].sum()) for name in vectors},
        "audience": {"name": AUDIENCE.name, "customers": len(audience)},
    }


def _prepare(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / CONFIG
    if any(folder.iterdir()) and not (path.exists() and path.read_text(encoding="utf-8") == CONFIGURATION):
        raise ConfigError(f"{folder} holds files that are not the quickstart's; give an empty folder by --dir")
    path.write_text(CONFIGURATION, encoding="utf-8")
