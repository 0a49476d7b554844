import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.arrays import Floats, Ints
from features.errors import PredictorError
from models.calibration import KINDS, Identity, calibrator_from_dict

kinds = st.sampled_from(sorted(KINDS))
seeds = st.integers(0, 2**32 - 1)


def random_rows(rows: int, classes: int, seed: int) -> tuple[Floats, Ints]:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(classes, 0.5), rows)
    probabilities[:: max(1, rows // 3)] = np.eye(classes)[rng.integers(classes)]  # some are certain
    return probabilities, rng.integers(0, classes, rows)


@given(kind=kinds, rows=st.integers(2, 60), classes=st.integers(2, 6), seed=seeds)
def test_rows_sum_to_one_and_do_not_depend_on_each_other(kind: str, rows: int, classes: int, seed: int) -> None:
    probabilities, y = random_rows(rows, classes, seed)
    calibrator = KINDS[kind].fit(probabilities, y)
    together = calibrator.apply(probabilities)
    assert together.shape == probabilities.shape
    assert np.allclose(together.sum(axis=1), 1.0, atol=1e-12)
    alone = np.vstack([calibrator.apply(probabilities[row : row + 1]) for row in range(rows)])
    assert together.tobytes() == alone.tobytes()


@given(kind=kinds, classes=st.integers(2, 6), seed=seeds)
def test_a_calibrator_survives_json(kind: str, classes: int, seed: int) -> None:
    probabilities, y = random_rows(40, classes, seed)
    calibrator = KINDS[kind].fit(probabilities, y)
    again = calibrator_from_dict(json.loads(json.dumps(calibrator.to_dict())))
    assert again == calibrator
    assert again.apply(probabilities).tobytes() == calibrator.apply(probabilities).tobytes()


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"identity"}))
@pytest.mark.parametrize("classes", [2, 4])
def test_no_calibrator_but_identity_leaves_anyone_certain(kind: str, classes: int) -> None:
    probabilities = np.eye(classes)[np.arange(200) % classes]
    calibrated = KINDS[kind].fit(probabilities, np.arange(200) % classes).apply(probabilities)
    assert (calibrated > 0).all()
    assert (calibrated < 1).all()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_neither_fitting_nor_applying_changes_what_is_handed_in(kind: str) -> None:
    probabilities, y = random_rows(50, 3, 1)
    before = probabilities.tobytes()
    KINDS[kind].fit(probabilities, y).apply(probabilities)
    assert probabilities.tobytes() == before


def test_identity_changes_nothing() -> None:
    probabilities, _ = random_rows(20, 4, 1)
    assert Identity().apply(probabilities).tobytes() == probabilities.tobytes()


def test_an_unknown_kind_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(PredictorError, match="no calibrator is called 'isotone'; did you mean 'isotonic'"):
        calibrator_from_dict({"kind": "isotone"})
