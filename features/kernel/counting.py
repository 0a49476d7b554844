"""Codes are counted as they stand: NumPy would first copy them into wider integers."""

from features.arrays import Codes, Ints
from features.kernel.compiling import compiled


@compiled
def count_codes(codes: Codes, counts: Ints) -> None:
    """Adds the number of each code to ``counts``; code -1 is counted first."""
    for code in codes:
        counts[code + 1] += 1


@compiled
def count_pairs(first: Codes, second: Codes, counts: Ints) -> None:
    """Adds the number of each pair of codes to ``counts``, of two dimensions; codes -1 are counted first."""
    for row in range(len(first)):
        counts[first[row] + 1, second[row] + 1] += 1
