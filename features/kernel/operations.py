"""The kinds of operations, in the order in which a Spec lists them, and what its numbers stand for."""

COUNT, RECENCY, TREND, SLOPE, OPENINGS, SUM, MEAN, EXTREME, LAST, STD, TENURE, GAPS = range(12)
STAGE, STAGE_TIME, STAGE_CHANGES, STAGE_BEFORE, STAGE_VISITS, EVENT_BEFORE, EVENT_GAP, ATTRIBUTE = range(12, 20)
DISTINCT, ENTROPY = range(20, 22)
OPERATIONS = 22
TO, ONE, TWO = range(3)  # columns of Spec.operations
CLOCKS, RHYTHMS, STACKS, VARIETIES, RULED = range(5)  # blocks of Lists behind those of the windows
NUMBER, DIFFERENT, DISORDER = range(3)  # rows of State.varied
ENTERED, STAGED = 0, 1  # rows of a customer's stage entries
