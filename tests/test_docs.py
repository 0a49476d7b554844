"""What the pages name exists: commands and options, files, headings, routes, and the keys of nextstage.yaml."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from nextstage import app
from serving.openapi import describe_api
from training.config import Config

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

IN_LINE, BLOCK = re.compile(r"`([^`\n]+)`"), re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?:^|[\s=/])nextstage ([a-z-]+\b[^:].*|[a-z-]+)$")
COMMAND = re.compile(r"^(?:[\d* ]+ {2})?(?:\w+=\S+ )*(?:\.venv/bin/)?nextstage (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
FOLDERS = "benchmarks|commands|docs|features|models|serving|tests|training"
NAMED_FILE = re.compile(rf"(?:{FOLDERS})/[a-z_/-]*(?:\.[a-z]+)?|\w+\.py")
BENCHMARK = re.compile(r"python -m benchmarks\.([a-z_]+)")
ROUTE = re.compile(r"(?:GET|POST|PUT|DELETE) (/[^\s?`]*)")

EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
Words = tuple[str, ...]


def spans(page: Path) -> list[str]:
    """Returns what stands as code within the lines of a page."""
    return IN_LINE.findall(BLOCK.sub("", page.read_text(encoding="utf-8")))


def blocks(page: Path) -> list[str]:
    """Returns the blocks of code of a page, a line that goes on as one."""
    return [block.replace("\\\n", " ") for block in BLOCK.findall(page.read_text(encoding="utf-8"))]


def code(page: Path) -> list[str]:
    """Returns what stands in a page as code: each span, and each line of a block without its comment."""
    return [*spans(page), *(line.split(" #")[0].strip() for block in blocks(page) for line in block.splitlines())]


def every_command(command: Any, words: Words = ()) -> Iterator[tuple[Words, set[str]]]:
    """Yields every command and group with its options."""
    yield words, {"--help", *(name for each in command.params for name in (*each.opts, *each.secondary_opts))}
    for name, inner in getattr(command, "commands", {}).items():
        yield from every_command(inner, (*words, name))


COMMANDS = dict(every_command(typer.main.get_command(app)))
BENCHMARKS = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").rglob("*.py"))
OPTIONS = set(re.findall(r'"(--[a-z-]+)"', BENCHMARKS)).union(*COMMANDS.values())


def calls(page: Path) -> list[Words]:
    """Returns the words after 'nextstage' wherever a page calls it within a line; some words may be left out there."""
    return [tuple(found[1].split()) for text in spans(page) if (found := CALL.search(text))]


def wrong_with(words: Words) -> str | None:
    """Returns what of a call does not exist; ``a|b`` stands for the commands a and b."""
    first, *rest = words
    if (first,) not in COMMANDS:
        return f"no command '{first}'"
    known = COMMANDS[first,]
    if rest and any(len(other) == 2 and other[0] == first for other in COMMANDS):
        for name in rest[0].split("|"):
            if (first, name) not in COMMANDS:
                return f"no command '{first} {name}'"
            known = COMMANDS[first, name]
    unknown = [word for word in rest if re.match(r"-[a-z-]", word) and word not in known]
    return f"no option {', '.join(unknown)}" if unknown else None


@EVERY_PAGE
def test_commands_and_options_exist(page: Path) -> None:
    assert [(words, wrong) for words in calls(page) if (wrong := wrong_with(words))] == []
    named = {text.split()[0] for text in code(page) if re.match("--[a-z]", text)}
    assert named <= OPTIONS


def test_calls_are_found_and_judged() -> None:
    assert sum(len(calls(page)) for page in PAGES) > 30
    assert wrong_with(("scores",)) == "no command 'scores'"
    assert wrong_with(("campaign", "list|reports")) == "no command 'campaign reports'"
    assert wrong_with(("segment", "x", "--top", "5", "--bottom")) == "no option --bottom"
    assert wrong_with(("key", "create", "--scope", "score")) is None


LINES = [(page.name, line) for page in PAGES for block in blocks(page) for line in COMMAND.findall(block)]


def words_of(line: str) -> list[str]:
    """Returns the words that the program gets from a shell: no comment, no redirection, no other command."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    ends = [place for place, word in enumerate(words) if word in (">", "|", "||", "&&", "&")]
    return words[: min(ends, default=len(words))]


def test_there_are_many_lines_of_commands() -> None:
    assert len(LINES) > 40
    assert {page for page, _ in LINES} >= {"README.md", "mlops.md", "segments.md", "integrations.md"}


@pytest.mark.parametrize(("page", "line"), LINES)
def test_a_line_of_a_command_is_understood_word_for_word(page: str, line: str) -> None:
    assert page
    words, command = words_of(line), typer.main.get_command(app)
    while hasattr(command, "commands"):
        name, *words = words
        assert name in command.commands, f"'{name}' is no command"
        command = command.commands[name]
    command.make_context(command.name, words)  # raises what the command line would say


@EVERY_PAGE
def test_files_and_benchmarks_exist(page: Path) -> None:
    named = {name for text in code(page) if NAMED_FILE.fullmatch(name := text)}
    named |= {f"benchmarks/{name}.py" for name in BENCHMARK.findall(page.read_text(encoding="utf-8"))}
    assert [name for name in named if "/" in name and not (ROOT / name).exists()] == []
    somewhere = {path.name for folder in FOLDERS.split("|") for path in (ROOT / folder).rglob("*.py")}
    assert {name for name in named if "/" not in name} <= somewhere | {"nextstage.py"}


@EVERY_PAGE
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for target, heading in LINK.findall(page.read_text(encoding="utf-8")):
        path = page.parent / target if target else page
        assert path.exists(), f"no file {target}"
        assert not heading or heading in headings(path), f"no heading {heading} in {target}"


def headings(page: Path) -> set[str]:
    """Returns the headings of a page as links spell them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@EVERY_PAGE
def test_routes_exist(page: Path) -> None:
    known = {plain(path) for path in describe_api()["paths"]}
    for named in {plain(path) for text in code(page) for path in ROUTE.findall(text)}:
        beginning = re.split(r"…|\.\.\.", named)[0]
        assert named in known or (beginning != named and any(path.startswith(beginning) for path in known)), named


def plain(route: str) -> str:
    """Returns a route whose parameters have no names."""
    return re.sub(r"\{\w+\}", "{}", route)


def test_keys_of_the_configuration_are_all_described_and_no_others() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8").split("## ")[1]
    named = {name for row in re.findall(r"^\|([^|]+)\|", page, re.MULTILINE) for name in IN_LINE.findall(row)}
    assert named == set(keys(Config))


def keys(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """Yields the keys of a document, those of a part of it with its name before them."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from keys(inner, f"{before}{name}.")
        else:
            yield f"{before}{name}"
