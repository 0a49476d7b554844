"""What a terminal shows of scores, audiences and personas."""

import pandas as pd
from rich.table import Table

from commands.table_style import percent, titled
from features.journey import Journey
from features.languages.messages import messages
from models.personas import Personas
from models.scores import VECTOR

STAGE_COLUMNS = ("stage_current", "horizon_days", "churn_prob", "purchase_prob", VECTOR)
"""What ``stage_table`` looks at; vectors have a column for each stage."""

AUDIENCE_HEADINGS = {
    "customer_id": "customer",
    "stage_current": "stage",
    "stage_next": "next stage",
    "stage_next_prob": "prob.",
    "churn_prob": "churn",
    "purchase_prob": "purchase",
}


def stage_table(scores: pd.DataFrame) -> Table:
    """Returns who is in which stage now, and how many are expected to move there next, or to stay."""
    horizon = int(scores["horizon_days"].iloc[0])
    table = titled(f"Stages now, and the first move within {horizon} days")
    for heading in ("stage", "customers now", "move here or stay", "mean churn", "mean purchase"):
        table.add_column(heading, justify="left" if heading == "stage" else "right", no_wrap=True)
    for column in (name for name in scores.columns if name.startswith(VECTOR)):
        stage = column.removeprefix(VECTOR)
        here = scores[scores["stage_current"] == stage]
        shares = [percent(here[name].astype(float).mean()) for name in ("churn_prob", "purchase_prob")]
        table.add_row(stage, f"{len(here):,}", f"{scores[column].sum():,.0f}", *shares)
    return table


def persona_lines(personas: Personas, journey: Journey, language: str) -> list[str]:
    """Returns each persona with its size and what sets it apart."""
    spoken, told = messages(language), personas.describe(journey, language)
    if not personas.is_divided:
        return [spoken.text("personas.undivided")]
    return [
        spoken.text("personas.line", name=one.name, share=100 * one.share, words=told[one.name])
        for one in personas.personas
    ]


def audience_table(audience: pd.DataFrame, name: str) -> Table:
    """Returns a few members of an audience with their scores."""
    table = titled(f"The first of the audience '{name}'")
    for column, heading in AUDIENCE_HEADINGS.items():
        table.add_column(heading, justify="right" if column.endswith("_prob") else "left", no_wrap=True)
    for row in audience[list(AUDIENCE_HEADINGS)].itertuples(index=False):
        table.add_row(*(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row))
    return table
