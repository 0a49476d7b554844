"""The bodies of requests and answers."""

import json
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from features.documents import Document, parse_document
from serving.errors import MalformedBodyError, RequestError

MOST = 10_000  # customers or events in one request

Name = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]  # some databases know no NUL
Moment = Annotated[str, Field(max_length=40)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class InlineEvent(Document, strict=True):
    """One event, in the words of the EventLog; times are ISO 8601 with a zone."""

    customer_id: Name
    timestamp: Moment
    event: Name
    channel: Name | None = None
    value: Number | None = None
    event_id: Name | None = None
    known_at: Moment | None = None
    dimensions: dict[Name, Name | None] = Field(default_factory=dict)
    measures: dict[Name, Number | None] = Field(default_factory=dict)


class ScoreRequest(Document, strict=True):
    """Whom to score: customers of the store, or the customers of the events that come along.

    Parameters
    ----------
    as_of
        The cutoff, ISO 8601 with a zone; now when not given.
    explain
        Whether each score comes with its reasons.
    targets
        Which kinds of target are scored, such as ``churn``; every one if left out.
    attributes
        By customer id, only with ``events``: what is known of a customer besides them.
    """

    customer_ids: list[Name] | None = Field(default=None, min_length=1, max_length=MOST)
    events: list[InlineEvent] | None = Field(default=None, min_length=1, max_length=MOST)
    attributes: dict[Name, dict[Name, Name | Number | None]] = Field(default_factory=dict)
    as_of: Moment | None = None
    explain: bool = False
    targets: list[Name] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _is_one_question(self) -> Self:
        if (self.customer_ids is None) == (self.events is None):
            raise ValueError("give either 'customer_ids' or 'events'")
        if self.attributes and self.events is None:
            raise ValueError("'attributes' come with 'events'; those of stored customers are in the store")
        strangers = self.attributes.keys() - {event.customer_id for event in self.events or ()}
        if strangers:
            raise ValueError(f"'attributes' names customer {min(strangers)!r} without an event; send one or remove it")
        return self


class ModelName(Document):
    """Which version of which model answers."""

    name: str
    version: str


class ScoreResponse(Document):
    """The scores in the order of the question, each record as ``Scores.records`` makes it."""

    model: ModelName
    as_of: str
    scores: list[dict[str, Any]]


class Problem(Document):
    """What went wrong, by RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


def parse_request(body: bytes) -> ScoreRequest:
    """Returns the request of a JSON body.

    Raises
    ------
    MalformedBodyError
        If the body is not JSON in UTF-8.
    RequestError
        If the JSON is no such request.
    """
    try:
        data = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as problem:
        reason = "it is nested too deeply" if isinstance(problem, RecursionError) else str(problem)
        raise MalformedBodyError(
            f'the body is not JSON in UTF-8: {reason}; send an object such as {{"customer_ids": ["1"]}}'
        ) from None
    return parse_document(data, ScoreRequest, RequestError, "body")
