"""How the kernel's functions are compiled, and when the machine code on disk is made anew."""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
INNER: dict[str, Any] = {
    **OPTIONS,
    "cache": False,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "forceinline": True,
}

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compiles a function on first use and keeps the machine code on disk.

    Compiled functions make no arrays, so they need not count references to any: with counting (``_nrt``) every
    passing of a Spec or State would touch two dozen counters, and all takes ten times as long.
    """
    result: Function = numba.njit(**OPTIONS)(function)
    return result


def inner(function: Function) -> Function:
    """Compiles a function that only compiled ones call: the half of the work that Python needs is left out."""
    result: Function = numba.njit(**INNER)(function)
    return result


def source_stamp() -> int:
    """Returns a number that changes with any file of the kernel.

    The code on disk is looked up by the file of the outermost function alone, and by what that function encloses.
    """
    files = sorted(Path(__file__).parent.glob("*.py"))
    return zlib.crc32(b"".join(file.read_bytes() for file in files))
