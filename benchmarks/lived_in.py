"""What commands leave in a working folder whose service has been used: every route has something to tell."""

from functools import partial
from pathlib import Path

from features.ingest import CUSTOMER
from models.predictor import RegisteredPredictor
from models.registry import load_predictor
from serving.batch import read_scores, run_batch
from serving.campaigns.members import Wanted, begin, mark_sent
from serving.exports.files import write_files
from serving.exports.leftovers import EXPORTS
from serving.monitor import run_monitor
from serving.occasion import Occasion
from serving.parameters import CAMPAIGN, SEGMENT
from serving.persona_table import assign_personas
from serving.segments.audience import audience_of, write_audience
from serving.segments.latest import latest_scores, table_of
from serving.segments.segment import Segment
from serving.segments.selection import select
from serving.segments.stored import save_segment
from serving.store import Store

SCORES = "scores.parquet"
DAY = 86_400 * 10**6
HORIZON = 28 * DAY


def live_in(store: Store, model: RegisteredPredictor, folder: Path, now: int) -> None:
    """Fills a working folder: two scoring runs, personas, a kept segment, a campaign, exports, and the monitor's word.

    Parameters
    ----------
    now
        UTC microseconds; the first run is of one horizon before, so that it has matured.
    """
    for as_of in (now - HORIZON, now):
        run_batch(store, model, Occasion(as_of, as_of), folder / SCORES)
    assign_personas(store, model.predictor.journey, now, folder)
    keep_audience(store, folder, now)
    frame = read_scores(folder / SCORES)
    sent = begin(store.database, Wanted(CAMPAIGN["example"], 0.3, SEGMENT["example"]), frame, now - HORIZON)
    mark_sent(store.database, CAMPAIGN["example"], sent[CUSTOMER].tolist(), now - HORIZON)
    for tool in ("csv", "braze"):
        write_files(tool, sent, folder / EXPORTS)
    run_monitor(store, model, lambda name, version: load_predictor(f"models:/{name}/{version}"), now)


def keep_audience(store: Store, folder: Path, now: int) -> None:
    """Keeps the segment of the OpenAPI document's examples, and writes its audience."""
    segment = Segment(SEGMENT["example"])
    with store.database.reading() as connection:
        scores, shifts = latest_scores(connection)
        table = table_of(connection, scores, shifts)
    save_segment(store.database, segment, partial(table_of, scores=scores, shifts=shifts), now, "command line")
    members = select(segment, table).members
    write_audience(audience_of(scores, table, members), folder / "audiences" / f"{segment.name}.csv")
