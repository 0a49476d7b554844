"""Options that belong together: a command takes them as one frozen dataclass, a user writes them one by one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any, get_type_hints


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Returns a command that takes the fields of each parameter that is a dataclass in place of that parameter.

    A field says what an option of a command says: its name, its ``Annotated`` type, and its default.

    Raises
    ------
    ValueError
        If two options have the same name.
    """
    own = signature(command).parameters.values()
    kinds = {each.name: each.annotation for each in own if isinstance(each.annotation, type)}
    groups = {name: kind for name, kind in kinds.items() if is_dataclass(kind)}
    taken = Signature([option for each in own for option in _options(each, groups)])

    @wraps(command)
    def taking(**given: Any) -> None:
        for name, kind in groups.items():
            given[name] = kind(**{each.name: given.pop(each.name) for each in fields(kind)})
        command(**given)

    taking.__signature__ = taken  # type: ignore[attr-defined]
    taking.__annotations__ = {each.name: each.annotation for each in taken.parameters.values()}
    return taking


def _options(parameter: Parameter, groups: Mapping[str, type[Any]]) -> Iterator[Parameter]:
    if parameter.name not in groups:
        yield parameter.replace(kind=Parameter.KEYWORD_ONLY)
        return
    types = get_type_hints(groups[parameter.name], include_extras=True)
    for each in fields(groups[parameter.name]):
        yield Parameter(each.name, Parameter.KEYWORD_ONLY, default=each.default, annotation=types[each.name])
