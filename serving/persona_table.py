"""Which persona each customer of the store is: a table beside the scores, whose column segments can ask for."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from features.errors import StoreError
from features.events import EventLog
from features.ingest import CUSTOMER
from features.journey import Journey
from features.persona_features import persona_features
from features.snapshots import Snapshots
from features.vocabulary import Vocabulary
from models.personas import Personas
from serving.store import Store
from serving.whole_file import written_whole

DOCUMENT, TABLE = "personas.json", "personas.parquet"
PERSONA = "persona"


class Assigned(NamedTuple):
    """The personas, and of how many customers they are."""

    personas: Personas
    customers: int


def assign_personas(store: Store, journey: Journey, as_of: int, folder: Path, again: bool = False) -> Assigned:
    """Writes each customer's persona into the folder, but for whoever opted out, and returns the personas.

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
    log = _log(store)
    if again or not (folder / DOCUMENT).exists():
        feature_set = persona_features(Vocabulary.of(log), journey)
        X = feature_set.compute(log, journey, Snapshots.at(log, as_of))
        personas = Personas.find(feature_set, journey, X)
        personas.save(folder / DOCUMENT)
    else:
        personas = Personas.load(folder / DOCUMENT)
        X = personas.feature_set.compute(log, journey, Snapshots.at(log, as_of))
    names = np.array([persona.name for persona in personas.personas], dtype=object)
    frame = pd.DataFrame({CUSTOMER: log.customers, PERSONA: names[personas.assign(X)]})
    with written_whole(folder / TABLE) as unfinished:
        frame.to_parquet(unfinished, index=False)
    return Assigned(personas, len(frame))


def with_personas(frame: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Returns a score table with the column ``persona``; as it is, if the folder has none.

    Who came after the personas were assigned has none.
    """
    path = folder / TABLE
    if not path.exists() or PERSONA in frame.columns:
        return frame
    known = pd.read_parquet(path).set_index(CUSTOMER)[PERSONA]
    return frame.assign(**{PERSONA: frame[CUSTOMER].map(known).astype("str")})


def _log(store: Store) -> EventLog:
    opted_out = store.suppressed()
    customers = [customer for customer in store.customers() if customer not in opted_out]
    if not customers:
        raise StoreError("the event store is empty, or all opted out, so there are no personas; add events first")
    return store.log(customers)
