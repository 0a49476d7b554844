import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.events import Dimension, EventLog
from features.kinds import MISSING, MOST_COMBINED, NOT_NAMED, UNLISTED, Kinds

NAMES = ("a", "b", "c", "d")


def log_of(**columns):
    rows = len(next(iter(columns.values())))
    encoded = {name: Dimension.encode(np.array(texts, dtype=object)) for name, texts in columns.items()}
    return EventLog(np.array(["ann"], dtype=object), np.array([0, rows]), np.arange(rows), encoded, {}, rows)


def places(names):
    return NOT_NAMED | {name: number for number, name in enumerate(names, start=len(NOT_NAMED))}


texts = st.lists(st.tuples(*[st.sampled_from([*NAMES, None])] * 2), min_size=1, max_size=20)


@given(rows=texts, first=st.sets(st.sampled_from(NAMES)), second=st.sets(st.sampled_from(NAMES)))
def test_a_kind_says_what_an_event_is_in_every_dimension(rows, first, second):
    kinds = Kinds({"event": places(sorted(first)), "channel": places(sorted(second))})
    found = kinds.of(log_of(event=[row[0] for row in rows], channel=[row[1] for row in rows]))
    for row, numbers in zip(rows, found, strict=True):
        for text, (dimension, known) in zip(row, kinds.dimensions.items(), strict=True):
            name = MISSING if text is None else text if text in known else UNLISTED
            assert numbers[kinds.column_of(dimension)] in kinds.having(dimension, name)


def test_dimensions_of_too_many_combinations_are_looked_up_one_by_one():
    many = [str(number) for number in range(MOST_COMBINED)]
    kinds = Kinds({"event": places(NAMES), "product": places(many), "channel": places(NAMES)})
    assert kinds.columns == (("event",), ("product",), ("channel",))
    assert len(kinds) == 6 + MOST_COMBINED + 2 + 6
    assert kinds.of(log_of(event=["a"], product=["7"], channel=[None])).tolist() == [[2, 6 + 9, len(kinds) - 6]]


def test_a_dimension_that_the_log_lacks_is_missing():
    kinds = Kinds({"event": places(NAMES), "product": places(())})
    assert kinds.of(log_of(event=["a"]))[0, 0] in kinds.having("product", MISSING)
