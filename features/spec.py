"""What passes between a plan and the compiled kernel: arrays by name.

The compiled code on disk is renewed when ``features/windows.py`` changes, not when this file does, so a change here
goes with one there.
"""

from typing import NamedTuple

from features.arrays import Bools, Codes, Floats, Ints, Places


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
        Rows (column, group, what left the window, window, what left the long window), sorted by kind; those of kind k
        are ``first[k]`` to ``first[k + 1]``. What left are places in ``State.held``.
    """

    width: Ints
    measure: Ints
    lists: Lists
    rules: Rules
    first: Ints
    operations: Places
    scale: Floats


class Events(NamedTuple):
    """A log as the kernel reads it; ``kinds`` has shape (events, dimensions), the others (..., events or customers)."""

    indptr: Ints
    time: Ints
    kinds: Codes
    measures: Floats
    attributes: Floats


class Rows(NamedTuple):
    """Rows sorted by customer and cutoff; those of customer c are ``pointer[c]`` to ``pointer[c + 1]``.

    ``place`` is where each one goes in the answer.
    """

    pointer: Ints
    cutoff: Ints
    place: Ints


class Holding(NamedTuple):
    """How the rules of the stages stand at a moment.

    Rule r holds until ``until[r]``, counted ``newest[r]`` last and ``seen[r]`` events in all; ``recent[r]`` holds the
    times of the last ``at_least`` of them in a ring. No rule ceases to hold before ``soonest[0]``.
    """

    until: Ints
    newest: Ints
    seen: Ints
    recent: Ints
    soonest: Ints


class State(NamedTuple):
    """What is known of one customer so far; the next customer uses the same space.

    Parameters
    ----------
    tail, opened, moved
        The first event inside each window, how many first events of a day left it, and how many stage entries lie
        before it; entry 0 of ``opened`` and ``moved`` counts what came so far.
    held, high, low
        Number of events and the two parts of the sum of their measures: what entered, for each group, then what left
        window 1, and so on, and last the zeros that left the lifetime.
    times, first, last, depth
        For each group its number of times, the first and last of them, and how many ``peaks`` are in use.
    opens
        Whether each event of the customer is the first of its day.
    gaps
        For each group the last gap, the first, and the sum and the sum of squares of what each exceeds the first by.
    peaks
        For each group the events that no later one reaches.
    entries
        When the customer enters which stage, shape (2, entries).
    """

    tail: Ints
    opened: Ints
    moved: Ints
    held: Ints
    high: Ints
    low: Ints
    times: Ints
    first: Ints
    last: Ints
    depth: Ints
    opens: Bools
    gaps: Floats
    peaks: Ints
    holding: Holding
    entries: Ints
