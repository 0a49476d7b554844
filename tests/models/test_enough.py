import numpy as np
import pytest

from models.enough import is_enough


@pytest.mark.parametrize(
    ("counts", "enough"),
    [((180, 20), True), ((179, 20), False), ((181, 19), False), ((400, 0), False), ((0, 0), False)],
)
def test_two_classes_need_twenty_rows_each_and_two_hundred_in_all(counts: tuple[int, int], enough: bool) -> None:
    assert is_enough(np.repeat([0, 1], counts)) is enough
