"""What the routes about customers and operations answer with, as the OpenAPI document describes it."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from serving.schemas import ModelName

Decision = Literal["granted", "denied", "revoked"]


class Accepted(BaseModel):
    """The messages are on the disk."""

    success: Literal[True]


class Status(BaseModel):
    """What a probe says."""

    status: Literal["alive", "ready"]


class Index(BaseModel):
    """Where to find what."""

    service: Literal["nextstage"]
    api: str


class StageSpell(BaseModel):
    """One stay in one stage; who is still in it has not left."""

    stage: str
    entered_at: str
    left_at: str | None


class KnownEvent(BaseModel):
    """An event as it is stored."""

    timestamp: str
    known_at: str | None
    event: str
    channel: str | None
    value: float | None
    event_id: str | None
    extra: dict[str, str | float | None]
    revision: int | None


class CustomerView(BaseModel):
    """What a CRM shows of one customer.

    Of one who opted out there is no stage, and the scores say ``suppressed``; of one without events there is neither.
    """

    customer_id: str
    as_of: str
    stage: str | None
    timeline: list[StageSpell]
    attributes: dict[str, str | float | None]
    consent: Decision | None
    suppressed: bool
    events_total: int
    events: list[KnownEvent]
    model: ModelName
    scores: dict[str, Any] | None = Field(description="The record that POST /score gives at this moment")


class KeptDecision(BaseModel):
    """A decision as it was kept, by the id that it is filed under."""

    customer_id: str
    decision: Decision
    at: str
    source: str


class ErasureReceipt(BaseModel):
    """What was erased, by table and kind of file; it does not name the customer."""

    receipt: str
    customer_hash: str
    erased_at: str
    erased: dict[str, int]


class CustomerRecord(BaseModel):
    """All that is stored under one id."""

    customer_id: str
    events: list[KnownEvent]
    attributes: dict[str, Any]
    dated_attributes: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    scores: list["KeptScores"]
    segments: list[dict[str, Any]]
    leading: list[dict[str, Any]]
    persona: str | None
    campaigns: list[dict[str, Any]]
    challenger_scores: list[dict[str, Any]]
    estimates: dict[str, Any] = Field(description="effects of campaigns, next channel and hour, as found last")


class KeptScores(BaseModel):
    """The scores of one run."""

    model: ModelName
    as_of: str
    scored_at: str
    scores: dict[str, Any]
    vectors: dict[str, Any]


class CustomerExport(BaseModel):
    """All that is held about a customer, by every id that leads to this one."""

    customer_id: str
    exported_at: str
    aliases: list[dict[str, str]] = Field(description="previous_id, since and customer_id of each")
    records: list[CustomerRecord]


ANSWERS: tuple[type[BaseModel], ...] = (
    Accepted,
    Status,
    Index,
    CustomerView,
    KeptDecision,
    ErasureReceipt,
    CustomerExport,
)
