"""Random worlds for the laws of design.md: raw rows on a coarse lattice of times, full of ties and window bounds."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from features.durations import DAY, LIFETIME
from features.events import Dimension, EventLog
from features.ingest import EventColumns, date_attributes, log_from_columns
from features.journey import Journey, Rule, Stage
from features.snapshots import Snapshots

START = 20_454 * DAY  # 2026-01-01
STEP = DAY // 4
LAST_STEP = 40
WINDOWS = ("6h", "1d", "3d", LIFETIME)
HORIZONS = ("6h", "2d")
CUSTOMERS = ("ann", "bob", "cat")
NAMED = ("buy", "view", "mail", "refund")
NOISE = "noise"  # the event that no journey names
EVENTS = (*NAMED, NOISE)
CHANNELS = ("app", "web")
TIERS = ("basic", "gold")
FAR = START + 4 * LAST_STEP * STEP  # an end of the log behind every horizon


class Row(NamedTuple):
    """One raw event."""

    customer: str
    time: int
    event: str
    channel: str | None
    value: float
    points: float


class Plan(NamedTuple):
    """What holds of a customer from a time on."""

    customer: str
    valid_from: int
    plan: str | None
    fee: float


@dataclass(frozen=True)
class World:
    """Raw rows in input order, and everything else that features and labels are functions of."""

    rows: tuple[Row, ...]
    journey: Journey
    asked: tuple[tuple[str, int], ...]
    end: int
    tiers: tuple[str | None, ...]
    ages: tuple[float, ...]
    plans: tuple[Plan, ...] = ()

    def log(self, customers: Sequence[str] = CUSTOMERS) -> EventLog:
        """Returns the log of some customers, those without rows included."""
        rows = [row for row in self.rows if row.customer in customers]
        log = log_from_columns(_columns(rows), end=self.end)
        places = [CUSTOMERS.index(customer) for customer in customers]
        counts = [sum(row.customer == customer for row in rows) for customer in customers]
        tiers = np.array([self.tiers[place] for place in places], dtype=object)
        return replace(
            log,
            customers=np.array(customers, dtype=object),
            indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            attributes={"tier": Dimension.encode(tiers), "age": np.array([self.ages[place] for place in places])},
            dated=date_attributes(self._plan_table(), np.array(customers, dtype=object), None),
        )

    def attributes(self, customer: str, cutoff: int) -> dict[str, str | float | None]:
        """Returns what is known of a customer at a cutoff."""
        place = CUSTOMERS.index(customer)
        plans = [plan for plan in self.plans if plan.customer == customer and plan.valid_from <= cutoff]
        plan = max(plans, key=lambda plan: plan.valid_from, default=Plan(customer, 0, None, math.nan))
        return {"tier": self.tiers[place], "age": self.ages[place], "plan": plan.plan, "fee": plan.fee}

    def _plan_table(self) -> pd.DataFrame:
        table = pd.DataFrame(self.plans, columns=["customer_id", "valid_from", "plan", "fee"])
        since = pd.to_datetime(table["valid_from"].astype("int64"), unit="us", utc=True)
        return table.assign(valid_from=since, plan=table["plan"].astype(object), fee=table["fee"].astype(float))

    def snapshots(self, log: EventLog) -> Snapshots:
        """Returns a row for each pair of ``asked``."""
        return Snapshots(log.positions([name for name, _ in self.asked]), np.array([at for _, at in self.asked]))

    @property
    def end_of_log(self) -> int:
        """The end that the log takes: the given one, or the last event if that is later."""
        return max([self.end, *(row.time for row in self.rows)])

    def history(self, customer: str) -> tuple[Row, ...]:
        """Returns one customer's rows by time; equal times keep their input order."""
        return tuple(sorted((row for row in self.rows if row.customer == customer), key=lambda row: row.time))


def _columns(rows: Sequence[Row]) -> EventColumns:
    texts = {name: np.array([getattr(row, name) for row in rows], dtype=object) for name in Row._fields}
    return EventColumns.encode(
        customer=texts["customer"],
        time=texts["time"].astype(np.int64),
        dimensions={name: texts[name] for name in ("event", "channel")},
        measures={name: texts[name].astype(np.float64) for name in ("value", "points")},
    )


def _lists(strategy, least, most):
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


numbers = st.sampled_from((math.nan, -2.0, 0.0, 0.1, 5.0)) | st.floats(-1e6, 1e6, allow_subnormal=False)
# one draw for all that is discrete: hypothesis is slow per draw
whats = st.sampled_from(list(itertools.product(CUSTOMERS, EVENTS, (*CHANNELS, None), (math.nan, 1.5, 7.0))))
steps = st.integers(0, LAST_STEP)
rows = st.builds(
    lambda what, step, value: Row(what[0], START + step * STEP, what[1], what[2], value, what[3]), whats, steps, numbers
)
many_rows = _lists(rows, 0, 12) | _lists(rows, 13, 40)
rules = st.builds(
    Rule,
    events=st.lists(st.sampled_from(NAMED), min_size=1, max_size=2, unique=True).map(tuple),
    at_least=st.integers(1, 3),
    within=st.sampled_from((None, "6h", "1d", "3d")),
    min_value=st.sampled_from((None, None, 0.0, 5.0)),
)
# a microsecond beside the lattice is the other side of a bound
cutoffs = st.builds(
    lambda step, beside: START + step * STEP + beside,
    st.integers(-2, LAST_STEP + 8),
    st.sampled_from((0, 0, 0, -1, 1)),
)
plans = st.lists(
    st.builds(Plan, st.sampled_from(CUSTOMERS), cutoffs, st.sampled_from((*TIERS, None)), st.sampled_from((1.0, 9.5))),
    max_size=5,
    unique_by=lambda plan: plan[:2],
).map(tuple)


def journeys(policy: str | None = None) -> st.SearchStrategy[Journey]:
    """Returns journeys of one to four stages under one policy, or either."""
    stages = _lists(_lists(rules, 1, 2), 1, 4)
    return st.builds(
        lambda listed, stage, activity: Journey(
            name="random",
            stage=stage,
            activity=activity,
            purchase=("buy",),
            refund=("refund",),
            stages=tuple(Stage(name=f"s{place}", rules=rules) for place, rules in enumerate(listed, start=1)),
        ),
        stages,
        st.just(policy) if policy else st.sampled_from(("furthest", "latest")),
        st.sampled_from((("buy",), ("buy", "view"))),
    )


def worlds(policy: str | None = None) -> st.SearchStrategy[World]:
    """Returns worlds; the log may end on, before or after any cutoff's horizon."""
    return st.builds(
        World,
        rows=many_rows,
        journey=journeys(policy),
        asked=_lists(st.tuples(st.sampled_from(CUSTOMERS), cutoffs), 1, 12),
        end=cutoffs,
        tiers=st.tuples(*[st.sampled_from((*TIERS, None))] * len(CUSTOMERS)),
        ages=st.tuples(*[st.just(math.nan) | st.integers(18, 99).map(float)] * len(CUSTOMERS)),
        plans=plans,
    )


def amid_others(world, others, seed):
    """Returns two worlds in which one customer lived alike, amid other people and in another order of rows."""
    asked = tuple((CUSTOMERS[1], cutoff) for _, cutoff in world.asked)
    own, strange = world.history(CUSTOMERS[1]), [row for row in others if row.customer != CUSTOMERS[1]]
    shuffled = [*own, *strange]
    seed.shuffle(shuffled)
    ties = iter(own)  # among equal times the order says which came last, so it stays
    kept = sorted((row for row in shuffled if row.customer == CUSTOMERS[1]), key=lambda row: row.time)
    ordered = {id(row): next(ties) for row in kept}
    rows = tuple(ordered.get(id(row), row) for row in shuffled)
    one = replace(world, asked=asked, end=FAR)
    plans = tuple(plan for plan in reversed(world.plans) if plan.customer == CUSTOMERS[1])
    ages = (1.0, world.ages[1], math.nan)
    return one, replace(one, rows=rows, tiers=(None, world.tiers[1], "gold"), ages=ages, plans=plans)
