import io

import numpy as np
from matplotlib.image import imread

from serving.printed.png import DOTS, INCH, to_png
from serving.printed.scene import INK, Area, Label, Ribbon, Scene, Stroke


def pixels(*shapes) -> np.ndarray:
    return imread(io.BytesIO(to_png(Scene(96, 48, "t", list(shapes)))))[:, :, :3]


def test_every_kind_of_shape_leaves_ink_where_it_is() -> None:
    corners = ((0.0, 0.0), (48.0, 0.0), (48.0, 48.0), (0.0, 48.0))
    half = pixels(Area(corners, "#000000"))
    assert half.shape[:2] == (DOTS * 48 // INCH, DOTS * 96 // INCH)
    assert half[:, :90].max() < 0.1
    assert half[:, 110:].min() > 0.9
    for shape in (Ribbon(0, 96, (0, 10), (20, 30), INK), Stroke(((0, 5), (96, 5)), INK, 2), Label(2, 20, "Покупка")):
        assert pixels(shape).min() < 0.7


def test_dollars_braces_and_unknown_letters_are_only_text() -> None:
    assert pixels(Label(2, 20, "$\\frac{1}{0}$ \U0001f600 <b>\x00")).min() < 0.7


def test_the_same_picture_has_the_same_bytes() -> None:
    scene = Scene(50, 20, "t", [Label(1, 10, "x")])
    assert to_png(scene) == to_png(scene)
