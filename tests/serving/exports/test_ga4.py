import numpy as np
import pandas as pd
import pytest

from features.errors import ConfigError
from serving.exports.ga4 import deciles, user_import
from tests.serving.exports.conftest import GOLDEN, table


def test_the_file_is_the_documented_one():
    frame = table({"customer_id": "1111111111.1725000000", "purchase_prob": 0.9})
    documented = (GOLDEN / "ga4_user_import.csv").read_text(encoding="utf-8")
    assert user_import(frame, "1234567890") == documented


def test_clients_may_stand_in_a_column_of_their_own_and_the_unscored_are_left_out():
    frame = table(
        {"client_id": "a"},
        {"client_id": "c", "purchase_prob": np.nan},
    )
    assert user_import(frame, "1").splitlines()[1:] == ["a,1,0,1"]
    assert user_import(frame.assign(purchase_decile=4), "1").splitlines()[1:] == ["a,1,0,4"]


def test_tenths_are_of_one_size_and_the_first_is_the_highest():
    places = deciles(np.arange(95) / 95)
    assert places[-1] == 1
    assert places[0] == 10
    sizes = pd.Series(places).value_counts()
    assert sizes.max() - sizes.min() <= 1


def test_a_score_that_is_not_there_is_an_error(scores):
    with pytest.raises(ConfigError, match="the scores have no column 'clv_prob'"):
        user_import(scores, "1", "clv_prob")
