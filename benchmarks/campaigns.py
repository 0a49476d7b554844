"""Whether the proof that a campaign helped can be trusted: simulated campaigns of which the effect is known.

Run with ``python -m benchmarks.campaigns``; ``--quick`` takes fewer campaigns. Every customer is simulated (synthetic):
arms are drawn by the hash that exports use, outcomes by chance. First, how often the report's interval covers the true
difference, beside the intervals that textbooks give; second, how often a campaign of the size that ``campaign power``
asks for is proven; third, what the order by expected effect gains (Qini), where customers differ and where not.
"""

import sys
from dataclasses import asdict, dataclass
from math import sqrt

import numpy as np
from rich.table import Table

from benchmarks.bars import Bar, at_most, command_line, console, settle
from features.arrays import Floats, Singles
from models.intervals import Estimate, Share, share_difference
from models.power import Trial
from models.qini import Arms, qini, qini_interval
from models.uplift import FOLDS, CrossFit, Uplift
from serving.campaigns.arms import is_held_out
from serving.campaigns.members import Campaign
from serving.campaigns.outcomes import ObservedMembers, Outcome
from serving.campaigns.report import UNPROVEN, compare

RUNS, QUICK = 200, 100
Z = 1.959964
FEATURES = 8


@dataclass(frozen=True)
class World:
    """A campaign of which everything is known."""

    customers: int
    holdout: float
    baseline: float
    effect: float


WORLDS = (
    World(20_000, 0.1, 0.08, 0.01),
    World(20_000, 0.1, 0.08, 0.0),
    World(2_000, 0.1, 0.08, 0.02),
    World(2_000, 0.1, 0.01, 0.0),
    World(300, 0.1, 0.05, 0.05),
)


@dataclass(frozen=True)
class Coverage:
    """How often, of 100 campaigns, intervals covered the truth, and the verdict was ``unproven``."""

    world: World
    report: float
    agresti_caffo: float
    wald: float
    unproven: float


@dataclass(frozen=True)
class Ordering:
    """What an order by expected effect gains, per 1,000 customers, on average over simulated worlds.

    Parameters
    ----------
    error
        The standard error of that average.
    possible
        What the order by the true effect gains.
    proven
        In how many of 100 worlds the interval lies above zero.
    """

    world: str
    learner: str
    gained: float
    error: float
    possible: float
    proven: float


def main() -> int:
    """Measures, prints the tables, and returns 1 if a bar is missed."""
    arguments = command_line(
        __doc__, f"{QUICK} campaigns of each kind in place of {RUNS}, and fewer worlds"
    ).parse_args()
    runs, worlds = (QUICK, 4) if arguments.quick else (RUNS, 12)
    coverages = [coverage(world, runs) for world in WORLDS]
    proven = proven_by_power(10 * runs)
    orderings = [ordering(world, learner, worlds) for world in ("differ", "alike", "none") for learner in "tx"]
    console.print(coverage_table(coverages), ordering_table(orderings))
    return settle(
        checked(coverages, proven, orderings),
        f"{runs} simulated campaigns of each kind",
        arguments.json,
        runs=runs,
        coverage=[asdict(each) for each in coverages],
        orderings=[asdict(each) for each in orderings],
    )


def coverage(world: World, runs: int) -> Coverage:
    """Returns how often the intervals of simulated campaigns cover the true difference."""
    held = np.zeros(4)
    for seed in range(runs):
        report = compare(Campaign("simulated", 0, world.holdout, None, None), Outcome(), simulated(world, seed), 0)
        if report.overall is None:
            continue
        arms = (report.overall.treated, report.overall.control)
        estimates = (report.overall.difference, agresti_caffo(*arms), wald(*arms))
        held[:3] += [estimate.low <= world.effect <= estimate.high for estimate in estimates]
        held[3] += report.verdict == UNPROVEN
    return Coverage(world, *(100 * held / runs).tolist())


def simulated(world: World, seed: int) -> ObservedMembers:
    """Returns what the members of one campaign did."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"c{number}" for number in range(world.customers)], dtype=object)
    treated = ~is_held_out(seed.to_bytes(32, "big"), "simulated", ids, world.holdout)
    happened = rng.random(world.customers) < world.baseline + world.effect * treated
    nothing = np.zeros(world.customers, dtype=np.int64)
    return ObservedMembers(
        ids, np.full(world.customers, None), nothing, treated, happened, happened * 20.0, nothing, 0, 0, 0
    )


def agresti_caffo(first: Share, second: Share) -> Estimate:
    """Returns the interval of Agresti and Caffo 2000, The American Statistician 54, 280-288."""
    return wald(Share(first.count + 1, first.of + 2), Share(second.count + 1, second.of + 2))


def wald(first: Share, second: Share) -> Estimate:
    """Returns the textbook's interval."""
    error = sqrt(sum(share.value * (1 - share.value) / share.of for share in (first, second)))
    difference = first.value - second.value
    return Estimate(difference, difference - Z * error, difference + Z * error)


def proven_by_power(runs: int) -> float:
    """Returns in how many of 100 campaigns of the size asked for the report's interval proves the effect."""
    trial, proofs = Trial(0.08, 0.2), 0
    size, rng = trial.size(), np.random.default_rng(0)
    for _ in range(runs):
        treated = Share(int(rng.binomial(size.treated, trial.changed)), size.treated)
        control = Share(int(rng.binomial(size.control, trial.baseline)), size.control)
        proofs += share_difference(treated, control).is_above_zero
    return 100 * proofs / runs


def ordering(world: str, learner: str, runs: int) -> Ordering:
    """Returns what a learner's order gains, on customers that it has not seen."""
    gained, possible, proven = [], [], 0
    columns = tuple(f"x{place}" for place in range(FEATURES))
    for seed in range(runs):
        X, arms, truth = customers(world, seed)
        crossed = CrossFit(
            np.arange(len(X)) % FOLDS,
            lambda x, part: Uplift.fit(x, part, columns, learner),  # type: ignore[arg-type]
        )
        order = crossed.order(X, arms)
        gained.append(1_000 * qini(order, arms))
        possible.append(1_000 * qini(truth, arms))
        proven += qini_interval(order, arms, np.arange(len(X))).is_above_zero
    error = float(np.std(gained, ddof=1) / np.sqrt(runs))
    return Ordering(world, learner, float(np.mean(gained)), error, float(np.mean(possible)), 100 * proven / runs)


def customers(world: str, seed: int, size: int = 20_000) -> tuple[Singles, Arms, Floats]:
    """Returns features, arms and true effects: of half of the customers, of all alike, or of nobody."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(size, FEATURES)).astype(np.float32)
    effect = {"differ": 0.1 * (X[:, 0] > 0), "alike": np.full(size, 0.05), "none": np.zeros(size)}[world]
    treated = rng.random(size) >= 0.2
    baseline = 0.05 + 0.15 / (1 + np.exp(-2.0 * X[:, 1]))
    happened = rng.random(size) < baseline + effect * treated
    return X, Arms(treated, np.full(size, 0.2), happened.astype(np.float64)), effect


def checked(coverages: list[Coverage], proven: float, orderings: list[Ordering]) -> list[Bar]:
    """Returns the bars: what is asked, what was measured, and whether it is met."""
    covered = [each.report for each in coverages]
    silent = [each.unproven for each in coverages if each.world.effect == 0]
    differ = [each for each in orderings if each.world == "differ"]
    same = [each for each in orderings if each.world != "differ"]
    off = max(abs(each.gained) / each.error for each in same)
    claimed = float(np.mean([each.proven for each in same]))
    share = min(each.gained / each.possible for each in differ)
    return [
        Bar("campaigns of 100 whose interval covers the effect", "90 to 99", span(covered), in_range(covered, 90, 99)),
        Bar("campaigns of 100 without effect of which that is said", ">= 90", span(silent), min(silent) >= 90),
        Bar("proven of 100 at the size that power asks for", "75 to 85", f"{proven:.1f}", 75 <= proven <= 85),
        Bar("Qini where customers differ, share of the possible", "> 0.5", f"{share:.2f}", share > 0.5),
        Bar("Qini where they do not, standard errors from zero", "< 3", f"{off:.1f}", off < 3),
        at_most("of 100 worlds where they do not, so many said to differ", 5, claimed),
    ]


def span(values: list[float]) -> str:
    """Returns the lowest and the highest value."""
    return f"{min(values):.1f} to {max(values):.1f}"


def in_range(values: list[float], low: float, high: float) -> bool:
    """Says whether every value is in a range, its ends included."""
    return low <= min(values) and max(values) <= high


def coverage_table(coverages: list[Coverage]) -> Table:
    """Returns how often intervals cover, world by world."""
    table = Table("customers", "left alone", "baseline", "effect", "report", "Agresti-Caffo", "Wald", "unproven")
    for each in coverages:
        world = each.world
        facts = (
            f"{world.customers:,}",
            f"{world.holdout:.0%}",
            f"{world.baseline:.0%}",
            f"{100 * world.effect:+.0f} pt",
        )
        table.add_row(*facts, *(f"{x:.1f}" for x in (each.report, each.agresti_caffo, each.wald, each.unproven)))
    return table


def ordering_table(orderings: list[Ordering]) -> Table:
    """Returns what orders by expected effect gain."""
    table = Table("effects", "learner", "Qini per 1,000", "error", "possible", "proven of 100")
    for one in orderings:
        figures = (f"{one.gained:+.2f}", f"{one.error:.2f}", f"{one.possible:.2f}", f"{one.proven:.0f}")
        table.add_row(one.world, one.learner, *figures)
    return table


if __name__ == "__main__":
    sys.exit(main())
