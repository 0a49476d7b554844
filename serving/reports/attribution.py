"""Which channels the purchases came by: what each is credited with by its removal effect and by its Shapley value."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from features.durations import DAY
from features.events import EventLog
from features.journey import Journey
from features.touches import Paths, purchase_paths
from models.attribution import markov_credit, removal_effects, shapley_credit

WITHIN = 30 * DAY
"""A path ends when nothing follows for so long."""
MOST_CHANNELS = 50
"""Of more channels those with the fewest touches are taken together: the work grows with the fourth power."""
OTHER = "other"


@dataclass(frozen=True)
class Credit:
    """What one channel is credited with.

    Parameters
    ----------
    removal
        By what part fewer paths would end with a purchase without it.
    markov, shapley
        Purchases.
    """

    channel: str
    removal: float
    markov: float
    shapley: float


@dataclass(frozen=True)
class Attribution:
    """What every channel is credited with, the most first.

    Parameters
    ----------
    purchases
        Those at the end of paths; both ways share out exactly these.
    untouched
        Purchases with no touch before them.
    """

    channels: tuple[Credit, ...]
    paths: int
    purchases: int
    untouched: int

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return asdict(self)


def attribution(paths: Paths) -> Attribution:
    """Returns what each channel is credited with; no channel at all if no path ends with a purchase."""
    purchases = int(paths.converted.sum())
    if purchases == 0:
        return Attribution((), len(paths), 0, paths.untouched)
    columns = (removal_effects(paths), markov_credit(paths), shapley_credit(paths))
    rows = [Credit(name, *map(float, row)) for name, *row in zip(paths.channels, *columns, strict=True)]
    found = tuple(sorted(rows, key=lambda credit: (-credit.markov, credit.channel)))
    return Attribution(found, len(paths), purchases, paths.untouched)


def paths_until(log: EventLog, journey: Journey, as_of: int, within: int = WITHIN) -> Paths:
    """Returns the paths of a log's customers as they were at a cutoff; whoever else is in the log changes none."""
    return purchase_paths(replace(log.until(as_of), end=as_of), journey, within)


def concatenate(parts: Sequence[Paths], most: int = MOST_CHANNELS) -> Paths:
    """Returns the paths of several logs as if they had been one, with at most so many channels.

    Parameters
    ----------
    most
        Of more channels, all but the ``most - 1`` with most touches become ``other``.
    """
    names = sorted({name for part in parts for name in part.channels})
    place = {name: code for code, name in enumerate(names)}
    recodings = [np.array([place[name] for name in part.channels], dtype=np.int64) for part in parts]
    code = np.concatenate([recoding[part.code] for recoding, part in zip(recodings, parts, strict=True)])
    counts = np.concatenate([np.diff(part.indptr) for part in parts])
    channels, to = _fewer(names, np.bincount(code, minlength=len(names)).tolist(), most)
    code, path = np.array([to[name] for name in names], dtype=np.int64)[code], np.repeat(np.arange(len(counts)), counts)
    fresh = np.append(True, (np.diff(path) != 0) | (np.diff(code) != 0))[: len(code)]
    return Paths(
        channels=channels,
        code=code[fresh].astype(np.int32),
        indptr=np.append(0, np.cumsum(np.bincount(path[fresh], minlength=len(counts)))),
        converted=np.concatenate([part.converted for part in parts]),
        untouched=sum(part.untouched for part in parts),
    )


def _fewer(names: Sequence[str], touches: Sequence[int], most: int) -> tuple[tuple[str, ...], dict[str, int]]:
    """Returns the channels to tell apart, and which of them each name is."""
    if len(names) <= most:
        return tuple(names), {name: code for code, name in enumerate(names)}
    order = sorted(range(len(names)), key=lambda code: (-touches[code], names[code]))
    kept = sorted({*(names[code] for code in order[: most - 1]), OTHER})
    place = {name: code for code, name in enumerate(kept)}
    return tuple(kept), {name: place.get(name, place[OTHER]) for name in names}
