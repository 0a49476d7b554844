"""Whom campaigns move: learnt from past ones, tested on customers not seen, and used only if that holds."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from features.arrays import Floats, Ints, Singles, Texts
from features.errors import ConfigError, did_you_mean
from features.events import EventLog
from features.ingest import CUSTOMER
from features.snapshots import Snapshots
from models.intervals import Estimate
from models.predictor import Predictor
from models.qini import Arms, qini_interval
from models.uplift import ENOUGH, FOLDS, CrossFit, Evidence, Learner, Uplift
from serving.campaigns.arms import places
from serving.campaigns.members import read_campaigns, read_members
from serving.campaigns.outcomes import ANY_EVENT, Outcome, observe
from serving.campaigns.report import plain_estimate
from serving.score_table import BLOCK
from serving.store import Store

LEARNERS = ("t", "x")


@dataclass(frozen=True, eq=False)
class PastCampaigns:
    """The members of all campaigns whose days are over.

    Parameters
    ----------
    customer_id, cutoff
        Who, and the moment of sending in UTC microseconds, shapes (rows,).
    arms
        With the outcome that is wanted: a purchase, or not having left.
    campaigns
        How many there are.
    """

    customer_id: Texts
    cutoff: Ints
    arms: Arms
    campaigns: int

    @classmethod
    def read(cls, store: Store, predictor: Predictor, outcome: Outcome, now: int) -> "PastCampaigns":
        """Returns what the store knows; who refused consent is not learnt from."""
        with store.database.reading() as connection:
            known = [(campaign, read_members(connection, campaign.name)) for campaign in read_campaigns(connection)]
        refused = store.suppressed()
        parts = []
        for campaign, members in known:
            kept = members[~members[CUSTOMER].isin(refused)]
            seen = observe(store, predictor.journey, kept, outcome, now)
            wanted = seen.happened if outcome.is_good else ~seen.happened
            if len(wanted):
                parts.append((seen, wanted, np.full(len(wanted), campaign.holdout)))
        none = np.empty(0)
        return cls(
            customer_id=np.concatenate([none.astype(object), *(seen.customer_id for seen, _, _ in parts)]),
            cutoff=np.concatenate([none.astype(np.int64), *(seen.assigned_at for seen, _, _ in parts)]),
            arms=Arms(
                np.concatenate([none.astype(bool), *(seen.is_treated for seen, _, _ in parts)]),
                np.concatenate([none, *(holdout for _, _, holdout in parts)]),
                np.concatenate([none, *(wanted.astype(np.float64) for _, wanted, _ in parts)]),
            ),
            campaigns=len(parts),
        )

    def features(self, store: Store, predictor: Predictor) -> Singles:
        """Returns what the predictor looks at, as it was when each campaign was sent; shape (rows, columns)."""
        log = store.log(sorted(set(self.customer_id)))
        return predictor.features(log, Snapshots(_positions(log, self.customer_id), self.cutoff))


@dataclass(frozen=True, eq=False)
class Effects:
    """What was learnt of whom campaigns move.

    Parameters
    ----------
    missing
        What there was too little of; nothing was learnt then.
    rows, campaigns
        Of how many members and campaigns.
    qini
        Of customers that the learner had not seen, in the unit of the outcome per customer.
    overall
        The effect of the campaigns on everybody.
    """

    predictor: Predictor
    outcome: Outcome
    learner: str
    missing: str
    rows: int
    campaigns: int
    qini: Estimate | None = None
    overall: float | None = None
    uplift: Uplift | None = None

    @classmethod
    def learn(
        cls,
        store: Store,
        predictor: Predictor,
        outcome: Outcome,
        learner: str,
        now: int,
        enough: Evidence | None = None,
    ) -> "Effects":
        """Learns from every campaign of the store whose days are over.

        Raises
        ------
        ConfigError
            If there is no such learner, or the outcome is neither purchase nor churn.
        """
        if learner not in LEARNERS:
            raise ConfigError(f"no learner is called {learner!r}; {did_you_mean(learner, LEARNERS)}")
        if outcome.kind == ANY_EVENT:
            raise ConfigError("effects are learnt on 'purchase' or 'churn'; give one of them by --outcome")
        history = PastCampaigns.read(store, predictor, outcome, now)
        arms = history.arms
        missing = (enough or ENOUGH).missing(history.campaigns, arms)
        facts = (predictor, outcome, learner, missing, len(arms.outcome), history.campaigns)
        if missing:
            return cls(*facts)
        X, columns = history.features(store, predictor), predictor.feature_set.columns
        fold = (places(b"", "fold", history.customer_id) * FOLDS).astype(np.int64)
        crossed = CrossFit(fold, lambda x, part: Uplift.fit(x, part, columns, cast(Learner, learner)))
        customer, _ = pd.factorize(history.customer_id)
        found = qini_interval(crossed.order(X, arms), arms, customer.astype(np.int64))
        means = [np.average(arms.outcome[arm], weights=arms.weight[arm]) for arm in (arms.is_treated, ~arms.is_treated)]
        whole = Uplift.fit(X, arms, columns, cast(Learner, learner))
        return cls(*facts, qini=found, overall=float(means[0] - means[1]), uplift=whole)

    @property
    def is_proven(self) -> bool:
        """Says whether choosing by effect is better than by chance, on customers not seen."""
        return self.qini is not None and self.qini.is_above_zero

    def expect(self, store: Store, customers: list[str], as_of: int) -> Floats:
        """Returns the effect that a campaign sent at a moment is expected to have on each customer.

        Not a number for a customer without events.
        """
        if self.uplift is None:
            raise RuntimeError("expect was called before anything was learnt")
        known = set(store.customers())
        effect = np.full(len(customers), np.nan)
        rows = np.array([place for place, name in enumerate(customers) if name in known], dtype=np.int64)
        for first in range(0, len(rows), BLOCK):
            block = rows[first : first + BLOCK]
            names = np.array([customers[row] for row in block], dtype=object)
            log = store.log(names.tolist())
            cutoffs = np.full(len(block), as_of, dtype=np.int64)
            X = self.predictor.features(log, Snapshots(_positions(log, names), cutoffs))
            effect[block] = self.uplift.effect(X)
        return effect

    def sentence(self) -> str:
        """Says what was found, and what was written."""
        if self.qini is None:
            return f"Not enough: {self.missing}. Nothing was learnt; send campaigns with --campaign and wait."
        found = f"{self.rows:,} members of {self.campaigns} campaigns"
        area = f"Qini {self.qini.value:+.5f}, 95 % interval {self.qini.low:+.5f} to {self.qini.high:+.5f}"
        if self.is_proven:
            column = f"{self.outcome.kind}_uplift"
            return f"Customers differ in what moves them ({area}, of {found}): scores.parquet has the column {column}."
        return f"No proof that choosing by effect is better than by chance ({area}, of {found}); nothing was written."

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return {
            "outcome": self.outcome.kind,
            "days": self.outcome.days,
            "learner": self.learner,
            "missing": self.missing,
            "rows": self.rows,
            "campaigns": self.campaigns,
            "qini": None if self.qini is None else plain_estimate(self.qini),
            "overall": self.overall,
            "written": self.is_proven,
        }


def _positions(log: EventLog, customers: Texts) -> Ints:
    positions: Ints = pd.Index(log.customers).get_indexer(customers).astype(np.int64)
    return positions
