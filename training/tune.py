"""Searches for better options of the classifiers with Optuna; a study in a file, so that a stopped one goes on."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from models.classifier import BoostingOptions
from training.rehearsal import Attempt, Rehearsal

SPACE = {
    "rounds": (50, 800),
    "learning_rate": (0.01, 0.2),
    "num_leaves": (4, 64),
    "min_data_in_leaf": (20, 1000),
    "feature_fraction": (0.2, 1.0),
    "bagging_fraction": (0.4, 1.0),
    "lambda_l2": (0.1, 100.0),
}
"""Between which values each option is searched, stretched where the options to begin with lie outside."""

EVEN = frozenset({"feature_fraction", "bagging_fraction"})
"""Searched on an even scale; the others on a logarithmic one."""

STORE = "tune.db"
START, REFERENCE = "start", "reference"


@dataclass(frozen=True)
class Budget:
    """How many more options are tried at most, and for how many seconds a new trial may still begin."""

    trials: int = 30
    seconds: float | None = None


@dataclass(frozen=True)
class Tuning:
    """What a study has found, over all of its runs.

    Parameters
    ----------
    relative
        The mean log loss of the best options as a share of that of the options to begin with.
    """

    study: str
    best: BoostingOptions
    start: BoostingOptions
    relative: float
    finished: int
    pruned: int

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return asdict(self)


def tune(
    rehearsal: Rehearsal,
    folder: Path,
    budget: Budget,
    on_attempt: Callable[[Attempt], None] | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Tuning:
    """Returns the best options that a study knows after more trials.

    The study lies in ``tune.db`` in the folder. It goes on where one on the same events, features, periods and horizons
    stopped; the options that it began with stay what losses are related to. Trials are drawn by a tree-structured
    Parzen estimator (Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NeurIPS 2011) of all options
    together, and given up between targets when their loss so far is above the median of the others'.

    Parameters
    ----------
    on_attempt
        Called with each trial of this run once it has ended.
    on_progress
        Called with the share of the trials done since the last call.
    """
    study = _open(rehearsal, folder)
    start = replace(BoostingOptions(**study.user_attrs[START]), threads=rehearsal.recipe.options.threads)
    search = _Search(rehearsal, start, study.user_attrs[REFERENCE], on_progress, budget.trials)

    def tell(_: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        if on_attempt is not None:
            on_attempt(_attempt(trial, start))

    study.optimize(search, n_trials=budget.trials, timeout=budget.seconds, callbacks=[tell])
    best = study.best_trial
    states = [trial.state for trial in study.trials]
    return Tuning(
        study=study.study_name,
        best=_options(best.params, start),
        start=start,
        relative=float(best.values[0]),
        finished=states.count(optuna.trial.TrialState.COMPLETE),
        pruned=states.count(optuna.trial.TrialState.PRUNED),
    )


@dataclass(frozen=True, eq=False)
class _Search:
    """The objective: fits target after target and gives up what is behind."""

    rehearsal: Rehearsal
    start: BoostingOptions
    reference: dict[str, float]
    on_progress: Callable[[float], None] | None
    trials: int

    def __call__(self, trial: optuna.Trial) -> float:
        options = _options({name: _suggest(trial, name, self.start) for name in SPACE}, self.start)
        losses: dict[str, float] = {}
        targets = self.rehearsal.targets
        for step, target in enumerate(targets):
            losses |= self.rehearsal.losses(target, options)
            trial.set_user_attr("losses", losses)
            trial.report(_relative(losses, self.reference), step)
            left = len(targets) - 1 - step
            if left and trial.should_prune():
                self._told((1 + left) / len(targets))
                raise optuna.TrialPruned
            self._told(1 / len(targets))
        return _relative(losses, self.reference)

    def _told(self, share_of_trial: float) -> None:
        if self.on_progress is not None:
            self.on_progress(share_of_trial / self.trials)


def _open(rehearsal: Rehearsal, folder: Path) -> optuna.Study:
    """Returns the study of a rehearsal; a new one begins with the losses of the recipe's own options."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = f"sqlite:///{folder.resolve() / STORE}"
    name = hashlib.sha256(json.dumps(rehearsal.facts, sort_keys=True).encode()).hexdigest()[:16]
    study = optuna.create_study(storage=storage, study_name=name, direction="minimize", load_if_exists=True)
    # every run of a study draws on: with the same seed it would repeat what the first one drew
    study.sampler = optuna.samplers.TPESampler(seed=rehearsal.recipe.options.seed + len(study.trials))
    study.pruner = optuna.pruners.MedianPruner(n_startup_trials=4)
    if REFERENCE not in study.user_attrs:
        start = rehearsal.recipe.options
        losses: dict[str, float] = {}
        for target in rehearsal.targets:
            losses |= rehearsal.losses(target, start)
        study.set_user_attr(START, asdict(start))
        study.add_trial(_first_trial(start, losses, len(rehearsal.targets)))
        study.set_user_attr(REFERENCE, losses)  # last: without it the next run begins anew
    return study


def _first_trial(start: BoostingOptions, losses: dict[str, float], targets: int) -> optuna.trial.FrozenTrial:
    return optuna.trial.create_trial(
        params={name: getattr(start, name) for name in SPACE},
        distributions={name: _distribution(name, start) for name in SPACE},
        value=1.0,
        user_attrs={"losses": losses},
        intermediate_values=dict.fromkeys(range(targets), 1.0),
    )


def _distribution(name: str, start: BoostingOptions) -> optuna.distributions.BaseDistribution:
    low, high = SPACE[name]
    at = getattr(start, name)
    low, high, log = min(low, at), max(high, at), name not in EVEN and at > 0
    if isinstance(SPACE[name][0], int):
        return optuna.distributions.IntDistribution(int(low), int(high), log=log)
    return optuna.distributions.FloatDistribution(low, high, log=log)


def _suggest(trial: optuna.Trial, name: str, start: BoostingOptions) -> float:
    space = _distribution(name, start)
    if isinstance(space, optuna.distributions.IntDistribution):
        return int(trial.suggest_int(name, space.low, space.high, log=space.log))
    assert isinstance(space, optuna.distributions.FloatDistribution)  # noqa: S101 - for the type checker
    return float(trial.suggest_float(name, space.low, space.high, log=space.log))


def _options(params: dict[str, Any], start: BoostingOptions) -> BoostingOptions:
    """Returns options with three digits each: more would only pretend to matter."""
    rounded: dict[str, Any] = {
        name: value if isinstance(value, int) else float(f"{value:.3g}") for name, value in params.items()
    }
    return replace(start, **rounded)


def _relative(losses: dict[str, float], reference: dict[str, float]) -> float:
    return float(np.mean([loss / reference[name] for name, loss in losses.items()]))


def _attempt(trial: optuna.trial.FrozenTrial, start: BoostingOptions) -> Attempt:
    told = trial.intermediate_values
    pruned = trial.state == optuna.trial.TrialState.PRUNED
    losses = trial.user_attrs.get("losses", {})
    return Attempt(trial.number, _options(trial.params, start), losses, told[max(told)], pruned)
