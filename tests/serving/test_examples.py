import json

from models.predictor import RegisteredPredictor
from serving.examples import MODEL, SCORES
from serving.schemas import ScoreResponse
from serving.scorer import Scorer
from serving.store import Store


def test_the_example_of_an_answer_has_the_keys_of_a_real_one(
    model: RegisteredPredictor, filled: tuple[str, Store]
) -> None:
    question = {"customer_ids": ["c0001"], "as_of": "2024-06-20T00:00:00Z", "explain": True}
    answer = json.loads(Scorer(model, filled[1]).answer(json.dumps(question).encode(), 0))
    assert answer.keys() == SCORES.keys()
    real, shown = answer["scores"][0], SCORES["scores"][0]
    assert list(real) == list(shown)
    assert real["reasons"].keys() == shown["reasons"].keys()
    assert real["reasons"]["churn"][0].keys() == shown["reasons"]["churn"][0].keys()
    ScoreResponse.model_validate(SCORES)


def test_the_example_of_a_model_has_the_keys_of_a_real_one(
    model: RegisteredPredictor, filled: tuple[str, Store]
) -> None:
    real = Scorer(model, filled[1]).describe_model()
    assert list(real) == list(MODEL)
    assert MODEL["facts"].keys() <= real["facts"].keys()
    assert MODEL["targets"][0].keys() == real["targets"][1].keys()
    assert MODEL["journey"].keys() <= real["journey"].keys()
