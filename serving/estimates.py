"""What is found of each customer from time to time, between scoring runs: effects of campaigns, channel and hour."""

import json
from typing import Any

import msgspec
import pandas as pd
from sqlalchemy import Connection, select

from features.ingest import CUSTOMER
from serving.database import Database, Row, run_blocks
from serving.runs import customers_among
from serving.tables import CUSTOMERS, ESTIMATES

KINDS = {
    "purchase_uplift": "float64",
    "churn_uplift": "float64",
    "next_channel": "str",
    "next_send_hour": "Int64",
}
"""The columns that there may be, each of which stays until it is found anew."""


def keep_estimates(database: Database, found: pd.DataFrame) -> None:
    """Keeps some columns of customers in place of those kept before; other columns stay as they are.

    Parameters
    ----------
    found
        One row per ``customer_id``; who is not in it has none of these columns any more.
    """
    columns = {name: found[name].astype("object").where(found[name].notna(), None) for name in found.columns}
    with database.writing() as connection:
        kept = _read(connection)
        for known in kept.values():
            for name in columns:
                known.pop(name, None)
        for customer, *values in zip(columns.pop(CUSTOMER), *columns.values(), strict=True):
            kept.setdefault(customer, {}).update(zip(columns, values, strict=True))
        present = customers_among(connection, CUSTOMERS, None)  # nobody who was erased since comes back
        left = {customer: known for customer, known in kept.items() if known and customer in present}
        rows: list[Row] = [{"customer_id": name, "estimates": json.dumps(known)} for name, known in left.items()]
        connection.execute(ESTIMATES.delete())
        run_blocks(connection, ESTIMATES.insert(), rows)


def read_estimates(connection: Connection) -> pd.DataFrame:
    """Returns the columns that have been found of anybody, with customers as the index."""
    kept = _read(connection)
    names = [name for name in KINDS if any(name in known for known in kept.values())]
    columns = {name: [known.get(name) for known in kept.values()] for name in names}
    return pd.DataFrame(columns, index=pd.Index(list(kept), dtype="str")).astype({name: KINDS[name] for name in names})


def with_estimates(scores: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """Returns a score table with the columns found of its customers; missing for who came later."""
    own = estimates.reindex(scores[CUSTOMER])
    return scores.assign(**{name: own[name].array for name in estimates.columns})


def _read(connection: Connection) -> dict[str, dict[str, Any]]:
    rows = connection.execute(select(ESTIMATES.c.customer_id, ESTIMATES.c.estimates)).all()
    return {customer: msgspec.json.decode(text) for customer, text in rows}
