"""The values of purchases: missing, nothing, or below nothing."""

from features.events import EVENT, VALUE, EventLog
from features.journey import Journey
from training.readiness.finding import Finding, percent, warn_if

MOST_MISSING = 0.01


def values(log: EventLog, journey: Journey) -> tuple[Finding, ...]:
    """Returns how many purchases have no value, a value of zero or a negative one."""
    value = log.measures[VALUE][log.dimensions[EVENT].is_in(journey.purchase)]
    missing, zero, negative = int((value != value).sum()), int((value == 0).sum()), int((value < 0).sum())
    total = len(value)
    numbers = {"purchases": total, "missing": missing, "zero": zero, "negative": negative}
    if total == missing:
        sentence = f"none of {total:,} purchases has a value, so there are no features of values"
        return (Finding("values of purchases", warn_if(False), sentence, numbers),)
    sentence = f"of {total:,} purchases {missing:,} have no value, {zero:,} a value of 0, {negative:,} a negative one"
    some_missing = missing > MOST_MISSING * total
    if some_missing:
        sentence += f"; sums pass over the {percent(missing, total)} without, so fill them in"
    if negative:
        sentence += "; a negative one is never a purchase, so name it a refund"
    return (Finding("values of purchases", warn_if(some_missing or negative > 0), sentence, numbers),)
