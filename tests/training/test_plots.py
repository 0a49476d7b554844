from matplotlib.figure import Figure

from training.plots import FEATURES_SHOWN, calibration_figure, importance_figure
from training.train import Training


def test_calibration_shows_a_line_per_class_and_the_diagonal(training: Training) -> None:
    for result in training.results:
        lines = calibration_figure(result).axes[0].get_lines()
        assert len(lines) == 1 + (1 if len(result.classes) == 2 else len(result.classes))


def test_importance_shows_the_top_features_largest_on_top(training: Training) -> None:
    figure = importance_figure(training.predictor.models[0])
    assert isinstance(figure, Figure)
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert len(widths) == FEATURES_SHOWN
    assert widths == sorted(widths)
