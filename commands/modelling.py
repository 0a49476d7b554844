"""Commands of the data scientist: is the data fit, train, compare, promote."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from commands.options import AsJson, Cluster, Folder, FromStore, Parts, out

app = typer.Typer()


@app.command()
def check(folder: Folder = Path(), as_json: AsJson = False, from_store: FromStore = False) -> None:
    """Say whether the data named in nextstage.yaml is fit to be trained on; exit code 1 if something blocks it."""
    from commands.readiness_table import readiness, readiness_table
    from training.config import CONFIG, load_config
    from training.readiness.report import check as check_data
    from training.readiness.report import check_settled

    config = load_config(folder / CONFIG)
    if from_store:
        from commands.workspace import event_source  # brings in the registry

        report = check_settled(config, event_source(folder, config, from_store)())
    else:
        report = check_data(config, time.time_ns() // 1_000)
    if as_json:
        print(json.dumps(report.to_dict(), indent=2))
    else:
        out.print(readiness_table(report), readiness(report), highlight=False)
    if not report.is_ready:
        raise typer.Exit(1)


@app.command()
def train(
    folder: Folder = Path(),
    as_json: AsJson = False,
    partitions: Parts = None,
    dask: Cluster = None,
    from_store: FromStore = False,
) -> None:
    """Train on the events named in nextstage.yaml, compare with baselines, and register the challenger."""
    from commands.progress import progress_steps
    from commands.training_tables import comparison_table, horizon_table, kinds_by_reason, spend_table, verdict
    from commands.workspace import event_source, opened_partitions
    from training.run import open_folder, run_training

    console = Console(stderr=as_json)
    parts, config = opened_partitions(partitions, dask, "--from-store" if from_store else None), open_folder(folder)
    events = event_source(folder, config, from_store)
    with progress_steps(console) as step:
        run = run_training(config, events, step("Training, calibrating, comparing"), parts, dask)
    results = run.training.results
    if results:
        console.print(comparison_table(results, run.training.recipe.horizon), horizon_table(results))
    console.print(verdict(results))
    if run.training.spend_results:
        console.print("", spend_table(run.training.spend_results))
    for why, kinds in kinds_by_reason(run.training.predictor.facts["shortages"]).items():
        console.print(f"Answered by a baseline, labelled so: {kinds}, for {why}.", highlight=False)
    console.print(
        f"Version {run.version} of '{run.model_name}' is the challenger; 'nextstage promote' makes it champion."
    )
    if as_json:
        metrics = run.training.predictor.facts["metrics"] | run.training.predictor.facts["spend_metrics"]
        print(json.dumps({"model": run.model_name, "version": run.version, "metrics": metrics}, indent=2))


@app.command()
def backtest(
    folder: Folder = Path(),
    folds: Annotated[int, typer.Option(help="At how many earlier moments to train and test, at most.", min=1)] = 4,
    by: Annotated[str | None, typer.Option(help="An attribute of customers to show figures by.")] = None,
    as_json: AsJson = False,
    from_store: FromStore = False,
) -> None:
    """Train and test at earlier and earlier moments: metrics with intervals, deciles, and a grade per target."""
    from commands.backtest_tables import decile_table, parts_table, scorecard_table
    from commands.progress import progress_steps
    from commands.training_tables import kinds_by_reason, spend_table
    from commands.workspace import event_source
    from training.run import open_folder, run_backtesting

    console, config = Console(stderr=as_json), open_folder(folder)
    events = event_source(folder, config, from_store)
    with progress_steps(console) as step:
        done = run_backtesting(config, events, folds, by, step("Training and testing each fold"))
    console.print(scorecard_table(done.cards))
    for card in (each for each in done.cards if each.is_main):
        console.print(parts_table(card))
        if card.deciles:
            console.print(decile_table(card))
    if done.spend:
        console.print(spend_table(done.spend))
    for why, kinds in kinds_by_reason(done.left_out).items():
        console.print(f"Left out, a baseline answers it: {kinds}, for {why}.", highlight=False)
    if as_json:
        print(json.dumps({card.name: card.to_dict() for card in done.cards}, indent=2))


@app.command()
def tune(
    folder: Folder = Path(),
    trials: Annotated[int, typer.Option(help="How many more options to try.", min=1)] = 30,
    timeout: Annotated[float | None, typer.Option(help="Begin no new trial after so many seconds.", min=0)] = None,
    write: Annotated[bool, typer.Option("--write", help="Put the best options into nextstage.yaml.")] = False,
    as_json: AsJson = False,
    from_store: FromStore = False,
) -> None:
    """Search for better options of the classifiers, on events before those that 'nextstage train' measures with."""
    from commands.progress import progress_steps
    from commands.training_tables import tuning_sentence
    from commands.workspace import event_source
    from training.config import CONFIG
    from training.run import open_folder
    from training.search import model_block, rehearse, run_search, write_model_block
    from training.tune import Budget

    console, config = Console(stderr=as_json), open_folder(folder)
    with progress_steps(console) as step:
        step("Reading, computing features once")
        rehearsal = rehearse(config, event_source(folder, config, from_store))
        found = run_search(config, rehearsal, folder, Budget(trials, timeout), step("Trying options"))
    block = model_block(config.model, found.best)
    console.print(tuning_sentence(found, rehearsal.facts), highlight=False)
    console.print(block, markup=False, highlight=False)
    if write:
        write_model_block(folder / CONFIG, block)
        console.print(f"Written to {folder / CONFIG}; 'nextstage train' uses it.", highlight=False)
    if as_json:
        print(json.dumps({**found.to_dict(), "rehearsal": rehearsal.facts}, indent=2))


@app.command()
def promote(
    folder: Folder = Path(),
    version: Annotated[str | None, typer.Option(help="The version to promote; the challenger if left out.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Promote also what would be refused; it is recorded.")] = False,
    as_json: AsJson = False,
    from_store: FromStore = False,
) -> None:
    """Make the challenger, or the version you name, the champion that is served, if it is no worse."""
    from commands.backtest_tables import contest_table
    from commands.progress import progress_steps
    from commands.workspace import event_source
    from training.run import open_folder, run_promotion

    console, config = Console(stderr=as_json), open_folder(folder)
    events = event_source(folder, config, from_store)
    with progress_steps(console) as step:
        told = step("Comparing with the champion")
        promotion = run_promotion(config, events, version, force, told)
    if promotion.comparison.verdict is not None:
        console.print(contest_table(promotion.comparison.verdict))
    before = f" instead of version {promotion.previous}" if promotion.previous else ""
    console.print(f"Version {promotion.version} is the champion{before}: {promotion.comparison.sentence}.")
    if promotion.forced:
        console.print("It was promoted by --force, against the rules; that is recorded with the version.")
    if as_json:
        print(json.dumps(promotion.to_dict(), indent=2))


@app.command()
def rollback(folder: Folder = Path(), as_json: AsJson = False) -> None:
    """Make the champion before the present one the champion again."""
    from training.rollback import rollback as roll_back
    from training.run import open_folder

    done = roll_back(open_folder(folder).tracking.model_name)
    if as_json:
        print(json.dumps({"champion": done.version, "left": done.left}))
    else:
        out.print(f"Version {done.version} is the champion again, instead of version {done.left}.")
