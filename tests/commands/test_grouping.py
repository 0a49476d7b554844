"""A group of options looks to a user like options, and to a command like one thing."""

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from commands.grouping import grouped


@dataclass(frozen=True)
class Ranking:
    order_by: Annotated[str | None, typer.Option(help="The column to rank by.")] = None
    top: Annotated[int, typer.Option("--top", "-t", help="The best so many.")] = 5


app = typer.Typer()


@app.command()
@grouped
def pick(name: str, ranking: Ranking, loud: bool = False) -> None:
    """Pick the best."""
    print(name, ranking, loud)


def test_a_user_gives_the_fields_and_the_command_gets_the_group() -> None:
    answer = CliRunner().invoke(app, ["best", "--order-by", "churn", "-t", "3", "--loud"])
    assert answer.output == f"best {Ranking('churn', 3)} True\n"


def test_what_is_not_given_has_the_default_of_its_field() -> None:
    assert CliRunner().invoke(app, ["best"]).output == f"best {Ranking()} False\n"


def test_help_tells_of_the_fields_as_of_any_option() -> None:
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "120"}).output
    assert "Pick the best." in shown
    assert "The column to rank by." in shown
    assert "-t" in shown
    assert "[default: 5]" in shown
    assert "ranking" not in shown.lower().replace("--", "")


def test_two_options_of_one_name_are_an_error_at_once() -> None:
    def twice(ranking: Ranking, top: int = 1) -> None: ...

    with pytest.raises(ValueError, match="duplicate parameter name: 'top'"):
        grouped(twice)
