"""Measures how classifiers are grown on a period of its own, before anything that a training run is measured on."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from features.durations import parse_duration
from features.errors import TrainingError
from features.events import EventLog
from features.journey import Journey
from features.targets import NO_LABEL, Target
from features.timestamps import to_iso
from features.vocabulary import Vocabulary
from models.classifier import BoostingOptions
from models.metrics import log_loss
from training.dataset import Dataset, Question, check_labels
from training.fit import fit_target, grower
from training.periods import split_periods
from training.recipe import MODEL, Recipe
from training.train import ask


@dataclass(frozen=True)
class Attempt:
    """Options that were tried, and what came of them.

    Parameters
    ----------
    losses
        The log loss of each target and horizon that was reached, in nats.
    relative
        The mean, over these, of the loss as a share of that of the options to begin with.
    is_pruned
        Whether it was given up before its last target, being behind most others.
    """

    number: int
    options: BoostingOptions
    losses: dict[str, float]
    relative: float
    is_pruned: bool


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """A training run in small: it ends at the moment at which the real one begins to calibrate.

    Features are computed once, whatever number of options is tried on them.

    Parameters
    ----------
    question
        With the horizons that fit into the shorter log.
    data, drawn, tested
        Every row, those that classifiers see, and those of the rehearsal's test.
    recipe
        How to grow them, with the stride already applied to ``drawn``.
    facts
        What it rests on, as plain data; equal facts give equal losses.
    """

    question: Question
    data: Dataset
    drawn: Dataset
    tested: Dataset
    recipe: Recipe
    facts: dict[str, Any]

    @classmethod
    def before(cls, log: EventLog, journey: Journey, recipe: Recipe) -> "Rehearsal":
        """Returns the rehearsal of a training run, from the log as it was before its calibration and its test.

        Raises
        ------
        TrainingError
            If the log is too short for the training run, or the rest of it for any horizon.
        """
        moment = split_periods(log, recipe.horizons, recipe.periods).fitted_until
        early = log.until(moment)
        small = replace(recipe, horizons=_horizons_within(early, recipe), horizon=recipe.horizons[0])
        question = ask(Vocabulary.of(early), early, journey, small)
        question = replace(question, feature_sets={MODEL: question.feature_sets[MODEL]})
        data = question.dataset(early)
        _assert_nothing_later(early, data, small, moment)
        periods = question.periods
        facts = {
            "data_hash": early.fingerprint(),
            "journey": journey.definition(),
            "feature_set": question.feature_sets[MODEL].to_dict(),
            "horizons": list(small.horizons),
            "periods": periods.describe(),
            "stride": recipe.periods.stride,
            "until": to_iso(moment),
        }
        drawn = data.take(data.drawn(periods.cutoffs, recipe.periods.stride))
        tested = data.take(np.isin(data.cutoff, periods.tested))
        once = replace(small, periods=recipe.periods.model_copy(update={"stride": 1}))
        return cls(question, data, drawn, tested, once, facts)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets, the quickest to fit first."""
        return tuple(sorted(self.question.targets, key=lambda target: len(target.causes(self.question.journey))))

    def losses(self, target: Target, options: BoostingOptions) -> dict[str, float]:
        """Returns the log loss at each horizon of the calibrated model that these options give, by names of results."""
        recipe, question = replace(self.recipe, options=options), self.question
        grow = grower(question, self.drawn, recipe).target
        model = fit_target(question, self.data, self.data, target, question.periods, grow)
        forecast = model.predict_proba(self.tested.matrices[MODEL], self.tested.stage)
        losses = {}
        for place, horizon in enumerate(target.horizons):
            y = self.tested.labels(target, horizon, until=int(self.tested.cutoff.max()) + parse_duration(horizon))
            asked, name = y != NO_LABEL, f"{target.kind}_{horizon}"
            check_labels(y[asked], name, model.classes, "tuning")
            losses[name] = log_loss(forecast[asked, place], y[asked])
        return losses


def _horizons_within(early: EventLog, recipe: Recipe) -> tuple[str, ...]:
    """Returns the horizons, the longest left out as far as they must be, for which all periods fit into a log."""
    for count in range(len(recipe.horizons), 0, -1):
        horizons = recipe.horizons[:count]
        try:
            split_periods(early, horizons, recipe.periods)
        except TrainingError:
            continue
        return horizons
    raise TrainingError(
        f"the events up to {to_iso(early.end)}, where calibration begins, are too short to tune on; "
        "bring more history or shorten 'periods:' in nextstage.yaml"
    )


def _assert_nothing_later(early: EventLog, data: Dataset, recipe: Recipe, moment: int) -> None:
    """Asserts that neither an event nor the end of a label lies in the calibration or test of the training run."""
    assert early.end <= moment and int(early.time.max()) <= moment, "a later event is read"  # noqa: S101, PT018 - a law
    last = int(split_periods(early, recipe.horizons, recipe.periods).tested[-1])
    assert last + parse_duration(recipe.horizons[-1]) <= moment, "a label reaches too far"  # noqa: S101 - a law
    assert int(data.cutoff.max()) < moment, "a later cutoff is looked at"  # noqa: S101 - a law
