"""What customers decided about being scored; the latest decision counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from features.errors import did_you_mean
from serving.database import each_block, run_blocks
from serving.errors import RequestError
from serving.identities import all_leading, led_to
from serving.tables import CONSENTS

DECISIONS = ("granted", "denied", "revoked")
OPT_OUTS = frozenset(("denied", "revoked"))


@dataclass(frozen=True)
class Consent:
    """One decision of one customer.

    Parameters
    ----------
    decision
        One of ``DECISIONS``.
    at
        When it was made, UTC microseconds.
    source
        Where it came from, such as ``segment`` or ``preference centre``.
    """

    customer_id: str
    decision: str
    at: int
    source: str

    def __post_init__(self) -> None:
        if self.decision not in DECISIONS:
            raise RequestError(f"'{self.decision}' is no decision; {did_you_mean(self.decision, DECISIONS)}")


def write_consents(connection: Connection, consents: Iterable[Consent]) -> None:
    """Keeps decisions, each once; what was decided before stays, for it held then."""
    given = list(dict.fromkeys(consents))
    if given:
        known = frozenset(read_consents(connection, [consent.customer_id for consent in given]))
        run_blocks(connection, CONSENTS.insert(), [vars(consent) for consent in given if consent not in known])


def read_consents(connection: Connection, customer_ids: Sequence[str] | None) -> list[Consent]:
    """Returns every decision of some customers, or of all; the latest one last, of several at once a refusal."""
    c = CONSENTS.c
    query = select(c.customer_id, c.decision, c.at, c.source, c.sequence)
    rows = [row for block in each_block(c.customer_id, customer_ids) for row in connection.execute(query.where(block))]
    ordered = sorted(rows, key=lambda row: (row.at, row.decision in OPT_OUTS, row.sequence))
    return [Consent(*row[:4]) for row in ordered]


def suppressed(connection: Connection, customer_ids: Sequence[str] | None) -> frozenset[str]:
    """Returns those of some customers, or of all, who opted out: by these ids, or by one that these ever led to.

    What a browser did before it was known whose it is stays under its own id, and is that customer's all the same.
    """
    if customer_ids is not None:
        return suppressed_among(connection, led_to(connection, customer_ids))
    refused = _opted_out(connection, None)
    return refused | all_leading(connection, refused)


def suppressed_among(connection: Connection, leads: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Returns the same of ids of which it is known already to whom they lead."""
    refused = _opted_out(connection, [*leads, *(name for further in leads.values() for name in further)])
    return frozenset(name for name, further in leads.items() if name in refused or not refused.isdisjoint(further))


def _opted_out(connection: Connection, customer_ids: Sequence[str] | None) -> frozenset[str]:
    """Returns those of some ids, or of all, whose own latest decision is to opt out."""
    latest = {consent.customer_id: consent.decision for consent in read_consents(connection, customer_ids)}
    return frozenset(name for name, decision in latest.items() if decision in OPT_OUTS)
