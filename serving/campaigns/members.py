"""The campaigns of a store and their members: kept before anything is sent, and not changed by what follows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, bindparam, func, select

from features.arrays import Bools
from features.errors import ConfigError, did_you_mean
from features.ingest import CUSTOMER
from features.timestamps import to_iso
from serving.audit import salt_of
from serving.campaigns.arms import CONTROL, TREATED, is_held_out
from serving.database import Database, run_blocks
from serving.errors import UnknownCampaignError
from serving.identities import Identities
from serving.tables import CAMPAIGN_MEMBERS, CAMPAIGNS

HOLDOUT = 0.1
LONGEST_NAME = 200
SCORES = ("purchase", "churn")
"""By whose decile members are told apart: the first of these that the scores have."""


@dataclass(frozen=True)
class Campaign:
    """What is known of a campaign when it begins.

    Parameters
    ----------
    created_at
        UTC microseconds.
    holdout
        The share of its customers in the control group.
    audience
        The file of ``audiences/`` that it is for; None for every customer with a score.
    score
        By whose decile its members are told apart; None if the scores had none.
    """

    name: str
    created_at: int
    holdout: float
    audience: str | None
    score: str | None


@dataclass(frozen=True)
class Wanted:
    """What somebody asks of a campaign that is about to be sent.

    Parameters
    ----------
    holdout
        None for that of the campaign, or one tenth for a new one.
    """

    name: str
    holdout: float | None = None
    audience: str | None = None


def begin(database: Database, wanted: Wanted, frame: pd.DataFrame, now: int, keep: bool = True) -> pd.DataFrame:
    """Returns the rows of a score table that the campaign is sent to, and keeps who is in which arm.

    A customer's arm never changes, nor with an id under which the customer was a member before. Time, stage, decile and
    score are those of the first time; as long as nothing has been sent to anybody they are those of the last.

    Parameters
    ----------
    now
        UTC microseconds: from then on both arms are watched.
    keep
        Whether the arms are kept; without, nothing is written.

    Raises
    ------
    ConfigError
        If the name is empty or too long, or the holdout is no share or another one than the campaign has.
    """
    with database.writing() if keep else database.reading() as connection:
        campaign = _agreed(connection, wanted, frame, now)
        customers = [str(customer) for customer in frame[CUSTOMER]]
        held = _known_arms(connection, campaign.name, now)
        drawn = is_held_out(salt_of(connection), campaign.name, customers, campaign.holdout)
        control = np.array([held.get(name, out) for name, out in zip(customers, drawn.tolist(), strict=True)], bool)
        if keep:
            database.add_missing(connection, CAMPAIGNS, [asdict(campaign)])
            if not held:  # what was kept of a campaign that was never sent: the arms are drawn again, and the same
                connection.execute(CAMPAIGN_MEMBERS.delete().where(CAMPAIGN_MEMBERS.c.campaign == campaign.name))
            rows = _rows(campaign, frame, control, now)
            database.add_missing(connection, CAMPAIGN_MEMBERS, [row for row in rows if row[CUSTOMER] not in held])
    return frame[~control].assign(campaign=campaign.name)


def mark_sent(database: Database, campaign: str, customers: Sequence[str], now: int) -> None:
    """Keeps when customers were first sent a campaign."""
    c = CAMPAIGN_MEMBERS.c
    named = (c.campaign == campaign) & (c.customer_id == bindparam("who")) & c.sent_at.is_(None)
    statement = CAMPAIGN_MEMBERS.update().where(named, c.arm == TREATED).values(sent_at=now)
    with database.writing() as connection:
        run_blocks(connection, statement, [{"who": customer} for customer in customers])


def campaign_named(connection: Connection, name: str) -> Campaign:
    """Returns a campaign.

    Raises
    ------
    UnknownCampaignError
        If there is none of that name.
    """
    campaigns = {campaign.name: campaign for campaign in read_campaigns(connection)}
    if name not in campaigns:
        raise UnknownCampaignError(f"no campaign is called {name!r}; {did_you_mean(name, campaigns)}")
    return campaigns[name]


def read_campaigns(connection: Connection) -> list[Campaign]:
    """Returns every campaign, the oldest first."""
    rows = connection.execute(select(CAMPAIGNS).order_by(CAMPAIGNS.c.created_at, CAMPAIGNS.c.name))
    return [Campaign(*row) for row in rows]


def read_members(connection: Connection, campaign: str) -> pd.DataFrame:
    """Returns the members of a campaign, sorted by id; those erased since are not among them."""
    c = CAMPAIGN_MEMBERS.c
    columns = (c.customer_id, c.arm, c.assigned_at, c.sent_at, c.stage, c.decile, c.score)
    rows = connection.execute(select(*columns).where(c.campaign == campaign).order_by(c.customer_id)).all()
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    return frame.astype({"assigned_at": "int64", "sent_at": "Int64", "decile": "Int64", "score": "float64"})


def list_campaigns(database: Database) -> list[dict[str, Any]]:
    """Returns every campaign with the sizes of its arms, the oldest first."""
    c = CAMPAIGN_MEMBERS.c
    counts = select(c.campaign, c.arm, func.count(), func.count(c.sent_at)).group_by(c.campaign, c.arm)
    with database.reading() as connection:
        campaigns = read_campaigns(connection)
        sizes = {(name, arm): (members, sent) for name, arm, members, sent in connection.execute(counts)}
    return [
        asdict(campaign)
        | {
            "created_at": to_iso(campaign.created_at),
            "treated": sizes.get((campaign.name, TREATED), (0, 0))[0],
            "sent": sizes.get((campaign.name, TREATED), (0, 0))[1],
            "control": sizes.get((campaign.name, CONTROL), (0, 0))[0],
        }
        for campaign in campaigns
    ]


def describe_memberships(connection: Connection, customer_id: str) -> list[dict[str, Any]]:
    """Returns the campaigns that a customer was in, for whom they are about."""
    c = CAMPAIGN_MEMBERS.c
    rows = connection.execute(select(CAMPAIGN_MEMBERS).where(c.customer_id == customer_id).order_by(c.assigned_at))
    return [
        {
            "campaign": row.campaign,
            "arm": row.arm,
            "assigned_at": to_iso(row.assigned_at),
            "sent_at": None if row.sent_at is None else to_iso(row.sent_at),
            "stage": row.stage,
            "decile": row.decile,
            "score": row.score,
        }
        for row in rows
    ]


def _agreed(connection: Connection, wanted: Wanted, frame: pd.DataFrame, now: int) -> Campaign:
    """Returns the campaign as it is kept, or as it will be."""
    if not 0 < len(wanted.name.strip()) <= LONGEST_NAME:
        raise ConfigError(
            f"campaign {wanted.name[:20]!r} has no name or a long one; give up to {LONGEST_NAME} characters"
        )
    if wanted.holdout is not None and not 0 < wanted.holdout < 1:
        raise ConfigError(f"holdout is {wanted.holdout:g}; give a share between 0 and 1, like 10%")
    known = {campaign.name: campaign for campaign in read_campaigns(connection)}.get(wanted.name)
    if known is None:
        score = next((name for name in SCORES if f"{name}_decile" in frame.columns), None)
        return Campaign(wanted.name, now, wanted.holdout or HOLDOUT, wanted.audience, score)
    if wanted.holdout not in (None, known.holdout):
        raise ConfigError(
            f"campaign '{known.name}' holds out {known.holdout:g}, not {wanted.holdout:g}; "
            "leave --holdout out or give the campaign another name"
        )
    return known


def _known_arms(connection: Connection, campaign: str, now: int) -> dict[str, bool]:
    """Returns who is in the control group and who is not, by the ids that members had and have now.

    As long as nothing was sent to anybody, nobody is a member.
    """
    c = CAMPAIGN_MEMBERS.c
    rows = connection.execute(select(c.customer_id, c.arm, c.sent_at).where(c.campaign == campaign)).all()
    if all(row.sent_at is None for row in rows):
        return {}
    identities = Identities.known(connection, {row.customer_id for row in rows})
    held = {identities.resolve(row.customer_id, now): row.arm == CONTROL for row in rows}
    return held | {row.customer_id: row.arm == CONTROL for row in rows}


def _rows(campaign: Campaign, frame: pd.DataFrame, control: Bools, now: int) -> list[dict[str, Any]]:
    columns = {
        "customer_id": frame[CUSTOMER].astype("str").tolist(),
        "arm": np.where(control, CONTROL, TREATED).tolist(),
        "stage": _cells(frame, "stage_current"),
        "decile": _cells(frame, f"{campaign.score}_decile"),
        "score": _cells(frame, f"{campaign.score}_prob"),
    }
    same = {"campaign": campaign.name, "assigned_at": now, "sent_at": None}
    return [same | dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _cells(frame: pd.DataFrame, name: str) -> list[Any]:
    if name not in frame.columns:
        return [None] * len(frame)
    return [None if pd.isna(cell) else cell for cell in frame[name].astype(object)]
