"""Whatever a line holds, it is taken or refused, and nothing breaks."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.sources.formats.cloudevents import CloudEvents
from features.sources.formats.ga4 import Ga4, Line
from features.sources.formats.segment import Segment
from features.sources.formats.snowplow import Snowplow
from features.sources.importing.records import Refused
from features.sources.importing.taking import Block, staged_schema, take
from tests.features.sources.conftest import GOLDEN

cells = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["key", "value", "name"]), inner),
    max_leaves=4,
)
SAMPLES = [
    (form, json.loads(line))
    for form, name in ((Ga4(), "ga4_events"), (Segment(), "segment"), (CloudEvents(), "cloudevents"))
    for line in (GOLDEN / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
]
SAMPLES.append((Snowplow(), {"event": "struct", "event_id": "1", "user_id": "a", "collector_tstamp": "2024-01-01"}))


@given(sample=st.sampled_from(SAMPLES), changes=st.data())
def test_a_row_with_any_cell_damaged_is_taken_or_refused(sample, changes):
    form, row = sample
    name = changes.draw(st.sampled_from(sorted(row)))
    line = json.dumps(row | {name: changes.draw(cells)}).encode()
    taken = take(form, None, Block("f", [(1, Line(None, line) if isinstance(form, Ga4) else line)]))
    assert (taken.read, taken.used + taken.aside.total() + taken.refused.total()) == (1, 1)
    assert all(table.schema == staged_schema(kind) for kind, table in taken.tables.items())


@pytest.mark.parametrize("line", [b"", b"[]", b"null", b"\xff", b'{"a":', b"{}", b'"x"', b"1"])
def test_what_is_no_row_at_all_is_refused(line):
    for form in (Segment(), CloudEvents(), Snowplow()):
        assert take(form, None, Block("f", [(7, line)])).refused.total() == 1
    taken = take(Ga4(), None, Block("f", [(7, Line(None, line))]))
    assert (taken.shown[0]["file"], taken.shown[0]["line"]) == ("f", 7)


def test_a_row_that_could_not_be_read_is_counted_with_the_others():
    taken = take(Segment(), None, Block("f", [(2, Refused("torn", "x"))]))
    assert taken.refused == Counter({"torn": 1})
    assert taken.shown == [{"file": "f", "line": 2, "reason": "torn", "detail": "x"}]
