"""When events became known: late, before they happened, all at once, or in the future."""

import numpy as np

from features.durations import DAY
from features.timestamps import to_iso
from training.readiness.finding import Finding, Verdict, date_of, percent, warn_if
from training.readiness.rows import Rows

LATE = DAY
MOST_LATE = 0.05
"""The share of events known more than a day late from which on a live score lacks what a later export has."""

MOST_BEFORE = 0.01
MOST_AT_ONCE = 0.5
QUANTILES = (0.5, 0.9, 0.99)


def lateness(rows: Rows) -> tuple[Finding, ...]:
    """Returns how late events became known, and whether ``known_at`` is the day of a mere load."""
    if rows.known is None:
        sentence = "there is no column known_at, so every event counts from its timestamp; name it if loads come late"
        return (Finding("late events", warn_if(False), sentence),)
    lag = rows.known - rows.columns.time
    late, before = int((lag > LATE).sum()), int((lag < 0).sum())
    quantiles = {f"q{share * 100:g}": float(np.quantile(lag, share) / DAY) for share in QUANTILES}
    told = ", ".join(f"{float(name[1:]):g} % within {days:.3g} days" for name, days in quantiles.items())
    sentence = f"{percent(late, len(rows))} became known more than a day after they happened; {told}"
    many, early = late > MOST_LATE * len(rows), before > MOST_BEFORE * len(rows)
    if many:
        sentence += "; a live score lacks them as training does, so load more often or ask with a longer horizon"
    if early:
        sentence += f"; {percent(before, len(rows))} were known before they happened, so see which clock is wrong"
    numbers = {"late": late, "before": before, "lag_days": quantiles}
    return Finding("late events", warn_if(many or early), sentence, numbers), *_at_once(rows)


def future(rows: Rows, now: int) -> tuple[Finding, ...]:
    """Returns the rows that happened, or became known, after ``now``, UTC microseconds; one day ahead is let pass."""
    time = rows.columns.time if rows.known is None else np.maximum(rows.columns.time, rows.known)
    ahead, refused = int((time > now).sum()), int(rows.is_ahead(now).sum())
    sentence = "none" if not ahead else f"{ahead:,} after now, the last at {to_iso(int(time.max()))}"
    verdict = warn_if(ahead > 0)
    if refused:
        verdict = Verdict.BLOCKS
        sentence += "; correct their timestamps or known_at. All other lines are without these rows"
    return (Finding("events of the future", verdict, sentence, {"rows": ahead, "more_than_a_day": refused}),)


def _at_once(rows: Rows) -> tuple[Finding, ...]:
    """Returns a finding if most of the history became known on one day: a load, which moves every event there."""
    if rows.known is None:
        return ()
    days, counts = np.unique(rows.known // DAY, return_counts=True)
    share, spread = counts.max() / len(rows), len(np.unique(rows.columns.time // DAY))
    if share <= MOST_AT_ONCE or spread < 7:
        return ()
    day = date_of(int(days[counts.argmax()]) * DAY)
    sentence = (
        f"{percent(int(counts.max()), len(rows))} of the events became known on {day}, whenever they happened: the day "
        "of a load, before which there is no history; leave known_at out for them"
    )
    return (Finding("known all at once", Verdict.WARNING, sentence, {"day": day, "share": float(share)}),)
