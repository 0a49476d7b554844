"""The tables of the event store, as queries see them; ``serving.migrations`` makes them."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, Table, Text, UniqueConstraint

metadata = MetaData()
Sequence = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only in a column called INTEGER

ABOUT = Table(
    "about",
    metadata,
    Column("name", Text, primary_key=True, doc="version of these tables, salt of the audit log, erasing since"),
    Column("value", Text, nullable=False),
)

EVENTS = Table(
    "events",
    metadata,
    Column("sequence", Sequence, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("timestamp", BigInteger, nullable=False, doc="UTC microseconds"),
    Column("known_at", BigInteger, doc="UTC microseconds; none when the source does not say"),
    Column("event", Text, nullable=False),
    Column("channel", Text),
    Column("value", Double),
    Column("event_id", Text, unique=True),
    Column("extra", Text, doc="JSON: declared dimensions and measures"),
    Column("revision", BigInteger, doc="of copies the highest counts; none is 0"),
    Index("events_by_customer", "customer_id", "timestamp"),
)

CUSTOMERS = Table(
    "customers",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("attributes", Text, nullable=False, doc="JSON: what holds at any time"),
)

DATED_ATTRIBUTES = Table(
    "dated_attributes",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("valid_from", BigInteger, primary_key=True, doc="UTC microseconds"),
    Column("attributes", Text, nullable=False, doc="JSON: what changed then"),
)

FIELDS = Table(
    "fields",
    metadata,
    Column("sequence", Sequence, primary_key=True),
    Column("scope", Text, nullable=False, doc="event, customer or dated"),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, doc="text or number"),
    UniqueConstraint("scope", "name"),
)

ALIASES = Table(
    "aliases",
    metadata,
    Column("previous_id", Text, primary_key=True),
    Column("since", BigInteger, primary_key=True, doc="UTC microseconds: when it became known"),
    Column("customer_id", Text, nullable=False),
    Index("aliases_by_customer", "customer_id"),
)

CONSENTS = Table(
    "consents",
    metadata,
    Column("sequence", Sequence, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("decision", Text, nullable=False, doc="granted, denied or revoked"),
    Column("at", BigInteger, nullable=False, doc="UTC microseconds"),
    Column("source", Text, nullable=False),
    Index("consents_by_customer", "customer_id", "at"),
)

RUNS = Table(
    "runs",
    metadata,
    Column("run_id", Sequence, primary_key=True),
    Column("model_name", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("as_of", BigInteger, nullable=False, doc="UTC microseconds: the cutoff of every score of the run"),
    Column("scored_at", BigInteger, nullable=False, doc="UTC microseconds: when it began"),
    Column("state", Text, nullable=False, server_default="finished", doc="running or finished"),
    Column("since", BigInteger, doc="UTC microseconds: only customers with changes since then; none for everybody"),
    Column("changes_seen", BigInteger, nullable=False, server_default="0", doc="the last change before it began"),
)

SCORES = Table(
    "scores",
    metadata,
    Column("run_id", BigInteger, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Column("scores", Text, nullable=False, doc="JSON: the flat columns of the score table"),
    Column("vectors", Text, doc="JSON: by target of more than two classes, their probabilities by horizon"),
    Index("scores_by_customer", "customer_id"),
)

KEYS = Table(
    "keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, doc="SHA-256 of the key, which nobody keeps"),
    Column("scopes", Text, nullable=False, doc="separated by spaces"),
    Column("created_at", BigInteger, nullable=False, doc="UTC microseconds"),
    Column("revoked_at", BigInteger, doc="UTC microseconds"),
)

AUDIT = Table(
    "audit",
    metadata,
    Column("sequence", Sequence, primary_key=True),
    Column("at", BigInteger, nullable=False, doc="UTC microseconds"),
    Column("actor", Text, nullable=False, doc="the id of a key, 'loopback' or 'command line'"),
    Column("action", Text, nullable=False),
    Column(
        "subject",
        Text,
        nullable=False,
        doc="the id of a key, the name of a segment, or the salted hash of a customer's id",
    ),
    Column("detail", Text, nullable=False, doc="JSON"),
)

REPORTS = Table(
    "reports",
    metadata,
    Column("run_id", BigInteger, primary_key=True),
    Column("report", Text, nullable=False, doc="JSON: figures of all customers of the run together, no ids"),
)

LEADERS = Table(
    "leaders",
    metadata,
    Column("run_id", BigInteger, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Column("stage", Text, nullable=False),
    Column("place", BigInteger, nullable=False, doc="1 is most likely to leave the stage"),
    Index("leaders_by_stage", "run_id", "stage", "place"),
    Index("leaders_by_customer", "customer_id"),
)

SEGMENTS = Table(
    "segments",
    metadata,
    Column("name", Text, primary_key=True),
    Column("definition", Text, nullable=False, doc="JSON: what the segment says"),
    Column("saved_at", BigInteger, nullable=False, doc="UTC microseconds"),
    Column("refresh", BigInteger, nullable=False, doc="the number of the last one, from 1"),
    Column("refreshed_at", BigInteger, nullable=False, doc="UTC microseconds"),
    Column("as_of", BigInteger, nullable=False, doc="UTC microseconds: the cutoff of the scores it was chosen by"),
    Column("preview", Text, nullable=False, doc="JSON: what it gave, in numbers"),
    Column("problem", Text, doc="why the last scores could not refresh it"),
)

SEGMENT_MEMBERS = Table(
    "segment_members",
    metadata,
    Column("segment", Text, primary_key=True),
    Column("refresh", BigInteger, primary_key=True),
    Column("place", BigInteger, primary_key=True, doc="1 for the best"),
    Column("customer_id", Text, nullable=False),
    Column("score", Double, nullable=False, doc="what the segment is ordered by"),
    Index("segment_members_by_customer", "customer_id"),
)

PERIOD_SHIFTS = Table(
    "period_shifts",
    metadata,
    Column("model_name", Text, primary_key=True),
    Column("model_version", Text, primary_key=True),
    Column("shifts", Text, nullable=False, doc="JSON: by target, how far a period shifts the odds"),
)

PERSONAS = Table(
    "personas",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("persona", Text, nullable=False),
)

CAMPAIGNS = Table(
    "campaigns",
    metadata,
    Column("name", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False, doc="UTC microseconds"),
    Column("holdout", Double, nullable=False, doc="the share of customers in the control group"),
    Column("audience", Text, doc="which file of audiences/; none for every customer with a score"),
    Column("score", Text, doc="whose decile members are told by; none if the scores had no decile"),
)

CAMPAIGN_MEMBERS = Table(
    "campaign_members",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Column("arm", Text, nullable=False, doc="treated or control"),
    Column("assigned_at", BigInteger, nullable=False, doc="UTC microseconds: from when on both arms are watched"),
    Column("sent_at", BigInteger, doc="UTC microseconds; none for the control group and who was refused"),
    Column("stage", Text, doc="at that time, as is what follows"),
    Column("decile", BigInteger),
    Column("score", Double),
    Index("campaign_members_by_customer", "customer_id"),
)

SCORECARDS = Table(
    "scorecards",
    metadata,
    Column("run_id", BigInteger, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("horizon", Text, primary_key=True),
    Column("matured_at", BigInteger, nullable=False, doc="UTC microseconds"),
    Column("card", Text, nullable=False, doc="JSON: figures with intervals, what was promised, calibration, deciles"),
)

VERDICTS = Table(
    "verdicts",
    metadata,
    Column("sequence", Sequence, primary_key=True),
    Column("at", BigInteger, nullable=False, doc="UTC microseconds"),
    Column("model_name", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("verdict", Text, nullable=False, doc="waiting, healthy, drifting or failing"),
    Column("detail", Text, nullable=False, doc="JSON: the reasons, and the drift of each score and feature"),
)

SHADOW_SCORES = Table(
    "shadow_scores",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("model_name", Text, primary_key=True),
    Column("model_version", Text, primary_key=True),
    Column("day", Text, primary_key=True, doc="of the cutoff, ISO 8601, UTC"),
    Column("as_of", BigInteger, nullable=False, doc="UTC microseconds"),
    Column("scores", Text, nullable=False, doc="JSON: the record that a champion would have answered"),
)

CHANGES = Table(
    "changes",
    metadata,
    Column("sequence", Sequence, primary_key=True, doc="grows with every change, in the order they become visible"),
    Column("customer_id", Text, nullable=False, unique=True, doc="whose scores may change; empty for everybody's"),
)

ESTIMATES = Table(
    "estimates",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("estimates", Text, nullable=False, doc="JSON: effects of campaigns, next channel and hour, as found last"),
)
