"""Dictionary-encodes columns of ids and names: hashed or counted once, never sorted row by row."""

import numpy as np
import pandas as pd

from features.arrays import Ints
from features.errors import EventLogError
from features.events import Dimension

COMPACT = 4
"""Whole numbers that span at most so many times their number are looked up in a table instead of hashed."""

POWERS = 10 ** np.arange(1, 19, dtype=np.int64)


def encode_column(column: pd.Series) -> Dimension:
    """Returns a column of texts, whole numbers or categories as a Dimension; an empty text is missing.

    Raises
    ------
    EventLogError
        If it holds decimal numbers.
    """
    if pd.api.types.is_float_dtype(column.dtype) and column.notna().any():
        raise EventLogError(
            f"column '{column.name}' holds decimal numbers, such as {column.dropna().iloc[0]}; "
            "give texts or whole numbers"
        )
    if column.dtype == np.int64 and len(column):
        return encode_numbers(column.to_numpy())
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, values = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, values = pd.factorize(column)
    texts = pd.Series(values).astype("str").tolist()
    if "" in texts or len(set(texts)) < len(texts):  # a value that is missing after all, or 1 beside "1"
        filled = [text or None for text in texts]
        return Dimension.encode(np.array([*filled, None], dtype=object)[codes])
    return Dimension.of(codes, texts)


def encode_numbers(*chunks: Ints) -> Dimension:
    """Returns whole numbers, given in one or several parts, as a Dimension of their digits.

    Examples
    --------
    >>> encode_numbers(np.array([7, 10, 7]))
    Dimension(codes=array([1, 0, 1], dtype=int32), names=('10', '7'))
    """
    rows = sum(map(len, chunks))
    low, high = min(int(chunk.min()) for chunk in chunks), max(int(chunk.max()) for chunk in chunks)
    if high - low > COMPACT * rows:
        codes, values = pd.factorize(np.concatenate(chunks), sort=True)
        order = text_order(values)
        table = np.empty(len(values), dtype=np.int32)
        table[order] = np.arange(len(order))
        return Dimension(table[codes], _digits(values[order]))
    used = np.zeros(high - low + 1, dtype=bool)
    for chunk in chunks:
        used[chunk - low] = True
    values = np.flatnonzero(used) + low
    order = text_order(values)
    table = np.empty(len(used), dtype=np.int32)
    table[values[order] - low] = np.arange(len(order))
    found, done = np.empty(rows, dtype=np.int32), 0
    for chunk in chunks:  # one part at a time: a copy of the whole column would cost more than the rest
        table.take(chunk - low, out=found[done : done + len(chunk)], mode="clip")
        done += len(chunk)
    return Dimension(found, _digits(values[order]))


def _digits(numbers: Ints) -> tuple[str, ...]:
    return tuple(map(str, numbers.tolist()))


def text_order(numbers: Ints) -> Ints:
    """Returns the order in which rising whole numbers stand when they are sorted as texts.

    Examples
    --------
    >>> numbers = np.array([-3, 2, 9, 10, 100])
    >>> numbers[text_order(numbers)].tolist()
    [-3, 10, 100, 2, 9]
    """
    if len(numbers) and numbers[0] < 0:
        return np.argsort(numbers.astype("str"), kind="stable")
    digits = np.searchsorted(POWERS, numbers, side="right")
    if len(numbers) and digits[0] == digits[-1]:
        return np.arange(len(numbers))
    padded = numbers.astype(np.uint64) * 10 ** (18 - digits).astype(np.uint64)  # of equal length; 19 digits fit
    return np.lexsort((digits, padded))
