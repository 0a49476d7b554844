"""Finds what a page says in English although it speaks another language."""

import json
import re
from collections.abc import Iterator
from functools import cache
from string import Formatter
from typing import Any

from serving.languages.messages import ENGLISH, messages
from tests.message_laws import forms

SAID = """
const told = [], root = document.documentElement.lang;
const foreign = (element) => element.closest("script, style, noscript, pre, code, [translate=no]")
  || (element.closest("[lang]")?.lang ?? root) !== root;
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) if (!foreign(walker.currentNode.parentElement)) told.push(walker.currentNode.textContent);
for (const element of document.body.querySelectorAll("[title], [aria-label], [placeholder], [label]"))
  if (!foreign(element)) for (const name of ["title", "aria-label", "placeholder", "label"])
    if (element.hasAttribute(name)) told.push(element.getAttribute(name));
const drawn = [...document.querySelectorAll("script[type='application/json']")].map((each) => each.textContent);
return [document.title, told.map((text) => text.replace(/\\s+/g, " ").trim()), drawn];
"""
"""Returns the title, every text and label of a page, shown or folded up, and what its charts draw.

Names and data are left out: what is marked as not to be translated, what is marked as of another language, commands.
"""
NAMES = ("names", "curves", "stage", "source", "target", "order", "name", "colour", "horizon", "command_line")
"""Keys of what charts draw whose values are data."""
WORD = re.compile(r"[^\W\d_]{3,}")


def said(driver: Any) -> set[str]:
    """Returns what the page says that is neither a name nor data."""
    title, told, drawn = driver.execute_script(SAID)
    texts = {
        title.removesuffix(" · nextstage"),
        *told,
        *(text for each in drawn for text in _strings(json.loads(each))),
    }
    return {text for text in texts if WORD.search(text)}


def english_in(texts: set[str], language: str) -> set[str]:
    """Returns those texts that are English messages which have other words in a language."""
    return {text for text in texts for pattern in _english(language) if pattern.fullmatch(text)}


def same_in(texts: set[str], english: set[str], language: str) -> set[str]:
    """Returns those that the English page says alike, although no message of the language is alike."""
    return {text for text in texts & english if not any(pattern.fullmatch(text) for pattern in _alike(language))}


def _strings(data: Any, key: str = "") -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            if name not in NAMES:
                yield from _strings(value, name)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value, key)
    elif isinstance(data, str):
        yield data


@cache
def _english(language: str) -> tuple[re.Pattern[str], ...]:
    """Returns patterns of the English messages that read differently in a language."""
    own = {_pattern(text).pattern for text in _forms(language)}
    return _with_words({_pattern(text).pattern for text in _forms(ENGLISH)} - own)


@cache
def _alike(language: str) -> tuple[re.Pattern[str], ...]:
    own = {_pattern(text).pattern for text in _forms(language)}
    return _with_words({_pattern(text).pattern for text in _forms(ENGLISH)} & own)


def _with_words(patterns: set[str]) -> tuple[re.Pattern[str], ...]:
    """Returns those that are not made of places alone, which fit everything."""
    return tuple(re.compile(pattern) for pattern in patterns if WORD.search(pattern.replace(".+", "")))


def _forms(language: str) -> Iterator[str]:
    for text in messages(language).texts.values():
        yield from forms(text)


def _pattern(text: str) -> re.Pattern[str]:
    parts = Formatter().parse(text)
    return re.compile("".join(re.escape(said) + (".+" if name is not None else "") for said, name, *_ in parts))
