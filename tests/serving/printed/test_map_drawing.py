import pytest

from serving.languages.messages import LANGUAGES
from serving.printed.map_drawing import draw_map
from serving.printed.reader import Reader
from serving.printed.scene import WIDTH_OF_A_LETTER, Label
from tests.serving.scored import HOSTILE, ScoredStore


def labels(scene) -> list[Label]:
    return [shape for shape in scene.shapes if isinstance(shape, Label)]


def box(label: Label) -> tuple[float, float, float, float]:
    """Returns left, top, right and bottom of a text that is anchored at its start."""
    width = len(label.text) * label.size * WIDTH_OF_A_LETTER
    return label.x, label.y - 0.8 * label.size, label.x + width, label.y + 0.2 * label.size


def test_the_map_says_the_figures_of_every_stage(scored: ScoredStore, reader: Reader) -> None:
    shown = scored.report["maps"][0]
    said = {label.text for label in labels(draw_map(shown, scored.report["horizon"], reader))}
    for stage in shown["stages"]:
        assert {reader.number(stage["customers"]), f"{stage['entries']:,} came", f"{stage['exits']:,} left"} <= said
    assert f"{HOSTILE[:8]}" in " ".join(said)
    assert "Feelings" not in said


def test_an_earlier_period_has_no_expectation(scored: ScoredStore, reader: Reader) -> None:
    said = {label.text for label in labels(draw_map(scored.report["maps"][1], scored.report["horizon"], reader))}
    assert "Expected customers" not in said
    assert "Churn" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_lies_outside_of_the_paper_or_on_other_text(scored: ScoredStore, language: str) -> None:
    reader = Reader(scored.scorer.model.predictor.journey, language)
    scene = draw_map(scored.report["maps"][0], scored.report["horizon"], reader)
    boxes = [box(each) for each in labels(scene)]
    for place, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0
        assert bottom <= scene.height
        assert right <= scene.width + 1
        over = [
            other
            for other in boxes[place + 1 :]
            if left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
        ]
        assert not over, labels(scene)[place]
