from models.period_shift import period_shifts
from training.train import Training


def test_training_notes_the_shift_of_every_question_of_yes_or_no(training: Training) -> None:
    for predictor in (training.predictor, training.measured):
        found = period_shifts(predictor.facts)
        assert set(found) == {result.name for result in training.results if not result.name.startswith("next_stage")}
        assert all(0.0 < shift < 2.0 for shift in found.values())
    assert period_shifts({}) == {}
