import json

from features.targets import Churn, NextStage, Purchase
from tests.conftest import RECIPE
from training.recipe import Recipe


def test_targets_share_the_horizons() -> None:
    horizons = ("7d", "14d")
    expected = (NextStage(horizons), Churn(horizons), Purchase(horizons))
    assert Recipe("14d", horizons).targets() == expected


def test_a_recipe_tells_in_plain_data_how_to_train_so_again() -> None:
    told = json.loads(json.dumps(RECIPE.to_dict()))
    assert told["options"]["rounds"] == RECIPE.options.rounds
    assert told["periods"]["calibration"] == RECIPE.periods.calibration
