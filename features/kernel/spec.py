"""What passes between a plan and the compiled kernel: arrays by name."""

from typing import NamedTuple

from features.arrays import Codes, Counts, Floats, Ints, Places, Singles


class Lists(NamedTuple):
    """For each block and kind of event a list ``pointer[block, kind]`` to ``pointer[block, kind + 1]``.

    Block w lists the slots of window w that need an event's value: those that add up a measure, and those that count
    from a least value on. Then come the clocks with a least value, the rhythms, the stacks, the varieties, and the
    rules of the stages. An event whose value is below ``floor`` is passed over; a NaN floor admits all.
    """

    pointer: Ints
    member: Places
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
    gap
        How many microseconds without an event open a session; 0 stands for a new UTC day.
    measure
        The row of ``Events.measures`` that a slot adds up, or -1 where it only counts, shape (slots,).
    stacked
        For each stack its measure and what it keeps: 1 the largest, -1 the smallest, 0 every event, shape (stacks, 2).
    variety
        For each variety its window and the row of ``Events.codes`` whose different values it looks at, (varieties, 2).
    clocks, rhythms
        How many there are.
    counted
        The slots of each window that count an event of each kind whatever its value, shape (windows, kinds, most).
        Kinds that are counted by fewer are filled up with slots that nobody reads: the processor guesses right how
        many there are, which makes it cheaper than adding vectors of all slots.
    emptied
        All slots of each window, filled up alike, shape (windows, most).
    stamped
        The clocks that an event of each kind sets whatever its value, filled up alike, shape (kinds, most).
    operations
        Rows (column, two operands), sorted by kind; those of kind k are ``first[k]`` to ``first[k + 1]``. Some fill a
        run of columns: their operands are the first slot, clock or term that they read, and how many columns there are.
    terms
        Slots that slopes add up, each with the windows of one bucket, two, and so on; and those of runs of trends,
        first all short windows and then all long ones.
    tables, tabled
        What a kind of event is called in the columns of the last events, shape (tables, kinds),
        and the column of ``Events.kinds`` to look in.
    """

    width: Ints
    gap: Ints
    measure: Ints
    stacked: Ints
    variety: Ints
    clocks: int
    rhythms: int
    counted: Places
    emptied: Places
    stamped: Places
    lists: Lists
    rules: Rules
    first: Ints
    operations: Places
    scale: Floats
    terms: Places
    tables: Singles
    tabled: Ints


class Events(NamedTuple):
    """A log as the kernel reads it; ``kinds`` has shape (events, columns), the others (..., events or customers).

    ``codes`` are those of the log's own dictionaries, -1 where missing.
    """

    indptr: Ints
    time: Ints
    kinds: Places
    codes: Codes
    measures: Floats
    attributes: Floats


class Rows(NamedTuple):
    """Rows sorted by customer and cutoff; those of customer c are ``pointer[c]`` to ``pointer[c + 1]``.

    ``place`` is where each one goes in the answer.
    """

    pointer: Ints
    cutoff: Ints
    place: Places


class Holding(NamedTuple):
    """How the rules of the stages stand at a moment.

    Rule r holds until ``until[r]``, counted ``newest[r]`` last and ``seen[r]`` events in all; ``recent[r]`` holds the
    times of the last ``at_least`` of them in a ring, the next of which goes to place ``turn[r]``. No rule ceases to
    hold before ``soonest[0]``.
    """

    until: Ints
    newest: Ints
    seen: Ints
    turn: Ints
    recent: Ints
    soonest: Ints


class State(NamedTuple):
    """What is known of one customer so far; the next customer uses the same space.

    Parameters
    ----------
    tail, moved
        The first event inside each window, and how many stage entries lie before it; entry 0 of ``moved`` counts the
        entries so far.
    opened
        How many days or sessions the first n events open, for n from 0 on, shape (gaps, events + 2).
    held, sums
        For each slot how many events are in its window, and the two parts of the sum of their measures.
    clock
        For each clock the microseconds from the customer's first event to the last one of its group, minus infinity
        before it.
    beats, gaps
        For each rhythm its number of times, the first and last of them; and the last gap, NaN before it, the first, the
        sum and the sum of squares of what each gap exceeds the first by.
    stack, kept, depth
        For each stack the events it keeps, their values, and how many there are.
    of_each
        For each variety how many events in its window have each value; zeros between two customers.
    varied
        For each variety the number of its events, of different values, and the sum of ``terms`` of their numbers.
    terms
        n * log(n) as multiples of 2**-32, which add up without loss.
    entries
        When the customer enters which stage, shape (2, entries).
    visits
        How often each stage was entered, and the microseconds spent there in visits that have ended.
    """

    tail: Ints
    moved: Ints
    opened: Ints
    held: Counts
    sums: Ints
    clock: Floats
    beats: Ints
    gaps: Floats
    stack: Ints
    kept: Floats
    depth: Ints
    of_each: Counts
    varied: Ints
    terms: Ints
    holding: Holding
    entries: Ints
    visits: Ints
