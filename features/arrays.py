"""Names for the array types that pass between functions; every function here is arrays in, arrays out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Places = NDArray[np.uint32]
Codes = NDArray[np.int32]
Counts = NDArray[np.int32]
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]


def plain(array: NDArray[Any], kind: type[np.generic]) -> NDArray[Any]:
    """Returns the array in the one memory layout for which the kernel is compiled, copied only if it must be."""
    fits = array.dtype == kind and array.flags.c_contiguous and array.flags.writeable
    return array if fits else np.array(array, dtype=kind, order="C")
