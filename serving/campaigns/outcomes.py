"""What members did in the days after a campaign was sent, of both arms alike."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, select

from features.arrays import Bools, Floats, Ints, Texts
from features.durations import parse_duration
from features.errors import ConfigError, did_you_mean
from features.events import EVENT, EventLog
from features.ingest import CUSTOMER
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets import Churn, Purchase
from features.targets.firsts import NOTHING, first_events
from features.targets.purchase import spending
from features.targets.target import NO_LABEL
from serving.campaigns.arms import TREATED
from serving.identities import Identities
from serving.store import Store
from serving.tables import EVENTS

PURCHASE, CHURN, ANY_EVENT = "purchase", "churn", "event"
OUTCOMES = (PURCHASE, CHURN, ANY_EVENT)
LONGEST_DAYS = 366


@dataclass(frozen=True)
class Outcome:
    """What is looked for after a campaign.

    Parameters
    ----------
    kind
        ``purchase``: at least one; ``churn``: no activity, asked of customers who were active one horizon before;
        ``event``: at least one of a name.
    days
        How long after the sending.
    event
        The name.
    """

    kind: str = PURCHASE
    days: int = 28
    event: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in OUTCOMES:
            raise ConfigError(f"no outcome is called {self.kind!r}; {did_you_mean(self.kind, OUTCOMES)}")
        if (self.kind == ANY_EVENT) != (self.event is not None):
            raise ConfigError("the outcome 'event' needs the name of an event, and no other outcome takes one")
        if not 1 <= self.days <= LONGEST_DAYS:
            raise ConfigError(f"days is {self.days}; give a whole number from 1 to {LONGEST_DAYS}")

    @property
    def horizon(self) -> str:
        """The days as a duration."""
        return f"{self.days}d"

    @property
    def is_good(self) -> bool:
        """Says whether more of it is better."""
        return self.kind != CHURN

    def labels(self, log: EventLog, journey: Journey, snapshots: Snapshots, until: int) -> Ints:
        """Returns 1 where it happened, 0 where not, NO_LABEL where it is not asked or not yet known; shape (rows,)."""
        if self.kind == PURCHASE:
            return Purchase((self.horizon,)).labels(log, journey, snapshots, self.horizon, until)
        if self.kind == CHURN:
            return Churn((self.horizon,)).labels(log, journey, snapshots, self.horizon, until)
        named = np.where(log.dimensions[EVENT].is_in((self.event or "",)), 0, NOTHING)
        width = parse_duration(self.horizon)
        happened = first_events(log, named, snapshots).wait <= width
        return np.where(snapshots.cutoff + width <= until, happened, NO_LABEL)


@dataclass(frozen=True, eq=False)
class ObservedMembers:
    """The members whose outcome is known.

    Parameters
    ----------
    customer_id, stage, decile
        As they were when the campaign was sent, shapes (members,).
    is_treated, happened
        Shapes (members,).
    spend
        What they spent in the horizon, shape (members,).
    assigned_at
        UTC microseconds, shape (members,).
    too_early
        How many more there are whose horizon is not over.
    not_asked
        How many more there are of whom the question makes no sense, or nothing is known.
    complete_at
        When the horizon of the last member is over, UTC microseconds.
    """

    customer_id: Texts
    stage: Texts
    decile: Ints
    is_treated: Bools
    happened: Bools
    spend: Floats
    assigned_at: Ints
    too_early: int
    not_asked: int
    complete_at: int


def observe(store: Store, journey: Journey, members: pd.DataFrame, outcome: Outcome, now: int) -> ObservedMembers:
    """Returns what members did in the horizon after the moment at which their arm was drawn.

    Everybody counts in the arm that was drawn, sent or refused (intention to treat): the control group holds customers
    that would have been refused as well.

    Parameters
    ----------
    now
        UTC microseconds; a horizon is over when it ends at or before then, and before the newest event of the store.

    Raises
    ------
    ConfigError
        If nobody has ever done an event of the name asked for.
    """
    width = parse_duration(outcome.horizon)
    complete_at = int(members["assigned_at"].max()) + width if len(members) else now
    with store.database.reading() as connection:
        until = min(now, _newest(connection))
        filed, known = _filed(connection, members, until)
        if outcome.event is not None:
            _check_event(connection, outcome.event)
    over = (members["assigned_at"] + width <= until).to_numpy(dtype=bool)
    chosen = members[over & known]
    if chosen.empty:
        labels, spent = np.empty(0, dtype=np.int64), np.empty(0)
    else:
        log = store.log(sorted(set(filed[over & known])))
        where = pd.Index(log.customers).get_indexer(filed[over & known]).astype(np.int64)
        snapshots = Snapshots(where, chosen["assigned_at"].to_numpy(dtype=np.int64))
        labels = outcome.labels(log, journey, snapshots, until)
        spent = spending(log, journey, snapshots, outcome.horizon)
    asked = labels != NO_LABEL
    told = chosen[asked]
    return ObservedMembers(
        customer_id=filed[over & known][asked],
        stage=told["stage"].to_numpy(dtype=object),
        decile=told["decile"].fillna(0).to_numpy(dtype=np.int64),
        is_treated=(told["arm"] == TREATED).to_numpy(dtype=bool),
        happened=labels[asked] == 1,
        spend=spent[asked],
        assigned_at=told["assigned_at"].to_numpy(dtype=np.int64),
        too_early=int((~over).sum()),
        not_asked=int(over.sum() - asked.sum()),
        complete_at=complete_at,
    )


def _newest(connection: Connection) -> int:
    c = EVENTS.c
    return int(connection.scalar(select(func.max(c.timestamp))) or 0)


def _filed(connection: Connection, members: pd.DataFrame, until: int) -> tuple[Texts, Bools]:
    """Returns the id that each member's events are filed under by now, and whether it has any.

    Of several members who turned out to be one customer, the first counts.
    """
    ids = members[CUSTOMER].tolist()
    identities = Identities.known(connection, set(ids))
    filed = np.array([identities.resolve(name, until) for name in ids], dtype=object)
    known = frozenset(connection.scalars(select(EVENTS.c.customer_id).distinct()))
    first = ~pd.Series(filed, dtype=object).duplicated().to_numpy()
    return filed, first & np.array([name in known for name in filed], dtype=bool)


def _check_event(connection: Connection, event: str) -> None:
    names = list(connection.scalars(select(EVENTS.c.event).distinct()))
    if event not in names:
        raise ConfigError(f"nobody has ever done an event {event!r}; {did_you_mean(event, names)}")
