"""What the paths and queries of requests name, as the OpenAPI document describes it, with examples."""

from typing import Any

from serving.campaigns.outcomes import LONGEST_DAYS, OUTCOMES
from serving.customer_view import MOST_EVENTS
from serving.languages.messages import ENGLISH, LANGUAGES
from serving.pages.access import SIGN_IN
from serving.pages.figure_page import DIVISIONS
from serving.path_text import LONGEST
from serving.segments.members import MOST

Parameter = dict[str, Any]


def in_path(name: str, example: str) -> Parameter:
    """Returns the description of what a path names; it is sent percent-encoded."""
    schema = {"type": "string", "minLength": 1, "maxLength": LONGEST}
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


def in_query(name: str, description: str, example: Any = None, **schema: Any) -> Parameter:
    """Returns the description of what a query may name; a text if nothing else is said."""
    described = {"name": name, "in": "query", "description": description, "schema": {"type": "string"} | schema}
    return described if example is None else {**described, "example": example}


CUSTOMER = in_path("customer_id", "352")
SEGMENT = in_path("name", "at risk")
CAMPAIGN = in_path("name", "win-back-may")
VIEWED = [
    in_query("events", "How many events, the latest ones", type="integer", minimum=0, maximum=MOST_EVENTS, default=100),
    in_query("explain", "Whether the scores come with their reasons", type="boolean", default=False),
]
PAGING = (
    in_query("limit", "How many members", type="integer", minimum=1, maximum=MOST, default=1000),
    in_query("cursor", "As the page before gave it"),
    in_query("format", "JSON, or a table as CSV", enum=["json", "csv"], default="json"),
)
OUTCOME = (
    in_query("outcome", "What is looked for afterwards", enum=list(OUTCOMES), default=OUTCOMES[0]),
    in_query("event", "The event's name, with the outcome event"),
    in_query("days", "Within how many days", type="integer", minimum=1, maximum=LONGEST_DAYS, default=28),
)
LANGUAGE = in_query("lang", f"One of {', '.join(LANGUAGES)}; anything else is what the browser prefers", "pl")
SPOKEN = in_query("lang", f"The language of the reasons: one of {', '.join(LANGUAGES)}; else English", "pl")
ACCEPTED: Parameter = {
    "name": "Accept-Language",
    "in": "header",
    "description": f"The language of what is said in words: one of {', '.join(LANGUAGES)}; else English",
    "schema": {"type": "string", "default": ENGLISH},
    "example": "pl, en;q=0.5",
}
SHOW = in_query("show", "A period, 0 for the latest, or a group such as age=25-34", "0")
AGAINST = in_query("against", "The same, to compare with", "1")
AS_OF = in_query("as_of", "The moment to look from, ISO 8601; UTC if it names no zone", "2024-06-01T00:00:00Z")
PERIOD = in_query("period", "A past period, 0 for the latest", type="integer", minimum=0, default=0)
HORIZON = in_query("horizon", "Within what time moves are expected", "28d")
PERSONA = in_query("persona", "Only the customers of this persona", "P3")
OF_PATHS: dict[str, tuple[Parameter, ...]] = {
    "/": (SHOW, AGAINST, LANGUAGE),
    "/dashboard/flows": (PERIOD, HORIZON, LANGUAGE),
    "/dashboard/figures": (in_query("by", "What each figure is divided by", enum=list(DIVISIONS)), LANGUAGE),
    "/dashboard/audience": (LANGUAGE,),
    "/dashboard/stage/{stage}": (in_path("stage", "loyal"), LANGUAGE),
    "/dashboard/customer": (in_query("id", "Leads to the page of this customer", "352"), LANGUAGE),
    "/dashboard/customer/{customer_id}": (CUSTOMER, AS_OF, LANGUAGE),
    "/dashboard/model": (LANGUAGE,),
    SIGN_IN: (in_query("next", "The path that signing in leads to", "/dashboard/flows"), LANGUAGE),
    "/dashboard/data/map.json": (SHOW, AGAINST),
    "/dashboard/data/map.csv": (SHOW,),
    "/dashboard/data/stage/{about}.json": (in_path("about", "loyal"), SPOKEN),
    "/dashboard/data/stage/{about}.csv": (in_path("about", "loyal"), SPOKEN),
    "/dashboard/data/customer/{about}.json": (in_path("about", "352"), AS_OF, SPOKEN),
    "/dashboard/data/customer/{about}.csv": (in_path("about", "352"), AS_OF),
    "/dashboard/data/segment/{about}.csv": (in_path("about", "at risk"),),
    "/dashboard/data/audience.json": (PERSONA,),
    "/dashboard/data/audience.csv": (PERSONA,),
    "/static/{file}": (in_path("file", "app.css"),),
    "/static/vendor/{file}": (in_path("file", "echarts.min.js"),),
}
"""By the path of what is read with GET: for people, and what their pages load."""
