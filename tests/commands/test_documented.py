"""Every command line in the documentation is one that the program takes, word for word."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from nextstage import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"^(?:[\d* ]+ {2})?(?:\w+=\S+ )*(?:\.venv/bin/)?nextstage (.+)$", re.MULTILINE)


def documented() -> list[tuple[str, str]]:
    """Returns page and words of each command in a block of code."""
    found = []
    for page in PAGES:
        for block in re.findall(r"^```\w*\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            joined = block.replace("\\\n", " ")
            found += [(page.name, match) for match in COMMAND.findall(joined)]
    return found


def words_of(line: str) -> list[str]:
    """Returns the words that the program gets from a shell: no comment, no redirection, no other command."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    ends = [place for place, word in enumerate(words) if word in (">", "|", "||", "&&", "&")]
    return words[: min(ends, default=len(words))]


def test_there_are_many() -> None:
    assert len(documented()) > 40
    assert {page for page, _ in documented()} >= {"README.md", "mlops.md", "segments.md", "integrations.md"}


@pytest.mark.parametrize(("page", "line"), documented())
def test_a_documented_command_is_understood(page: str, line: str) -> None:
    assert page
    words, command = words_of(line), typer.main.get_command(app)
    while hasattr(command, "commands"):
        name, *words = words
        assert name in command.commands, f"'{name}' is no command"
        command = command.commands[name]
    command.make_context(command.name, words)  # raises what the command line would say
