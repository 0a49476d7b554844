"""The whole report of a scoring run as one file that fetches and runs nothing, and its pictures for a whiteboard."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from features.errors import StoreError
from models.predictor import RegisteredPredictor
from serving.database import Database
from serving.matured import recent_cards
from serving.monitor import last_verdict
from serving.pages.rendering import render
from serving.printed.line_drawing import draw_calibration, draw_line
from serving.printed.map_drawing import draw_map
from serving.printed.mermaid import to_mermaid
from serving.printed.png import to_png
from serving.printed.reader import Reader
from serving.printed.sankey_drawing import draw_sankey
from serving.printed.scene import Scene
from serving.printed.svg import to_svg
from serving.reports.model import described_version
from serving.reports.monitoring import drift_panel, matured_panel
from serving.reports.reader import ReportReader
from serving.whole_file import written_whole

STYLE = Path(__file__).parent / "report.css"
FIGURES = ("active", "purchases", "revenue", "churn", "nps", "csat")
SHARES = ("churn",)
ALL = "all"
MOST_CARDS = 1  # of each target and horizon
MAP, FLOWS, EXPECTED = "map", "flows", "expected"


def latest_report(database: Database) -> dict[str, Any]:
    """Returns the figures of the latest scoring run, and what is known of its model in use.

    Raises
    ------
    StoreError
        If there is none that has any.
    """
    report = ReportReader(database).latest()
    if report is None:
        raise StoreError("there is no scoring run to report on; run 'nextstage score' first")
    with database.reading() as connection:
        cards = recent_cards(connection, report["model"]["name"], report["model"]["version"], MOST_CARDS)
        return {**report, "drift": drift_panel(last_verdict(connection)), "matured": matured_panel(cards)}


def write_report(
    report: Mapping[str, Any], model: RegisteredPredictor, language: str, path: Path, pictures: tuple[str, ...] = ()
) -> list[Path]:
    """Writes the report, and the pictures that are asked for beside it, and returns the files.

    Parameters
    ----------
    report
        As ``latest_report`` returns it.
    model
        The one that made the run.
    pictures
        Of ``svg``, ``png`` and ``mermaid``.
    """
    reader = Reader(model.predictor.journey, language)
    scenes = draw_pictures(report, reader)
    files: dict[Path, str | bytes] = {path: report_page(report, model, scenes, reader)}
    for name, scene in scenes.items():
        if "svg" in pictures:
            files[path.with_name(f"{path.stem}-{name}.svg")] = to_svg(scene)
        if "png" in pictures:
            files[path.with_name(f"{path.stem}-{name}.png")] = to_png(scene)
    if "mermaid" in pictures:
        files[path.with_name(f"{path.stem}.mmd")] = to_mermaid(report, reader)
    for place, content in files.items():
        with written_whole(place) as unfinished:
            unfinished.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(files)


def draw_pictures(report: Mapping[str, Any], reader: Reader) -> dict[str, Scene]:
    """Returns the journey map, the flows of the latest period and those expected."""
    shown, flows, horizon = report["maps"][0], report["flows"], report["horizon"]
    past = reader.text("flows.past", start=reader.date(shown["start"]), end=reader.date(shown["end"]))
    predicted = reader.text("flows.predicted", horizon=reader.horizon(horizon))
    return {
        MAP: draw_map(shown, horizon, reader),
        FLOWS: draw_sankey(flows["past"], past, reader),
        EXPECTED: draw_sankey(flows["predicted"][horizon], predicted, reader, 1),
    }


def report_page(
    report: Mapping[str, Any], model: RegisteredPredictor, scenes: Mapping[str, Scene], reader: Reader
) -> str:
    """Returns the report as a page with everything in it."""
    from markupsafe import Markup

    def picture(scene: Scene) -> Markup:
        return Markup(to_svg(scene))  # noqa: S704 - made by the writer of XML, which escapes every text

    horizon, facts = report["horizon"], model.predictor.facts
    version = described_version(
        {
            "name": model.name,
            "version": model.version,
            "fingerprint": model.predictor.fingerprint,
            "features": len(model.predictor.feature_set.columns),
            "facts": facts,
        }
    )
    targets = [target for target in version["targets"] if target["horizon"] == horizon]
    return render(
        "report.html",
        reader.language,
        reader.journey,
        title=f"{reader.text('map.title')}: {reader.journey.title(reader.language)}",
        style=Markup(STYLE.read_text(encoding="utf-8")),  # noqa: S704 - our own file
        report=report,
        attribution=report.get("attribution"),  # runs of earlier releases kept none
        map=picture(scenes[MAP]),
        past=picture(scenes[FLOWS]),
        predicted=picture(scenes[EXPECTED]),
        lines=[picture(scene) for scene in _lines(report, reader)],
        model=version,
        drift=report["drift"],
        matured=report["matured"],
        targets=targets,
        metrics=list(dict.fromkeys(name for target in targets for way in target["methods"] for name in way["metrics"])),
        calibrations=[picture(scene) for scene in _calibrations(facts.get("deciles", {}), horizon, reader)],
    )


def _lines(report: Mapping[str, Any], reader: Reader) -> list[Scene]:
    """Returns a picture of each figure over time of which something is known."""
    kpis, drawn = report["kpis"], []
    for key in FIGURES:
        values = kpis["lines"][key].get(ALL, {}).get(ALL, [])
        times = kpis["periods"] if key in SHARES else kpis["weeks"]
        if any(value is not None for value in values):
            said = (reader.text(f"figures.{key}"), reader.text(f"figures.{key}_unit"))
            drawn.append(draw_line(times, values, said, reader, key in SHARES))
    return drawn


def _calibrations(deciles: Mapping[str, Any], horizon: str, reader: Reader) -> list[Scene]:
    """Returns a picture of the tenths of each target at the main horizon."""
    drawn = []
    for name, rows in deciles.items():
        kind, _, of = name.rpartition("_")
        if of == horizon:
            title = reader.text("model.within", target=reader.text(f"model.{kind}"), horizon=reader.horizon(of))
            drawn.append(draw_calibration(rows, title, reader))
    return drawn
