import pytest

from serving.printed.line_drawing import HEIGHT, WIDTH, draw_calibration, draw_line, scale_ticks
from serving.printed.reader import Reader
from serving.printed.scene import ACCENT, Area, Label, Stroke

TIMES = [f"2026-01-{day:02d}T00:00:00Z" for day in range(1, 8)]


def lines(scene) -> list[Stroke]:
    return [shape for shape in scene.shapes if isinstance(shape, Stroke) and shape.colour == ACCENT]


def texts(scene) -> list[str]:
    return [shape.text for shape in scene.shapes if isinstance(shape, Label)]


def test_a_gap_in_what_is_known_is_a_gap_in_the_line(reader: Reader) -> None:
    scene = draw_line(TIMES, [1, 2, None, 4, 5, None, 7], ("Purchases", "per week"), reader)
    assert [len(line.points) for line in lines(scene)] == [2, 2, 2]
    assert {"Purchases", "per week", "Jan 1, 2026", "Jan 7, 2026"} <= set(texts(scene))


@pytest.mark.parametrize("values", [[5.0] * 7, [0.0] * 7, [-40.0, 60.0, 0, 1, 2, 3, 4], [1e-6] * 7, [2e7, *[1.0] * 6]])
def test_every_point_lies_within_the_frame(reader: Reader, values: list[float]) -> None:
    for line in lines(draw_line(TIMES, values, ("a", "b"), reader)):
        assert all(0 <= x <= WIDTH and 40 <= y <= HEIGHT for x, y in line.points)


def test_nothing_known_and_one_point_alone(reader: Reader) -> None:
    assert "none" in texts(draw_line(TIMES, [None] * 7, ("a", "b"), reader))
    assert len(lines(draw_line(TIMES[:1], [3.0], ("a", "b"), reader))) == 1


def test_a_share_is_written_as_a_percentage(reader: Reader) -> None:
    assert "10%" in texts(draw_line(TIMES, [0.1] * 7, ("a", "b"), reader, is_share=True))


def test_a_tenth_that_keeps_its_promise_lies_on_the_diagonal(reader: Reader) -> None:
    rows = [
        {"rows": 100, "expected": 20.0, "actual_share": 0.2, "low": 0.1, "high": 0.3},
        {"rows": 100, "expected": 60.0, "actual_share": 0.6, "low": 0.5, "high": 0.7},
        {"rows": 0, "expected": 0.0, "actual_share": 0.0, "low": 0.0, "high": 0.0},
    ]
    scene = draw_calibration(rows, "Churn, 28 days", reader)
    (start, stop), *_ = (shape.points for shape in scene.shapes if isinstance(shape, Stroke) and shape.dashed)
    squares = [shape.points for shape in scene.shapes if isinstance(shape, Area)]
    assert len(squares) == 2
    for corners in squares:
        x, y = corners[0][0] + 3, corners[0][1] + 3
        along = (x - start[0]) / (stop[0] - start[0])
        assert y == pytest.approx(start[1] + along * (stop[1] - start[1]))


@pytest.mark.parametrize(("low", "high"), [(0, 1e-7), (0, 0.0999), (0, 1), (-100, 100), (3, 123456), (0, 9.99)])
def test_ticks_span_what_they_are_for_and_are_few(low: float, high: float) -> None:
    ticks = scale_ticks(low, high)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert 2 <= len(ticks) <= 7
