"""What hazards and amounts come to, compiled: additions and multiplications in one order, so the same for any batch."""

from features.arrays import Floats, Ints
from features.kernel.compiling import compiled, inner


@compiled
def bar(hazards: Floats, cause: Ints) -> None:
    """Takes an impossible cause out of hazards of shape (rows, bins, 1 + causes); below zero, every one is possible."""
    for row in range(hazards.shape[0]):
        _bar(hazards[row], cause[row])


@compiled
def follow(hazards: Floats, edges: Floats, survival: Floats, incidence: Floats, waits: Floats) -> None:
    """Writes the survival at the end of each bin, by then the incidence of each cause, and the wait.

    The wait, shape (2, rows), is the median and the mean, with survival straight between ``edges``. The median is NaN
    where it lies behind the last edge; in the mean who waits longer counts with that edge.
    """
    for row in range(hazards.shape[0]):
        _follow(hazards[row], survival[row], incidence[row])
        _wait(edges, survival[row], waits[:, row])


@compiled
def bar_and_follow(
    hazards: Floats, cause: Ints, edges: Floats, survival: Floats, incidence: Floats, waits: Floats
) -> None:
    """Does both, as a question about one customer wants it: in one call."""
    for row in range(hazards.shape[0]):
        _bar(hazards[row], cause[row])
        _follow(hazards[row], survival[row], incidence[row])
        _wait(edges, survival[row], waits[:, row])


@inner
def _bar(hazards: Floats, cause: int) -> None:
    for place in range(hazards.shape[0]):
        if cause >= 0:
            hazards[place, cause + 1] = 0.0
        total = 0.0
        for outcome in range(hazards.shape[1]):
            total += hazards[place, outcome]
        if total <= 0.0:  # nothing else was possible, so nothing comes
            hazards[place, 0], total = 1.0, 1.0
        for outcome in range(hazards.shape[1]):
            hazards[place, outcome] /= total


@inner
def _follow(hazards: Floats, survival: Floats, incidence: Floats) -> None:
    alive = 1.0
    for place in range(hazards.shape[0]):
        for cause in range(incidence.shape[1]):
            before = incidence[place - 1, cause] if place > 0 else 0.0
            incidence[place, cause] = before + alive * hazards[place, cause + 1]
        alive *= hazards[place, 0]
        survival[place] = alive


@inner
def _wait(edges: Floats, survival: Floats, wait: Floats) -> None:
    high, total, found = 1.0, 0.0, False
    for place in range(survival.shape[0]):
        low, width = survival[place], edges[place + 1] - edges[place]
        total += width * (high + low) / 2.0
        if not found and low <= 0.5:
            found = True
            share = (high - 0.5) / (high - low if high > low else 1.0)
            wait[0] = edges[place] + share * width
        high = low
    if not found:
        wait[0] = float("nan")
    wait[1] = total


@compiled
def spend(raised: Floats, chance: Floats, scatter: tuple[Floats, Floats], levels: Floats, figures: Floats) -> None:
    """Writes the mean and some quantiles of what is spent, shape (1 + levels, rows, horizons).

    Nothing is spent with probability ``1 - chance``. Each figure is the greatest of its horizon and the shorter ones.

    Parameters
    ----------
    raised, chance
        The predicted amount before errors, plus one, and the probability to buy, shape (rows, horizons).
    scatter
        The mean of the factor by which errors change it, shape (horizons,), and evenly spaced quantiles of it, between
        which it is straight, shape (horizons, quantiles).
    """
    smearing, quantiles = scatter
    last = quantiles.shape[1] - 1
    for row in range(raised.shape[0]):
        for place in range(raised.shape[1]):
            p, amount = chance[row, place], raised[row, place]
            figures[0, row, place] = p * max(amount * smearing[place] - 1.0, 0.0)
            for number in range(len(levels)):
                level, total = levels[number], 0.0
                if 1.0 - p < level:
                    inside = min(max(1.0 - (1.0 - level) / p, 0.0), 1.0) * last
                    below = min(int(inside), last - 1)
                    step = quantiles[place, below + 1] - quantiles[place, below]
                    total = max(amount * (quantiles[place, below] + (inside - below) * step) - 1.0, 0.0)
                figures[1 + number, row, place] = total
            if place > 0:
                for number in range(figures.shape[0]):
                    before = figures[number, row, place - 1]
                    figures[number, row, place] = max(figures[number, row, place], before)
