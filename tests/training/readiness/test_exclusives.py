import numpy as np
import pandas as pd

from features.journey import Journey
from tests.training.readiness.conftest import gathered, last_purchases
from training.readiness.exclusives import exclusives
from training.readiness.finding import Verdict


def table(events: pd.DataFrame, **columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns, index=last_purchases(events).index).reset_index()


def test_a_value_that_only_one_answer_has_blocks(events: pd.DataFrame, journey: Journey) -> None:
    gone = ~(last_purchases(events) < 28)
    some = gone & (np.arange(len(gone)) % 2 == 0)  # a reason is known of half of those who left
    (found,) = exclusives(gathered(events, journey, table(events, reason=np.where(some, "moved", None))))
    assert found.verdict is Verdict.BLOCKS
    assert found.subject == "leak: values of 'reason'"
    assert found.numbers["values"]["purchase_28d"] == [f"'moved' ({int(some.sum())} customers)"]


def test_so_does_a_number_that_is_filled_in_for_one_answer_or_missing_for_it(
    events: pd.DataFrame, journey: Journey
) -> None:
    gone = ~(last_purchases(events) < 28)
    refunded = np.where(gone & (np.arange(len(gone)) % 2 == 0), 5.0, np.nan)
    (found,) = exclusives(gathered(events, journey, table(events, refunded=refunded)))
    assert found.numbers["values"]["purchase_28d"][0].startswith("filled in")
    (found,) = exclusives(gathered(events, journey, table(events, points=np.where(gone, np.nan, 5.0))))
    assert any(value.startswith("missing") for value in found.numbers["values"]["purchase_28d"])


def test_a_value_of_all_but_a_few_of_the_usual_answer_is_fine(events: pd.DataFrame, journey: Journey) -> None:
    rng = np.random.default_rng(3)
    customers = len(last_purchases(events))
    honest = table(events, town=rng.choice(list("abcd"), customers), age=rng.choice([30.0, np.nan], customers))
    assert exclusives(gathered(events, journey, honest)) == ()


def test_a_rare_value_is_not_judged(events: pd.DataFrame, journey: Journey) -> None:
    gone = np.flatnonzero(~(last_purchases(events) < 28))
    reason = np.full(len(last_purchases(events)), None, dtype=object)
    reason[gone[:19]] = "moved"
    assert exclusives(gathered(events, journey, table(events, reason=reason))) == ()
