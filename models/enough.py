"""How many answers it takes to learn a target, or to say how well it is predicted."""

import numpy as np

from features.arrays import Ints

FEWEST_ROWS = 200
FEWEST_OF_A_CLASS = 20


def is_enough(y: Ints) -> bool:
    """Says whether a target can be learned or measured on these labels: enough rows, and enough of two classes."""
    return len(y) >= FEWEST_ROWS and int((np.bincount(y) >= FEWEST_OF_A_CLASS).sum()) >= 2
