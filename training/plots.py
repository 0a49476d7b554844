"""Pictures for the run: calibration curves and feature importance."""

from matplotlib.figure import Figure

from models.metrics import reliability
from models.target_model import TargetModel
from training.recipe import MODEL
from training.result import Result

FEATURES_SHOWN = 15


def calibration_file(name: str) -> str:
    """Returns what the file of a calibration plot is called, by the name of the result.

    Examples
    --------
    >>> calibration_file("churn_28d")
    'calibration_churn_28d.png'
    """
    return f"calibration_{name}.png"


def calibration_figure(result: Result) -> Figure:
    """Returns predicted against actual share on the test period, in ten bins of equal mass, one line per class."""
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1, label="perfect")
    probabilities = result.probabilities[MODEL]
    shown = range(1, 2) if len(result.classes) == 2 else range(len(result.classes))
    for code in shown:
        table = reliability(probabilities[:, code], (result.y == code).astype(float))
        axes.plot(table[:, 0], table[:, 1], marker="o", markersize=4, label=result.classes[code])
    axes.set(
        xlabel="mean predicted probability",
        ylabel="actual share",
        xlim=(0, 1),
        ylim=(0, 1),
        title=f"{result.name}: calibration on the test period",
    )
    axes.legend()
    return figure


def importance_figure(model: TargetModel) -> Figure:
    """Returns the features with the largest share of the total gain."""
    importance = model.boosted.classifier.importance()
    total = sum(importance.values()) or 1.0
    names = list(importance)[:FEATURES_SHOWN][::-1]
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.subplots()
    axes.barh(names, [importance[name] / total for name in names])
    axes.set(xlabel="share of the total gain", title=f"{model.target.kind}: most used features")
    return figure
