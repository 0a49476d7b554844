"""Whether planted groups of customers are found, single clouds are left whole, and what the quickstart's personas are.

Run with ``python -m benchmarks.personas``: synthetic points with known groups, synthetic single clouds, and the retail
data of the quickstart. ``--quick`` draws fewer.
"""

import sys
import time
from typing import Any

import numpy as np
from rich.table import Table
from sklearn.metrics import adjusted_rand_score

from benchmarks.bars import at_least, at_most, command_line, console, settle
from features.arrays import Floats, Ints
from features.ingest import log_from_frame
from features.journey import load_journey
from features.persona_features import persona_features
from features.snapshots import Snapshots
from features.sources.completejourney import SCHEMA, read_events
from features.vocabulary import Vocabulary
from models.division import divide, nearest
from models.personas import Personas
from models.scale import Scale

ROWS, COLUMNS, APART = 1_500, 8, 6.0
DRAWS, FEW = 10, 3
GROUPS = (2, 3, 4, 5, 6)
CLOUDS = ("alike", "continuum", "long-tailed")
AGREEMENT, MOST_DIVIDED = 0.9, 0.05


def main() -> int:
    """Divides what is planted and what is not, prints the tables, and returns 1 if a bar is missed."""
    arguments = command_line(__doc__, f"{FEW} draws of each in place of {DRAWS}").parse_args()
    draws = FEW if arguments.quick else DRAWS
    planted = [found_groups(groups, draws) for groups in GROUPS]
    clouds = [divided_clouds(kind, draws) for kind in CLOUDS]
    real = retail()
    console.print(planted_table(planted, draws), cloud_table(clouds, draws), retail_table(real))
    bars = [
        at_least("planted numbers of groups found", draws * len(GROUPS), sum(row["found"] for row in planted)),
        at_least("adjusted Rand index, the worst", AGREEMENT, min(row["worst_agreement"] for row in planted)),
        at_most("single clouds divided", MOST_DIVIDED * draws * len(CLOUDS), sum(row["divided"] for row in clouds)),
    ]
    return settle(bars, "Personas", arguments.json, draws=draws, planted=planted, clouds=clouds, retail=real)


def found_groups(groups: int, draws: int) -> dict[str, Any]:
    """Returns how often a planted number of groups is found, and how well the groups agree."""
    agreements, found = [], 0
    for seed in range(draws):
        Z, truth = planted_points(groups, seed)
        division = divide(Z)
        found += len(division.centres) == groups
        agreements.append(float(adjusted_rand_score(truth, nearest(division.centres, Z))))
    return {"groups": groups, "found": found, "worst_agreement": min(agreements)}


def planted_points(groups: int, seed: int) -> tuple[Floats, Ints]:
    """Returns points around centres, the largest group a few times the smallest, and whose they are; synthetic."""
    rng = np.random.default_rng(seed)
    sizes = np.arange(2, groups + 2)
    truth = rng.choice(groups, ROWS, p=sizes / sizes.sum())
    points = APART * np.eye(COLUMNS)[truth] + rng.standard_normal((ROWS, COLUMNS))
    return (points - points.mean(axis=0)) / points.std(axis=0), truth


def divided_clouds(kind: str, draws: int) -> dict[str, Any]:
    """Returns how often a single cloud is divided."""
    return {"kind": kind, "divided": sum(len(divide(cloud(kind, seed)).centres) > 1 for seed in range(draws))}


def cloud(kind: str, seed: int) -> Floats:
    """Returns customers of one kind, as standardised as personas see them; synthetic.

    Alike: everybody does everything at the same rates. Continuum: from seldom to often, in everything at once.
    Long-tailed: amounts whose logarithms are normal.
    """
    rng = np.random.default_rng(seed)
    rates = np.geomspace(6.0, 60.0, COLUMNS)
    raw = {
        "alike": lambda: rng.poisson(rates, (ROWS, COLUMNS)),
        "continuum": lambda: rng.poisson(rates * np.exp(0.8 * rng.standard_normal((ROWS, 1)))),
        "long-tailed": lambda: np.exp(2.0 + 0.8 * rng.standard_normal((ROWS, COLUMNS))),
    }[kind]().astype(np.float32)
    return Scale.of(raw, np.zeros(COLUMNS, dtype=bool)).apply(raw)


def retail() -> dict[str, Any]:
    """Returns the personas of the quickstart's households at the end of their log."""
    log, journey = log_from_frame(read_events(), SCHEMA), load_journey("retail")
    features = persona_features(Vocabulary.of(log), journey)
    X = features.compute(log, journey, Snapshots.at(log, log.end))
    started = time.perf_counter()
    personas = Personas.find(features, journey, X)
    return {
        "customers": log.n_customers,
        "seconds": round(time.perf_counter() - started, 1),
        "trials": [{**vars(trial), "holds": trial.holds} for trial in personas.trials],
        "personas": [
            {"name": one.name, "share": one.share, "words": [(each.words, each.usual) for each in one.differences]}
            for one in personas.personas
        ],
    }


def planted_table(rows: list[dict[str, Any]], draws: int) -> Table:
    """Returns what was found of planted groups."""
    table = Table("planted groups", "found", "worst agreement", title=f"{ROWS:,} points in {COLUMNS} columns")
    for row in rows:
        table.add_row(str(row["groups"]), f"{row['found']} of {draws}", f"{row['worst_agreement']:.3f}")
    return table


def cloud_table(rows: list[dict[str, Any]], draws: int) -> Table:
    """Returns how often single clouds were divided."""
    table = Table("single cloud", "divided", title="Nothing to find")
    for row in rows:
        table.add_row(row["kind"], f"{row['divided']} of {draws}")
    return table


def retail_table(real: dict[str, Any]) -> Table:
    """Returns the personas of the retail data."""
    title = f"{real['customers']:,} households in {real['seconds']} s"
    table = Table("persona", "share", "what sets it apart", "all customers", title=title)
    for one in real["personas"]:
        words, usual = zip(*one["words"], strict=True)
        table.add_row(one["name"], f"{one['share']:.1%}", "\n".join(words), "\n".join(usual))
    return table


if __name__ == "__main__":
    sys.exit(main())
