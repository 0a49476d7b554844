"""The model card: what a version was made of, how good it is and for what, and what it must not be used for.

The headings follow Mitchell et al., "Model Cards for Model Reporting", FAT* 2019.
"""

from collections.abc import Sequence

import numpy as np
import yaml

from features.durations import whole_days
from features.journey import Journey, Rule
from features.languages.messages import ENGLISH, messages
from features.timestamps import to_iso
from models.bootstrap import Resampling, bootstrap
from models.chance import expected_by_chance
from models.deciles import deciles
from models.predictor import Predictor
from training.grades import grade_results
from training.markdown import table
from training.plots import calibration_file
from training.recipe import MODEL
from training.result import DECISIVE, Result
from training.train import Training

RESAMPLING = Resampling(replicates=300)

HEADINGS = {
    "log_loss": "log loss",
    "accuracy": "accuracy",
    "auc": "AUC",
    "brier": "Brier",
    "average_precision": "average precision",
    "lift_10": "lift at 10 %",
}
NOT_MEASURED = {"grade": ""}

QUESTIONS = {
    "next_event": "Which of the journey's events comes first within the horizon? None: nothing.",
    "next_stage": "Which different stage does the customer enter first within the horizon? None: stays.",
    "churn": "Does no activity come within the horizon? Asked of customers active in one horizon up to the cutoff.",
    "purchase": "Does at least one purchase come within the horizon? Refunds and negative values are none.",
}
LIMITS = """\
- It says what is likely, and neither why a customer acts nor whether a campaign would change it. An audience chosen by
  it shows an effect only against a control group.
- Not for decisions about a person that weigh heavily on them, such as credit, employment, insurance or prices: nothing
  was tested for fairness between groups of people.
- Not for other businesses, nor for other journeys, events or attributes than those below: they mean something else
  there.
- The test period is one season. When offers, prices or tracking change, the figures no longer hold: compare later
  scores with what happened, and train again.
- Attributes without `valid_from` count as if they had always been so. One that was set because of what came later would
  give the answer away.
- Customers who never had an event by a cutoff are not in the figures. Rows of one customer at several cutoffs are not
  independent: intervals draw whole customers again, those in the table of deciles do not."""


def model_card(training: Training) -> str:
    """Returns the card of a training run as Markdown, what matters most first."""
    predictor = training.predictor
    parts = [
        f"# Model card: journey '{predictor.journey.name}'",
        "What a customer does next: the next stage, churn and purchase, as calibrated probabilities within "
        f"{_listed(training.recipe.horizons)}. Audiences and tables show {training.recipe.horizon}.",
        _grades(training),
        f"## What it must not be used for\n\n{LIMITS}",
        _data(predictor),
        _journey(predictor.journey),
        _targets(training),
        _figures(training),
        *_spending(predictor),
        *(_deciles(result) for result in training.results if _has_deciles(result, training.recipe.horizon)),
        _reproduction(training),
    ]
    return "\n\n".join(parts) + "\n"


def shortened(card: str, most: int, whole: str) -> str:
    """Returns as many of a card's first sections as fit into so many characters, and where the whole one is."""
    pointer = f"\nThe rest is in {whole}.\n"
    if len(card) <= most:
        return card
    kept, *sections = card.split("\n## ")
    for section in sections:
        longer = f"{kept}\n## {section}"
        if len(longer) + len(pointer) > most:
            break
        kept = longer
    return (kept + pointer)[:most]


def _grades(training: Training) -> str:
    grades = training.predictor.facts.get("grades") or grade_results(training.results)
    if not grades:
        return "## Grades\n\nNone: there was too little data to measure anything. Baselines answer."
    horizons = training.recipe.horizons
    lines = [
        (kind, *(grades.get(f"{kind}_{horizon}", NOT_MEASURED)["grade"] for horizon in horizons))
        for kind in _kinds(training.results)
    ]
    main = [f"- {name}: {entry['reason']}." for name, entry in grades.items() if name.endswith(f"_{_main(training)}")]
    return "\n".join(
        [
            "## Grades\n",
            table(("target", *horizons), lines),
            "",
            f"{messages(ENGLISH).text('grades.legend')} At {_main(training)}:\n",
            *main,
        ]
    )


def _data(predictor: Predictor) -> str:
    facts = predictor.facts
    lines = [
        ("events", f"{facts['events']:,}"),
        ("customers", f"{facts['customers']:,}"),
        ("complete until", to_iso(facts["end"])),
        ("hash (SHA-256)", f"`{facts['data_hash']}`"),
        ("features", f"{len(predictor.feature_set.columns)}"),
        ("fingerprint of the model", f"`{predictor.fingerprint}`"),
        *((f"{name} period, when measured", span) for name, span in facts["periods"].items()),
        *((f"{name} period, as registered", span) for name, span in facts["fitted"].items()),
    ]
    told = (
        "The figures below are of a model that saw nothing of the test period. The registered one has the same recipe "
        "and was then fitted on everything."
        if "test" in facts["periods"]
        else "There was no room for a test period."
    )
    return f"## Data and periods\n\n{table(('what', 'value'), lines, right_from=2)}\n\n{told}"


def _journey(journey: Journey) -> str:
    stages = [("lapsed", "", "no rule of another stage holds")]
    stages += [
        (stage.name, journey.stage_label(stage.name, "en"), "; or ".join(map(_rule, stage.rules)))
        for stage in journey.stages
    ]
    counted = {"activity": journey.activity, "purchases": journey.purchase, "refunds": journey.refund}
    events = "; ".join(f"as {role}: {', '.join(names)}" for role, names in counted.items() if names)
    which = "the last one listed" if journey.stage == "furthest" else "the one with the latest event"
    return (
        f"## Journey\n\n{table(('stage', 'label', 'rule'), stages, right_from=3)}\n\n"
        f"Where several rules hold, the stage is {which}. Events that count {events}."
    )


def _rule(rule: Rule) -> str:
    worth = "" if rule.min_value is None else f" of at least {rule.min_value:g}"
    often = f" at least {rule.at_least} times" if rule.at_least > 1 else ""
    return f"{' or '.join(rule.events)}{worth}{often}{'' if rule.within is None else f' within {rule.within}'}"


def _targets(training: Training) -> str:
    chosen = training.predictor.facts["calibrators"]
    lines = [
        (kind, QUESTIONS.get(kind, ""), chosen[kind]["chosen"] if kind in chosen else "none, a baseline")
        for kind in training.recipe.kinds
    ]
    horizons = ", ".join(f"{horizon} ({whole_days(horizon)} days)" for horizon in training.recipe.horizons)
    return (
        f"## Targets and horizons\n\n{table(('target', 'question', 'calibrator'), lines, right_from=3)}\n\n"
        f"Horizons: {horizons}. One model per target gives all of them.{_shortages(training)}"
    )


def _shortages(training: Training) -> str:
    """Returns which targets are answered by a baseline, and why."""
    lacking = training.predictor.facts["shortages"]
    return "".join(f"\n\n**{kind}** is answered by a baseline, labelled so: {why}." for kind, why in lacking.items())


def _figures(training: Training) -> str:
    if not training.results:
        return "## Figures beside all baselines\n\nNone: nothing could be measured."
    about = (
        f"On the test period; 95 % intervals from {RESAMPLING.replicates} draws of whole customers. The calibration "
        "error (ECE) stands beside what chance alone makes at so many rows. Calibration plots of the main horizon are "
        "files beside this card; those of the others are in the run of each target."
    )
    sections = [
        _result(result) + (_calibration(result) if result.horizon == _main(training) else "")
        for result in training.results
    ]
    return "\n\n".join(["## Figures beside all baselines", about, *sections])


def _calibration(result: Result) -> str:
    return f"\n\n![Predicted and actual shares of {result.name}]({calibration_file(result.name)})"


def _result(result: Result) -> str:
    customers = np.unique(result.customer, return_inverse=True)[1]
    decisive = DECISIVE[result.target.kind]
    others = [metric for metric in HEADINGS if metric in result.metrics[MODEL] and metric not in decisive]
    lines = []
    for name, given in result.probabilities.items():
        intervals = bootstrap(given, result.y, customers, decisive, RESAMPLING)
        found, figures = intervals.values(), result.metrics[name]
        sure = [f"{entry.value:.4f} ({entry.low:.4f} to {entry.high:.4f})" for entry in found]
        chance = expected_by_chance(given, RESAMPLING.seed)
        plain = [f"{figures[metric]:.4f}" for metric in [*others, "ece"]]
        lines.append((f"**{name}**" if name == MODEL else name, *sure, *plain, f"{chance:.4f}"))
    headings = [HEADINGS[metric] for metric in (*decisive, *others)]
    rows = f"{len(result.y):,} rows of {len(np.unique(customers)):,} customers"
    return f"### {result.name}\n\n{rows}.\n\n{table(('model', *headings, 'ECE', 'by chance'), lines)}"


def _spending(predictor: Predictor) -> list[str]:
    """Returns the section on what customers spend; none where nothing is said of it."""
    measured = predictor.facts.get("spend_metrics", {})
    lines = [(name, model, metrics) for name, by_model in measured.items() for model, metrics in by_model.items()]
    if not lines:
        return []
    known = list(dict.fromkeys(metric for _, _, metrics in lines for metric in metrics))
    cells = [
        (name, model, *(f"{metrics[metric]:,.3f}" if metric in metrics else "" for metric in known))
        for name, model, metrics in lines
    ]
    return [f"## Expected spend beside its baselines\n\n{table(('spending', 'model', *known), cells, right_from=2)}"]


def _deciles(result: Result) -> str:
    customers = np.unique(result.customer, return_inverse=True)[1]
    lines = [
        (
            f"{row.decile}",
            f"{row.rows:,}",
            f"{row.customers:,}",
            f"{row.mean_predicted:.1%}",
            f"{row.actual_share:.1%}",
            f"{row.low:.1%} to {row.high:.1%}",
            f"{row.expected:,.0f}",
            f"{row.actual:,}",
        )
        for row in deciles(result.probabilities[MODEL][:, 1], (result.y == 1).astype(np.int64), customers)
    ]
    headings = ("decile", "rows", "customers", "predicted", "actual", "95 % interval", "expected", "happened")
    return f"## Deciles of {result.name}\n\n{table(headings, lines, right_from=0)}"


def _reproduction(training: Training) -> str:
    recipe = training.recipe.to_dict()
    settings = {name: recipe[name] for name in ("horizon", "horizons", "periods")} | {"targets": recipe["kinds"]}
    text = yaml.safe_dump({**settings, "model": recipe["options"]}, sort_keys=False, default_flow_style=None).strip()
    return (
        "## How to train it again\n\nThe commit is in the run's tag `mlflow.source.git.commit`, the journey in "
        "`journey.json`, the features in `features.json`. On events with the hash above, `nextstage train` with this "
        f"in nextstage.yaml gives the same fingerprint:\n\n```yaml\n{text}\n```"
    )


def _main(training: Training) -> str:
    return training.recipe.horizon


def _kinds(results: Sequence[Result]) -> list[str]:
    return list(dict.fromkeys(result.target.kind for result in results))


def _has_deciles(result: Result, horizon: str) -> bool:
    return result.horizon == horizon and result.target.kind in ("churn", "purchase")


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
