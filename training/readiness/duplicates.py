"""Rows that tell the same thing twice: by their event_id, which is merged, and by their content, which is not."""

import numpy as np
import pandas as pd

from features.arrays import Bools, Ints
from features.durations import DAY
from features.events import EVENT
from training.readiness.finding import Finding, listed, percent, warn_if
from training.readiness.rows import NO_ID, Rows

MANY = 0.001
"""The share of rows with the content of another one from which on they are no coincidence."""

FEWEST_DAYS = 5


def duplicates(rows: Rows) -> tuple[Finding, ...]:
    """Returns repeated ids, and rows of equal content that each count."""
    content = _content(rows)
    return _repeated_ids(rows, content), _repeated_rows(rows, content)


def _repeated_ids(rows: Rows, content: Ints) -> Finding:
    if rows.event_id is None:
        sentence = "there is no column event_id; with one, an event that is sent twice counts once"
        return Finding("repeated event_id", warn_if(False), sentence, {"rows": 0})
    table = pd.DataFrame({"id": rows.event_id, "content": content})[rows.event_id != NO_ID]
    repeated = int(table["id"].duplicated().sum())
    differing = repeated - int(table.duplicated().sum())
    sentence = f"{repeated:,} of {len(rows):,} rows repeat an earlier event_id and count once"
    if differing:
        sentence += f"; {differing:,} of them tell something else, which is lost: give each event an id of its own"
    return Finding("repeated event_id", warn_if(differing > 0), sentence, {"rows": repeated, "differing": differing})


def _repeated_rows(rows: Rows, content: Ints) -> Finding:
    """Counts the rows that are merged by their id only once, and leaves out events whose time is a mere date."""
    counted = np.ones(len(rows), dtype=bool)
    if rows.event_id is not None:
        counted = ~(pd.Series(rows.event_id).duplicated().to_numpy() & (rows.event_id != NO_ID))
    dated = _by_date_only(rows)
    events = rows.columns.dimensions[EVENT]
    looked_at = counted & ~dated[events.codes]
    again = np.zeros(len(rows), dtype=bool)
    again[looked_at] = pd.Series(content[looked_at]).duplicated().to_numpy()
    found = int(again.sum())
    bad = found > MANY * max(1, int(looked_at.sum()))
    sentence = "none has the customer, time, event, value and all of another"
    if found:
        by_event = np.bincount(events.codes[again], minlength=len(events.names))
        named = (f"{events.names[code]} {by_event[code]:,}" for code in np.argsort(-by_event) if by_event[code])
        sentence = f"{found:,} ({percent(found, len(rows))}) have the customer, time, event, value and all of another"
        sentence += f": {listed(named, 3)}"
    if bad:
        sentence += "; each counts, so remove them, or give the copies one event_id"
    left_out = [name for name, is_dated in zip(events.names, dated, strict=True) if is_dated]
    if left_out:
        sentence += f"; not judged: {listed(left_out)}, known by the day only"
    return Finding("repeated rows", warn_if(bad), sentence, {"rows": found, "not_judged": left_out})


def _content(rows: Rows) -> Ints:
    """Returns a number for each different content, whatever its id and known_at."""
    columns = rows.columns
    table = pd.DataFrame({"customer": columns.customer.codes, "time": columns.time})
    for name, dimension in columns.dimensions.items():
        table[f"dimension {name}"] = dimension.codes
    for name, measure in columns.measures.items():
        table[f"measure {name}"] = pd.factorize(measure)[0]  # NaN equals NaN
    numbers: Ints = table.groupby(list(table.columns), sort=False).ngroup().to_numpy()
    return numbers


def _by_date_only(rows: Rows) -> Bools:
    """Says for each kind of event whether its rows have a date and no hour: one time of day, two with summer time."""
    events, time = rows.columns.dimensions[EVENT], rows.columns.time
    table = pd.DataFrame({"event": events.codes, "hour": time % DAY, "day": time // DAY})
    different = table.groupby("event").nunique().reindex(range(len(events.names)), fill_value=0)
    dated: Bools = ((different["hour"] <= 2) & (different["day"] >= FEWEST_DAYS)).to_numpy()
    return dated
