"""Training on a partitioned log: features and labels partition by partition, on this machine or on a Dask cluster."""

import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from functools import partial
from typing import Any
from warnings import catch_warnings, filterwarnings

from features.arrays import Ints, Singles
from features.journey import Journey
from features.partitions import Partitions, dask_client, map_partitions
from features.targets import Target
from models.classifier import BoostedClassifier
from training.dataset import Dataset, Question, combine
from training.train import MODEL, Grow, Recipe, Training, ask, fit_and_measure, grower

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
        # the training matrices stay on the workers
        lightened = client.gather([client.submit(_without_matrix, part, pure=False) for part in parts])
        data = combine(lightened)
        return fit_and_measure(question, data, recipe, facts, _dask_grower(client, question, parts, lightened, recipe))


def _dask_grower(
    client: Any, question: Question, parts: Sequence[Any], lightened: Sequence[Dataset], recipe: Recipe
) -> Grow:
    """Returns the function that fits the classifier of a target on the rows that the workers hold."""
    columns = question.feature_sets[MODEL].columns

    def grow(target: Target) -> BoostedClassifier:
        from dask.array import concatenate, from_delayed  # an optional extra, and slow to import
        from lightgbm.dask import DaskLGBMRegressor

        X, y = [], []
        for part, light in zip(parts, lightened, strict=True):
            rows = len(light.training.answers(target))
            if rows:
                both = client.submit(_labelled, part, target, pure=False)
                X.append(from_delayed(client.submit(_first, both), (rows, len(columns)), "float32"))
                y.append(from_delayed(client.submit(_second, both), (rows,), "int64"))
        n_classes = len(target.classes(question.journey))
        # not its classifier: that one numbers the classes anew, and each worker by those that it happens to hold
        learner = DaskLGBMRegressor(client=client, **_learner_parameters(recipe, n_classes))
        with client.as_current(), catch_warnings(), redirect_stdout(sys.stderr):  # it prints what it does
            filterwarnings("ignore", message="Parameter n_jobs will be ignored")  # it is the learner's own
            learner.fit(concatenate(X), concatenate(y), feature_name=list(columns))
        return BoostedClassifier.from_text(learner.booster_.model_to_string(), n_classes)

    return grow


def _learner_parameters(recipe: Recipe, n_classes: int) -> dict[str, Any]:
    parameters = recipe.options.to_lightgbm(n_classes)
    del parameters["num_threads"]  # the learner takes as many as the worker has
    named = {SCIKIT_LEARN_NAMES.get(name, name): value for name, value in parameters.items()}
    return {**named, "n_estimators": recipe.options.rounds}


def _without_matrix(part: Dataset) -> Dataset:
    training = part.training
    others = {name: X for name, X in training.matrices.items() if name != MODEL}
    return replace(part, training=replace(training, matrices=others))


def _labelled(part: Dataset, target: Target) -> tuple[Singles, Ints]:
    return part.training.labelled(target, MODEL)


def _first(both: tuple[Singles, Ints]) -> Singles:
    return both[0]


def _second(both: tuple[Singles, Ints]) -> Ints:
    return both[1]


def _halved(on_progress: Callable[[float], None] | None) -> Callable[[float], None] | None:
    return None if on_progress is None else lambda share: on_progress(share / 2.0)
