"""The kinds of operations, in the order in which a Spec lists them, and what its numbers stand for."""

COUNT, RECENCY, TREND, SLOPE, OPENINGS, SUM, MEAN, EXTREME, LAST, STD, TENURE, GAPS = range(12)
STAGE, STAGE_TIME, STAGE_CHANGES, STAGE_BEFORE, STAGE_VISITS, EVENT_BEFORE, EVENT_GAP, ATTRIBUTE = range(12, 20)
OPERATIONS = 20
TO, ONE, TWO = range(3)  # columns of Spec.operations
CLOCKS, RHYTHMS, STACKS, RULED = range(4)  # blocks of Lists behind those of the windows
ENTERED, STAGED = 0, 1  # rows of a customer's stage entries
