import numpy as np

from serving.reports.surveys import csat, nps


def test_eight_is_neither_promoter_nor_detractor() -> None:
    assert nps(np.array([9.0, 8.0, 7.0, 6.0])) == 0.0


def test_without_answers_there_is_no_score() -> None:
    assert nps(np.empty(0)) is None
    assert csat(np.empty(0)) is None
