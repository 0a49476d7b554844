"""Trains: measures a recipe on the last period, then fits it again on everything."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from features.events import EVENT, EventLog
from features.featureset import FeatureSet
from features.journey import Journey
from features.vocabulary import Vocabulary
from models.baselines import baselines_for
from models.period_shift import FACT as PERIOD_SHIFTS
from models.predictor import Predictor
from models.spend import SpendModel
from models.spend_baselines import spend_baselines
from models.target_model import TargetModel
from training.dataset import Dataset, Question
from training.fit import Fit, Growers, fit_and_choose, grower, ranked, reference
from training.periods import Periods, Span, longest_periods
from training.recipe import MODEL, Recipe
from training.result import Result, measure, metrics_by_name
from training.shifts import measured_shifts
from training.shortage import baseline_model, shortages
from training.spend import SpendResult, fit_spend, measured_spend


@dataclass(frozen=True, eq=False)
class Training:
    """A predictor for use, and how the same recipe did on a test period that it had not seen.

    Parameters
    ----------
    predictor
        Fitted on everything up to the log's end.
    measured
        Fitted on what came before the test period.
    results
        Of ``measured``, for each target and horizon.
    spend_results
        Of its model of spending, for each horizon; none without one.
    """

    predictor: Predictor
    measured: Predictor
    results: tuple[Result, ...]
    recipe: Recipe
    spend_results: tuple[SpendResult, ...] = ()

    def noting(self, **facts: Any) -> "Training":
        """Returns it with more facts about the predictor for use."""
        predictor = replace(self.predictor, facts={**self.predictor.facts, **facts})
        return replace(self, predictor=predictor)


def train(
    log: EventLog, journey: Journey, recipe: Recipe, on_progress: Callable[[float], None] | None = None
) -> Training:
    """Returns a predictor measured on the last period and then fitted again on everything.

    Parameters
    ----------
    on_progress
        Called with the share of the work done since the last call; the shares sum to one.

    Raises
    ------
    TrainingError
        If the log has not a single cutoff. A target with too few rows, or only one class in a period, is answered by
        a baseline, and so is every target of a log too short for a test.
    FeatureError
        If the features do not fit the log.
    JourneyError
        If the journey's events are not in the log.
    """
    question = ask(Vocabulary.of(log), log, journey, recipe)
    data = question.dataset(log)
    facts = {"data_hash": log.fingerprint(), "customers": log.n_customers, "events": log.n_events}
    facts |= {"start": log.start, "end": log.end}
    return fit_and_measure(question, data, recipe, facts, grower(question, data, recipe, on_progress))


def ask(vocabulary: Vocabulary, span: Span, journey: Journey, recipe: Recipe) -> Question:
    """Returns what a training run asks of a log with this vocabulary and span, once the journey fits it."""
    return question_of(vocabulary, journey, recipe, longest_periods(span, recipe.horizons, recipe.periods))


def question_of(vocabulary: Vocabulary, journey: Journey, recipe: Recipe, periods: Periods) -> Question:
    """Returns what is asked of a log with this vocabulary in these periods, once the journey fits it."""
    events = tuple(vocabulary.dimensions[EVENT])
    journey.check_events(events)
    chosen = recipe.features
    feature_sets = {
        MODEL: FeatureSet.default(vocabulary, journey) if chosen is None else chosen.bind(vocabulary, journey)
    }
    for target in recipe.targets():
        for baseline in baselines_for(target, len(target.classes(journey)), recipe.horizons[0]):
            feature_sets[baseline.name] = baseline.features(journey, events)
    question = Question(journey, feature_sets, recipe.targets(), recipe.horizon, periods)
    if question.purchase is None:
        return question
    beside = {baseline.name: baseline.features(journey, events) for baseline in spend_baselines(recipe.horizons)}
    return replace(question, feature_sets={**feature_sets, **beside})


def fit_and_measure(
    question: Question,
    data: Dataset,
    recipe: Recipe,
    facts: Mapping[str, Any],
    grow: Growers,
    seen: Dataset | None = None,
) -> Training:
    """Returns the predictor whose classifiers ``grow`` fits; everything else is done here, on rows in memory.

    Parameters
    ----------
    facts
        What is known of the log: its hash, customers, events and end.
    seen
        The rows that calibrators and the test read; needed if ``data`` lacks the matrix of the model.
    """
    seen, lacking = data if seen is None else seen, shortages(question, data)
    learnt = replace(question, targets=tuple(target for target in question.targets if target.kind not in lacking))
    poor = [target for target in question.targets if target.kind in lacking]

    def fitted(periods: Periods) -> tuple[list[Fit], list[TargetModel], SpendModel | None]:
        fits = [fit_and_choose(learnt, data, seen, target, periods, grow.target) for target in learnt.targets]
        baselines = [ranked(baseline_model(question, data, target, periods), seen, periods) for target in poor]
        return fits, baselines, fit_spend(learnt, data, seen, periods, grow.spend)

    measured, spare, spend = fitted(question.periods)
    results = tuple(result for fit in measured for result in measure(data, seen, fit.model, question.periods))
    spend_results = tuple(measured_spend(learnt, data, seen, [fit.model for fit in measured], spend))
    told = {
        **facts,
        "periods": question.periods.describe(),
        "shortages": lacking,
        "recipe": recipe.to_dict(),
        "metrics": metrics_by_name(results),
        PERIOD_SHIFTS: measured_shifts(results),
        "spend_metrics": {result.name: result.metrics for result in spend_results},
    }
    final = question.periods.until(facts["end"])
    used, used_spare, used_spend = fitted(final)
    use = _predictor(question, used, used_spare, {**told, "fitted": final.describe()}, used_spend)
    return Training(
        replace(use, reference=reference(question, seen, use.models, final)),
        _predictor(question, measured, spare, told, spend),
        results,
        recipe,
        spend_results,
    )


def _predictor(
    question: Question,
    fits: Sequence[Fit],
    baselines: Sequence[TargetModel],
    facts: dict[str, Any],
    spend: SpendModel | None,
) -> Predictor:
    own = {model.target.kind: model for model in (*(fit.model for fit in fits), *baselines)}
    models = tuple(own[target.kind] for target in question.targets)
    told = {**facts, "calibrators": {fit.model.target.kind: fit.choice.to_dict() for fit in fits}}
    return Predictor(question.journey, question.feature_sets[MODEL], models, question.horizon, told, spend)
