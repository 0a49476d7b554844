"""Which persona each customer of the store is: kept for segments, and written to a file for everybody else."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from features.errors import StoreError
from features.events import EventLog
from features.ingest import CUSTOMER
from features.journey import Journey
from features.persona_features import persona_features
from features.snapshots import Snapshots
from features.timestamps import to_iso
from features.vocabulary import Vocabulary
from models.personas import Personas
from serving.consents import suppressed
from serving.database import Row, run_blocks
from serving.runs import customers_among
from serving.store import Store
from serving.tables import EVENTS, PERSONAS
from serving.whole_file import written_whole

DOCUMENT, TABLE = "personas.json", "personas.parquet"
PERSONA = "persona"


class Assigned(NamedTuple):
    """The personas, and of how many customers they are."""

    personas: Personas
    customers: int


def assign_personas(store: Store, journey: Journey, as_of: int, folder: Path, again: bool = False) -> Assigned:
    """Keeps each customer's persona, writes it into the folder too, and returns the personas.

    Who opted out, or has no event by the cutoff, has none.

    The personas that the folder knows are kept, so that a name goes on meaning the same; customers move between them.

    Parameters
    ----------
    as_of
        The cutoff, UTC microseconds.
    again
        Whether to divide the customers anew.

    Raises
    ------
    StoreError
        If nobody in the store can be looked at.
    PredictorError
        If the folder's personas are damaged.
    """
    log = _log(store).until(as_of)
    known = Snapshots.grid(log, np.array([as_of]))
    if not len(known):
        raise StoreError(f"nobody in the store has an event by {to_iso(as_of)}; give a later moment")
    if again or not (folder / DOCUMENT).exists():
        feature_set = persona_features(Vocabulary.of(log), journey)
        X = feature_set.compute(log, journey, known)
        personas = Personas.find(feature_set, journey, X)
        personas.save(folder / DOCUMENT)
    else:
        personas = Personas.load(folder / DOCUMENT)
        X = personas.feature_set.compute(log, journey, known)
    names = np.array([persona.name for persona in personas.personas], dtype=object)
    frame = pd.DataFrame({CUSTOMER: log.customers[known.customer], PERSONA: names[personas.assign(X)]})
    with store.database.writing() as connection, written_whole(folder / TABLE) as unfinished:
        frame = _still_there(connection, frame)
        frame.to_parquet(unfinished, index=False)
        _keep(connection, frame)  # neither is kept without the other
    return Assigned(personas, len(frame))


def stored_personas(connection: Connection) -> dict[str, str]:
    """Returns the persona of each customer who has one."""
    rows = connection.execute(select(PERSONAS.c.customer_id, PERSONAS.c.persona))
    return {row.customer_id: row.persona for row in rows}


def with_personas(connection: Connection, scores: pd.DataFrame) -> pd.DataFrame:
    """Returns a score table with the column ``persona``; as it is, if the store has none.

    Who came after the personas were assigned has none.
    """
    known = stored_personas(connection)
    return scores.assign(**{PERSONA: scores[CUSTOMER].map(known).astype("str")}) if known else scores


def _still_there(connection: Connection, frame: pd.DataFrame) -> pd.DataFrame:
    """Returns the rows without who was erased, or opted out, since the log was read."""
    wanted = customers_among(connection, EVENTS, None) - suppressed(connection, None)
    return frame[frame[CUSTOMER].isin(wanted)]


def _keep(connection: Connection, frame: pd.DataFrame) -> None:
    rows: list[Row] = [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)]
    connection.execute(PERSONAS.delete())
    run_blocks(connection, PERSONAS.insert(), rows)


def _log(store: Store) -> EventLog:
    opted_out = store.suppressed()
    customers = [customer for customer in store.customers() if customer not in opted_out]
    if not customers:
        raise StoreError("the event store is empty, or all opted out, so there are no personas; add events first")
    return store.log(customers)
