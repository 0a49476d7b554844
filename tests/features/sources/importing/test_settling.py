"""Copies, identities and consents settle to the same whatever the order of their rows."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa
import pytest

from features.sources.importing.records import Consent, Event, Link
from features.sources.importing.settling import settled
from features.sources.importing.staging import Staging
from features.sources.importing.taking import KINDS, staged_schema


def settle(
    events: Sequence[Event],
    links: Sequence[Link] = (),
    consents: Sequence[Consent] = (),
    prior: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    with TemporaryDirectory() as place:
        with Staging(Path(place)) as staging:
            for kind, records in (("events", events), ("links", links), ("consents", consents)):
                if records:
                    columns = zip(*records, strict=True)
                    schema = staged_schema(kind)
                    arrays = [pa.array(list(cells), field.type) for cells, field in zip(columns, schema, strict=True)]
                    staging.add(kind, pa.table(arrays, schema))
        assert set(KINDS) == {"events", "links", "consents", "traits"}
        with settled(staging, Path(place), prior) as found:
            tables = list(found.events())
            return pa.concat_tables(tables).to_pandas() if tables else pd.DataFrame(), found.consents()


def joined(record: Event | Link) -> int:
    return record.time if record.known is None else max(record.time, record.known)


@pytest.mark.parametrize("seed", range(2))
def test_who_somebody_was_is_told_by_the_last_link_at_or_before_the_event(seed: int):
    random = Random(seed)  # noqa: S311 - no secret

    def moments() -> tuple[int, int | None]:
        return random.randrange(9), random.choice([None, random.randrange(9)])

    browsers = [f"browser-{number}" for number in range(20)]
    links = [Link(random.choice("ab"), random.choice(browsers), *moments()) for _ in range(60)]
    events = []
    for number in range(300):
        time, known = moments()
        events.append(Event(random.choice([None, "c"]), random.choice(browsers), time, "view", str(number), known))
    found, _ = settle(events, links)
    whose = dict(zip(found["event_id"], found["customer_id"], strict=True))
    for event in events:
        before = [(joined(link), row, link.customer) for row, link in enumerate(links)
                  if link.anonymous == event.anonymous and joined(link) <= joined(event)]  # fmt: skip
        assert whose[event.event_id] == (event.customer or (max(before)[2] if before else event.anonymous))


def event(revision: int, known: int | None, value: float, row: str = "e") -> Event:
    return Event("a", None, 0, "visit", row, known=known, revision=revision, value=value)


def test_of_copies_the_highest_revision_gives_the_values_and_the_first_known_time_stays():
    copies = [event(2, 30, 3.0), event(1, 10, 1.0), event(2, 20, 2.0), event(1, None, 9.0, "alone")]
    for rows in (copies, copies[::-1]):
        found, _ = settle(rows)
        assert found.set_index("event_id")["value"].to_dict() == {"e": 2.0, "alone": 9.0}
        known = found.set_index("event_id")["known_at"]
        assert known["e"] == pd.Timestamp(10, unit="us", tz="UTC")
        assert pd.isna(known["alone"])


def test_events_come_in_the_order_in_which_they_joined_the_history():
    rows = [event(0, 5, 1.0, "late"), event(0, None, 2.0, "early"), event(0, 3, 3.0, "middle")]
    assert settle(rows)[0]["event_id"].tolist() == ["early", "middle", "late"]


def test_links_of_earlier_imports_count_too():
    prior = pd.DataFrame({"anonymous_id": ["x"], "customer_id": ["k1"], "joined": [3]})
    rows = [Event(None, "x", time, "view", str(time)) for time in (2, 3, 9)]
    assert settle(rows, prior=prior)[0]["customer_id"].tolist() == ["x", "k1", "k1"]


def test_a_consent_follows_its_person_and_only_changes_are_kept():
    said = [
        Consent(None, "x", time, None, state, "s") for time, state in ((0, "granted"), (5, "granted"), (6, "denied"))
    ]
    _, consents = settle([], [Link("k1", "x", 4)], said)
    assert consents.values.tolist() == [["x", "granted", 0, "s"], ["k1", "granted", 5, "s"], ["k1", "denied", 6, "s"]]
