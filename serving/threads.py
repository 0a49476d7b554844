"""Work that would keep other requests waiting is done in a thread."""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import to_thread

Given = ParamSpec("Given")
Result = TypeVar("Result")


async def in_thread(function: Callable[Given, Result], *arguments: Given.args, **options: Given.kwargs) -> Result:
    """Returns what a function returns; whoever gives up waiting leaves it to end on its own."""
    return await to_thread.run_sync(partial(function, *arguments, **options), abandon_on_cancel=True)
