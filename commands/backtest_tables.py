"""What the terminal shows of a backtest, and of a challenger beside the champion; as wide as eighty characters."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from commands.table_style import titled
from commands.training_tables import HEADINGS
from models.metrics import is_better
from training.recipe import MODEL
from training.scorecard import Scorecard
from training.verdict import Verdict


def scorecard_table(cards: Sequence[Scorecard]) -> Table:
    """Returns a grade per target and horizon, beside what decides it and the calibration error."""
    table = titled("Grades over all folds: the model beside the best baseline, with 95 % intervals")
    for heading in ("target, grade", "metric", "model", "interval", "best baseline"):
        table.add_column(heading, justify="right" if heading in ("model", "interval") else "left", no_wrap=True)
    for card in cards:
        known = {interval.metric: interval for interval in card.intervals}
        first = f"{card.name} {card.grade.letter}"
        for against in card.grade.against:
            interval = known[against.difference.metric]
            table.add_row(
                first,
                HEADINGS[interval.metric],
                f"{interval.value:.4f}",
                f"{interval.low:.4f}-{interval.high:.4f}",
                f"{against.difference.against:.4f} {against.baseline}",
            )
            first = ""
        errors = card.grade.calibration_error, card.grade.expected_by_chance
        table.add_row(first, HEADINGS["ece"], f"{errors[0]:.4f}", "", f"{errors[1]:.4f} by chance")
    return table


def parts_table(card: Scorecard) -> Table:
    """Returns the model fold by fold beside the best baseline of each fold, and among the customers of each group."""
    metrics = [against.difference.metric for against in card.grade.against]
    table = titled(f"{card.name}: fold by fold, the best baseline in brackets, and group by group")
    table.add_column("part", no_wrap=True)
    for heading in ("rows", *(HEADINGS[metric] for metric in metrics), HEADINGS["ece"]):
        table.add_column(heading, justify="right", no_wrap=True)
    for number, models in enumerate(card.by_fold, start=1):
        beside = [f"{models[MODEL][metric]:.4f} ({_best(models, metric):.4f})" for metric in metrics]
        table.add_row(f"fold {number}", "", *beside, f"{models[MODEL]['ece']:.4f}")
    for name, figures in card.by_group.items():
        own = [f"{figures[metric]:.4f}" for metric in (*metrics, "ece")]
        table.add_row(name, f"{int(figures['rows']):,}", *own)
    return table


def decile_table(card: Scorecard) -> Table:
    """Returns what was promised and what happened in each tenth of the rows."""
    table = titled(f"{card.name}: expected and actual by decile, 1 being the most probable tenth")
    for heading in ("decile", "rows", "expected", "actual", "predicted", "happened", "95 % interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in card.deciles:
        shares = (f"{row.mean_predicted:.1%}", f"{row.actual_share:.1%}", f"{row.low:.1%} to {row.high:.1%}")
        table.add_row(str(row.decile), f"{row.rows:,}", f"{row.expected:,.0f}", f"{row.actual:,}", *shares)
    return table


def contest_table(verdict: Verdict) -> Table:
    """Returns challenger and champion on the same rows, with the interval of the difference."""
    table = titled("Challenger and champion on the same folds: the 95 % interval of the difference")
    for heading in ("target", "metric", "challenger", "champion", "interval", ""):
        left = heading in ("target", "metric", "")
        table.add_column(heading, justify="left" if left else "right", no_wrap=True)
    for outcome in verdict.outcomes:
        for each in outcome.differences:
            word = "better" if each.is_better else "worse" if each.is_worse else "not sure"
            interval = f"{each.low:+.4f} to {each.high:+.4f}"
            figures = (f"{each.value:.4f}", f"{each.against:.4f}")
            table.add_row(outcome.target, HEADINGS[each.metric], *figures, interval, word)
    return table


def _best(models: Mapping[str, Mapping[str, float]], metric: str) -> float:
    best, *others = (figures[metric] for name, figures in models.items() if name != MODEL)
    for value in others:
        if is_better(metric, value, best):
            best = value
    return best
