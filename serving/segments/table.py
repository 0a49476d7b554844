"""The customers that segments choose from: a score table, what is known of each customer, and how long ago."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from features.arrays import Bools, Floats, Texts
from features.errors import did_you_mean
from features.events import Dimension
from features.ingest import CUSTOMER, VALID_FROM
from features.timestamps import parse_moment
from models.ranking import BANDS
from models.scores import EVENT_VECTOR, VECTOR

DAY_US = 86_400 * 10**6
RECENCY = {"last_event": "last_event_days", "stage_since": "stage_current_days"}
ALSO = {"stage": "stage_current", "next_stage": "stage_next"}
"""Names that mean a column of the score table."""
HIDDEN = (CUSTOMER, "as_of", "last_event", "stage_since", "model_version", "horizon_days")
RANKS = ("percentile", "decile", "band")
MADE_BY = {
    "persona": "personas",
    "purchase_uplift": "campaign uplift",
    "churn_uplift": "campaign uplift --outcome churn",
    "next_channel": "contact",
    "next_send_hour": "contact",
}
"""Columns that are there once a command has found something."""
YES_NO = ("purchase", "churn")
"""Targets that something is captured of."""


@dataclass(frozen=True)
class Category:
    """A column of texts.

    Parameters
    ----------
    known
        Every text that it may hold; None where any may come.
    """

    dimension: Dimension
    known: tuple[str, ...] | None = None

    def may_hold(self, text: str) -> bool:
        """Says whether a text is one of those that it holds, or that it is known to hold at times."""
        return text in self.dimension.names or text in (self.known or ())


@dataclass(frozen=True, eq=False)
class CustomerTable:
    """Columns of customers at one cutoff, ordered by id.

    Parameters
    ----------
    customer_id
        Sorted, shape (customers,).
    columns
        Numbers, NaN where missing, or texts; each of shape (customers,).
    opted_out
        Who refused to be scored or approached since the scores were made, shape (customers,).
    as_of
        The cutoff, UTC microseconds.
    horizon_days
        Of the columns without a horizon in their name.
    shifts
        By how much the probabilities of a target, such as ``churn_28d``, are off in some period; see ``captured``.
    """

    customer_id: Texts
    columns: Mapping[str, Floats | Category]
    opted_out: Bools
    as_of: int
    horizon_days: int
    shifts: Mapping[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.customer_id)

    @cached_property
    def probabilities(self) -> Mapping[str, Floats]:
        """The columns that hold the probability of a purchase or of churn, such as ``churn_28d``."""
        ends = {
            name: name.removeprefix(f"{kind}_") for kind in YES_NO for name in self.columns if name.startswith(kind)
        }
        return {
            name: column
            for name, end in ends.items()
            if (end == "prob" or (end.endswith("d") and end[:-1].isdecimal()))
            and isinstance(column := self.columns[name], np.ndarray)
        }

    def hint(self, name: str, known: Iterable[str]) -> str:
        """Says what to do about a column that is not there: call it right, or have it made."""
        made_by = None if name in self.columns else MADE_BY.get(name)
        return did_you_mean(name, known) if made_by is None else f"'nextstage {made_by}' makes it"

    def members(self, customer_ids: Iterable[str]) -> Bools:
        """Says which of the customers are among some."""
        wanted = customer_ids if isinstance(customer_ids, set | frozenset) else set(customer_ids)
        return np.fromiter((name in wanted for name in self.customer_id.tolist()), np.bool_, len(self))

    def without(self, opted_out: Iterable[str]) -> "CustomerTable":
        """Returns the same table, knowing who has opted out by now."""
        refused = frozenset(opted_out)
        return replace(self, opted_out=self.members(refused)) if refused else self

    @classmethod
    def of(
        cls,
        scores: pd.DataFrame,
        attributes: pd.DataFrame | None = None,
        opted_out: Iterable[str] = (),
        shifts: Mapping[str, float] | None = None,
    ) -> "CustomerTable":
        """Returns the table of a score table and of what else is known of its customers.

        Parameters
        ----------
        scores
            One row per customer, as ``Scores.frame`` makes it.
        attributes
            One row per ``customer_id``; customers without one know nothing. An attribute whose name a score has is
            called ``attribute_`` and its name.
        """
        frame = scores.sort_values(CUSTOMER, kind="stable", ignore_index=True)
        columns = _score_columns(frame)
        if attributes is not None:
            own = attributes.drop(columns=VALID_FROM, errors="ignore").set_index(CUSTOMER)
            for name, column in own.reindex(frame[CUSTOMER]).items():
                columns[f"attribute_{name}" if name in columns else str(name)] = _column(column)
        refused = np.zeros(len(frame), dtype=bool)
        horizon, moment = int(frame["horizon_days"].iloc[0]) if len(frame) else 0, _cutoff(frame)
        ids = frame[CUSTOMER].astype("str").to_numpy(dtype=object)
        return cls(ids, columns, refused, moment, horizon, shifts or {}).without(opted_out)


def _score_columns(frame: pd.DataFrame) -> dict[str, Floats | Category]:
    stages = tuple(name.removeprefix(VECTOR) for name in frame.columns if name.startswith(VECTOR)) or None
    events = tuple(name.removeprefix(EVENT_VECTOR) for name in frame.columns if name.startswith(EVENT_VECTOR)) or None
    closed = {"stage_current": stages, "stage_next": stages, "event_next": events}
    closed |= {name: BANDS for name in frame.columns if name.endswith("_band")}
    columns = {name: _column(frame[name], closed.get(name)) for name in frame.columns if name not in HIDDEN}
    columns |= {days: _days_since(frame, name) for name, days in RECENCY.items() if name in frame.columns}
    columns |= {name: columns[meant] for name, meant in ALSO.items() if meant in columns}
    if len(frame) and "horizon_days" in frame.columns:
        days = int(frame["horizon_days"].iloc[0])
        for kind in YES_NO:
            own = {rank: f"{kind}_{rank}" for rank in RANKS}
            columns |= {f"{kind}_{days}d_{rank}": columns[name] for rank, name in own.items() if name in columns}
    return columns


def _column(column: "pd.Series[Any]", known: tuple[str, ...] | None = None) -> Floats | Category:
    if pd.api.types.is_numeric_dtype(column.dtype):
        numbers: Floats = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return numbers
    codes, names = pd.factorize(column)
    return Category(Dimension.of(codes, [str(name) for name in names]), known)


def _days_since(frame: pd.DataFrame, name: str) -> Floats:
    """Returns the days from a moment of each customer to the cutoff; NaN where there is none."""
    moments = (pd.to_datetime(frame[column], utc=True, format="ISO8601") for column in ("as_of", name))
    now, then = (moment.to_numpy(dtype="datetime64[us]") for moment in moments)
    days: Floats = (now - then) / np.timedelta64(DAY_US, "us")
    return days


def _cutoff(frame: pd.DataFrame) -> int:
    return parse_moment(str(frame["as_of"].max())) if len(frame) and "as_of" in frame.columns else 0
