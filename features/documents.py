"""Reads a YAML document into a frozen pydantic model, or says in one sentence which key is wrong."""

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from features.errors import NextstageError, did_you_mean

Model = TypeVar("Model", bound=BaseModel)


class Document(BaseModel):
    """The base of every YAML model: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


MOST_TOLD = 60
"""So many characters of a wrong value stand in an error."""


class _PlainLoader(yaml.SafeLoader):
    """Reads dates as the texts they are, 'start: 2026-01-31' means what it says; and no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                line = node.start_mark.line + 1
                raise yaml.YAMLError(f"key '{key}' stands twice in the block that begins in line {line}")
        return super().construct_mapping(node, deep)


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_document(path: Path, model: type[Model], error: Callable[[str], NextstageError]) -> Model:
    """Returns the document at ``path`` as a ``model``.

    Raises
    ------
    NextstageError
        As made by ``error``, when the file is missing, is not YAML, or does not fit the model.
    """
    return parse_document(read_yaml(path, error), model, error, path.name)


def read_yaml(path: Path, error: Callable[[str], NextstageError]) -> Any:
    """Returns what a YAML file holds, as plain data.

    Raises
    ------
    NextstageError
        As made by ``error``, when the file is missing or is not YAML.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _PlainLoader)  # noqa: S506 - a SafeLoader
    except OSError:
        raise error(f"no file at {path}; give the path of a YAML file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        reason = " ".join(str(problem).split())
        raise error(f"{path.name} cannot be read as YAML: {reason}; correct the file") from None


def parse_document(data: Any, model: type[Model], error: Callable[[str], NextstageError], name: str) -> Model:
    """Returns plain data as a ``model``; ``name`` says in an error where it came from."""
    if not isinstance(data, dict):
        what = "nothing" if data is None else f"a {type(data).__name__}"
        raise error(f"{name} holds {what}, not keys and values; write 'key: value' lines")
    try:
        return model.model_validate(data)
    except ValidationError as problem:
        raise error(f"{name}: {_first_sentence(problem, model)}") from None


def _first_sentence(problem: ValidationError, model: type[BaseModel]) -> str:
    errors = problem.errors()
    # a misspelt key is unknown and missing too: the unknown one says more
    first = next((error for error in errors if error["type"] == "extra_forbidden"), errors[0])
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = _fields_at(model, first["loc"][:-1])
        return f"unknown key '{key}'; {did_you_mean(str(first['loc'][-1]), known)}"
    if first["type"] == "too_short" and not first["input"]:
        return f"key '{key}' is empty; give at least one entry"
    if first["type"] == "missing":
        return f"key '{key}' is missing; add it"
    message = first["msg"].removeprefix("Value error, ")
    if message.startswith("Input should "):
        return f"key '{key}' is {_told(first['input'])} and {message.removeprefix('Input ')}"
    return f"key '{key}': {message}" if key else message


def _told(value: Any) -> str:
    """Returns a wrong value for an error: one line, short, and of what holds others only the kind."""
    if value is not None and not isinstance(value, str | int | float):
        return f"a {type(value).__name__}"
    text = repr(value)
    return text if len(text) <= MOST_TOLD else f"{text[:MOST_TOLD]}…"


def _fields_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            inner = _inner_model(model.model_fields[part].annotation)
            model = inner or model
    return list(model.model_fields)


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if (inner := _inner_model(argument)) is not None:
            return inner
    return None
