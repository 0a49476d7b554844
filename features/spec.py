"""What passes between a plan and the compiled kernel: arrays by name.

The compiled code on disk is renewed when ``features/windows.py`` changes, not when this file does, so a change here
goes with one there.
"""

from typing import NamedTuple

from features.arrays import Bools, Codes, Floats, Ints


class Lists(NamedTuple):
    """For each block and kind of event a list ``pointer[block, kind]`` to ``pointer[block, kind + 1]``.

    Block 0 lists the groups that count an event as it enters, block w the groups that count it as it leaves window w,
    and the last three blocks the groups that keep times, the groups that keep maxima, and the rules of the stages. An
    event whose value is below ``floor`` is passed over; a NaN floor admits all.
    """

    pointer: Ints
    member: Ints
    floor: Floats


class Rules(NamedTuple):
    """The rules of all stages in their order, arrays of shape (rules,), and whether the latest event decides."""

    at_least: Ints
    within: Ints
    stage: Ints
    latest: bool


class Spec(NamedTuple):
    """What to compute: the same for every log.

    Parameters
    ----------
    width
        Microseconds of window 1, 2, ...; entry 0 stands for the lifetime.
    measure
        The row of ``Events.measures`` that a group reads, or -1, shape (groups,).
    operations
        Rows (column, group, window, long window), sorted by kind; those of kind k are ``first[k]`` to ``first[k + 1]``.
    """

    width: Ints
    measure: Ints
    lists: Lists
    rules: Rules
    first: Ints
    operations: Ints
    scale: Floats


class Events(NamedTuple):
    """A log as the kernel reads it; ``kinds`` has shape (events, dimensions), the others (..., events or customers)."""

    indptr: Ints
    time: Ints
    kinds: Codes
    measures: Floats
    attributes: Floats


class Rows(NamedTuple):
    """Cutoffs sorted by customer and time; those of customer c are ``pointer[c]`` to ``pointer[c + 1]``."""

    pointer: Ints
    cutoff: Ints


class State(NamedTuple):
    """What is known of one customer so far: used again for the next one.

    ``count``, ``high`` and ``low`` hold what entered in row 0 and what left window w in row w.
    """

    tail: Ints
    count: Ints
    high: Ints
    low: Ints
    opened: Ints
    opens: Bools
    times: Ints
    first: Ints
    last: Ints
    gaps: Floats
    depth: Ints
    peaks: Ints
    entries: Ints
    moved: Ints


class Holding(NamedTuple):
    """How the rules of the stages stand at a moment.

    Rule r holds until ``until[r]``, counted ``newest[r]`` last and ``seen[r]`` events in all; ``recent[r]`` holds the
    times of the last ``at_least`` of them in a ring.
    """

    until: Ints
    newest: Ints
    seen: Ints
    recent: Ints
