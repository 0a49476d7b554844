import pytest

from serving.printed.scene import BLACK, DARK, INK, PAPER, STAGES, Scene, on_stage, shortened, stage_colour, wrapped


def luminance(colour: str) -> float:
    """Returns the relative luminance of WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("code", range(len(STAGES)))
def test_text_on_a_stage_has_the_contrast_that_wcag_asks_of_it(code: int) -> None:
    dark, light = sorted((luminance(stage_colour(code)), luminance(on_stage(code))))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_a_stage_beyond_the_scheme_has_the_last_colour() -> None:
    assert stage_colour(50) == STAGES[-1]
    assert on_stage(50) == (PAPER if len(STAGES) - 1 in DARK else BLACK)


def test_shapes_stand_in_the_order_in_which_they_are_added() -> None:
    scene = Scene(10, 10, "t")
    scene.rectangle(0, 0, 1, 1, INK)
    scene.line(((0, 0), (1, 1)), INK)
    assert [type(shape).__name__ for shape in scene.shapes] == ["Area", "Stroke"]


@pytest.mark.parametrize("text", ["", "x", "Многоканальная покупка " * 4, "averyveryverylongwordwithoutanyspace"])
def test_no_line_is_wider_than_asked(text: str) -> None:
    lines = wrapped(text, 90, 13)
    assert 1 <= len(lines) <= 2
    assert all(shortened(line, 90, 13) == line for line in lines)
