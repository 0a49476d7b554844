"""Training on a partitioned log: features and labels partition by partition, on this machine or on a Dask cluster."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from functools import partial
from typing import Any
from warnings import catch_warnings, filterwarnings

from features.arrays import Floats, Ints, Singles
from features.durations import parse_duration
from features.journey import Journey
from features.partitions import Partitions, dask_client, map_partitions
from features.targets import Purchase, Target
from models.classifier import BoostedClassifier
from models.hazards import BIN
from models.regressor import OBJECTIVE, BoostedRegressor
from models.spend import PLACE
from training.dataset import Dataset, Question, combine
from training.fit import Growers, fitted_rows, grower, spent_rows
from training.periods import Periods
from training.recipe import MODEL, Recipe
from training.train import Training, ask, fit_and_measure

Answers = Ints | Floats

SCIKIT_LEARN_NAMES = {
    "min_data_in_leaf": "min_child_samples",
    "feature_fraction": "colsample_bytree",
    "bagging_fraction": "subsample",
    "bagging_freq": "subsample_freq",
    "lambda_l2": "reg_lambda",
    "seed": "random_state",
}
"""What LightGBM's learners call parameters that they have a default for."""


def train_partitions(
    partitions: Partitions,
    journey: Journey,
    recipe: Recipe,
    dask: str | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Training:
    """Returns what ``training.train.train`` does, from a partitioned log.

    On this machine the rows of all partitions are put together in the order of the whole log, so that the models are
    those of the whole log, byte for byte. On a cluster the rows that the classifiers are fitted on stay where they are
    and LightGBM's Dask learner sees them: features and labels have the same bits, but bagging draws other rows.

    Parameters
    ----------
    dask
        The address of a Dask scheduler whose workers see the partitions under the same path.
    on_progress
        Called with the share of the work done since the last call.

    Raises
    ------
    NextstageError
        As ``train`` does, or if a partition is damaged or a worker dies.
    """
    question = ask(partitions.manifest.vocabulary, partitions, journey, recipe)
    manifest = partitions.manifest
    facts = {
        "data_hash": manifest.data_hash,
        "customers": sum(manifest.customers),
        "events": sum(manifest.events),
        "start": partitions.start,
        "end": partitions.end,
    }
    if dask is not None:
        return _train_on_dask(question, partitions, recipe, facts, dask)
    half = _halved(on_progress)
    data = combine(list(map_partitions(partial(dataset_of, question), partitions, on_progress=half)))
    return fit_and_measure(question, data, recipe, facts, grower(question, data, recipe, half))


def dataset_of(question: Question, partitions: Partitions, number: int) -> Dataset:
    """Returns the rows of one partition."""
    return question.dataset(partitions.log(number))


def _train_on_dask(
    question: Question, partitions: Partitions, recipe: Recipe, facts: dict[str, Any], address: str
) -> Training:
    with dask_client(address) as client:
        parts = [
            client.submit(dataset_of, question, partitions, number, pure=False) for number in range(len(partitions))
        ]
        # the matrices that classifiers are fitted on stay on the workers
        data = combine(client.gather([client.submit(_without_matrix, part, pure=False) for part in parts]))
        since = question.periods.fitted_until - parse_duration(recipe.horizons[-1])
        seen = combine(client.gather([client.submit(_only_since, part, since, pure=False) for part in parts]))
        return fit_and_measure(question, data, recipe, facts, _dask_grower(client, question, parts, recipe), seen)


def _dask_grower(client: Any, question: Question, parts: Sequence[Any], recipe: Recipe) -> Growers:
    """Returns the functions that fit trees on the rows that the workers hold."""
    columns = question.feature_sets[MODEL].columns
    cutoffs, stride = question.periods.cutoffs, recipe.periods.stride
    drawn = [client.submit(_drawn, part, cutoffs, stride, pure=False) for part in parts]

    def grow(target: Target, periods: Periods) -> BoostedClassifier:
        n_classes = 1 + len(target.causes(question.journey))
        rows = [client.submit(fitted_rows, part, target, periods, pure=False) for part in drawn]
        parameters = recipe.options.to_lightgbm(n_classes)
        text = _fitted_on_dask(client, rows, (*columns, BIN), parameters, recipe.options.rounds)
        return BoostedClassifier.from_text(text, n_classes)

    def grow_spend(purchase: Purchase, periods: Periods) -> BoostedRegressor:
        rows = [client.submit(spent_rows, part, purchase, periods, pure=False) for part in drawn]
        parameters = {**OBJECTIVE, **recipe.options.growth()}
        return BoostedRegressor.from_text(
            _fitted_on_dask(client, rows, (*columns, PLACE), parameters, recipe.options.rounds)
        )

    return Growers(grow, grow_spend)


def _fitted_on_dask(
    client: Any, rows: Sequence[Any], columns: tuple[str, ...], parameters: Mapping[str, object], rounds: int
) -> str:
    """Returns the text of the trees fitted on pairs of features and answers that the workers hold."""
    from dask.array import concatenate, from_delayed  # an optional extra, and slow to import
    from lightgbm.dask import DaskLGBMRegressor

    X, y = [], []
    for both in rows:
        number, kind = client.submit(_shape, both).result()
        if number:
            X.append(from_delayed(client.submit(_first, both), (number, len(columns)), "float32"))
            y.append(from_delayed(client.submit(_second, both), (number,), kind))
    # not its classifier: that one numbers the classes anew, and each worker by those that it happens to hold
    learner = DaskLGBMRegressor(client=client, n_estimators=rounds, **_learner_parameters(parameters))
    with client.as_current(), catch_warnings(), redirect_stdout(sys.stderr):  # it prints what it does
        filterwarnings("ignore", message="Parameter n_jobs will be ignored")  # it is the learner's own
        learner.fit(concatenate(X), concatenate(y), feature_name=list(columns))
    return str(learner.booster_.model_to_string())


def _learner_parameters(parameters: Mapping[str, object]) -> dict[str, object]:
    """Returns parameters as the learner calls them; it takes as many threads as the worker has."""
    return {SCIKIT_LEARN_NAMES.get(name, name): value for name, value in parameters.items() if name != "num_threads"}


def _without_matrix(part: Dataset) -> Dataset:
    return replace(part, matrices={name: X for name, X in part.matrices.items() if name != MODEL})


def _only_since(part: Dataset, moment: int) -> Dataset:
    return replace(part, matrices={MODEL: part.matrices[MODEL]}).take(part.cutoff >= moment)


def _drawn(part: Dataset, cutoffs: Ints, stride: int) -> Dataset:
    return part.take(part.drawn(cutoffs, stride))


def _shape(both: tuple[Singles, Answers]) -> tuple[int, str]:
    return len(both[1]), str(both[1].dtype)


def _first(both: tuple[Singles, Answers]) -> Singles:
    return both[0]


def _second(both: tuple[Singles, Answers]) -> Answers:
    return both[1]


def _halved(on_progress: Callable[[float], None] | None) -> Callable[[float], None] | None:
    return None if on_progress is None else lambda share: on_progress(share / 2.0)
