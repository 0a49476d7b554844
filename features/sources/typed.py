"""Columns that have the right types already are taken as they are; with the least doubt, the parser reads them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays import Codes, Floats, Ints
from features.dictionary import encode_numbers
from features.durations import DAY
from features.events import Dimension
from features.ingest import LARGEST

EARLIEST, LATEST = -2_177_452_800_000_000, 9_151_488_000_000_000
"""The years 1901 and 2260: whatever lies beyond them is looked at by the parser."""


class DoubtError(Exception):
    """A column is not beyond doubt, so the parser has to read it."""


def customer_codes(columns: list[pa.ChunkedArray]) -> Dimension:
    """Returns the customers of all files as codes; texts have come as dictionaries.

    Raises
    ------
    DoubtError
        If one is missing, or they are neither texts nor whole numbers.
    """
    whole = pa.chunked_array([chunk for column in columns for chunk in column.chunks], columns[0].type)
    if whole.null_count:
        raise DoubtError
    if pa.types.is_int64(whole.type):
        return encode_numbers(*(chunk.to_numpy() for chunk in whole.chunks if len(chunk)))
    _reject_unless(pa.types.is_dictionary(whole.type))
    unified = whole.unify_dictionaries()
    names = _names(unified.chunk(0).dictionary)
    codes = [chunk.indices.to_numpy() for chunk in unified.chunks]
    return Dimension.of(np.concatenate(codes).astype(np.int32, copy=False), names)


def codes_of(column: pa.ChunkedArray, known: dict[str, int], required: bool) -> Codes:
    """Returns codes into the names that are known so far, -1 where missing; new names are added to them.

    Raises
    ------
    DoubtError
        If a required one is missing, or they are neither texts nor whole numbers.
    """
    whole = _dictionary(column)
    if required and whole.null_count:
        raise DoubtError
    table = np.array([*(known.setdefault(name, len(known)) for name in _names(whole.dictionary)), -1], dtype=np.int32)
    codes: Codes = table.take(pc.fill_null(whole.indices, -1).to_numpy(), mode="wrap")  # -1 finds the last one
    return codes


def times_of(column: pa.ChunkedArray, latest: int | None) -> Ints:
    """Returns UTC microseconds.

    Raises
    ------
    DoubtError
        If one is missing, has no zone, lies far away, or more than a day after ``latest``.
    """
    micros = moments(column.combine_chunks())
    if micros is None or micros.null_count:
        raise DoubtError
    times: Ints = micros.to_numpy()
    _reject_unless(latest is None or int(times.max()) <= latest + DAY)
    return times


def numbers_of(column: pa.ChunkedArray) -> Floats:
    """Returns numbers, NaN for a missing one.

    Raises
    ------
    DoubtError
        If they are none, or too large.
    """
    numbers = plain_numbers(column.combine_chunks())
    if numbers is None:
        raise DoubtError
    found: Floats = numbers.to_numpy(zero_copy_only=False)
    return found


def moments(column: pa.Array) -> pa.Array | None:
    """Returns timestamps with a zone as UTC microseconds; None for any that lie far away."""
    kind = column.type
    if not pa.types.is_timestamp(kind) or kind.tz is None or kind.unit != "us":
        return None
    micros = column.cast(pa.int64())
    bounds = pc.min_max(micros).as_py()
    inside = bounds["min"] is None or (bounds["min"] > EARLIEST and bounds["max"] < LATEST)
    return micros if inside else None


def plain_numbers(column: pa.Array) -> pa.Array | None:
    """Returns numbers with NaN for a missing one; None for any that are too large."""
    kind = column.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind)):
        return None
    numbers = pc.fill_null(column.cast(pa.float64(), safe=False), np.nan)
    bounds = pc.min_max(numbers).as_py()  # NaN only if there is nothing else
    large = bounds["min"] is not None and (bounds["min"] < -LARGEST or bounds["max"] > LARGEST)
    return None if large else numbers


def _dictionary(column: pa.ChunkedArray) -> pa.DictionaryArray:
    if pa.types.is_int64(column.type) and not column.null_count:
        column = column.dictionary_encode()
    _reject_unless(pa.types.is_dictionary(column.type))
    return column.unify_dictionaries().combine_chunks()


def _names(dictionary: pa.Array) -> list[str]:
    """Returns the names of a dictionary; whole numbers by their digits."""
    _reject_unless(pa.types.is_string(dictionary.type) or pa.types.is_int64(dictionary.type))
    names = [str(name) for name in dictionary.to_pylist() if name is not None]
    _reject_unless(len(names) == len(dictionary) == len(set(names)) and "" not in names)
    return names


def _reject_unless(beyond_doubt: bool) -> None:
    if not beyond_doubt:
        raise DoubtError
