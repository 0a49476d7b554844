"""Makes pages of templates: every value is escaped, every text comes from the messages of a language."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse

from features.journey import Journey
from features.languages.messages import Cases
from serving.judgement import finding_text
from serving.languages.messages import ENGLISH, LANGUAGES, Messages, messages
from serving.languages.preference import PARAMETER, preferred_language
from serving.pages.prose import prose
from serving.pages.safety import HEADERS

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
MOST_COLOURS = 9


def page(request: Request, name: str, journey: Journey, status: int = 200, **values: Any) -> HTMLResponse:
    """Returns a page in the language that the request prefers."""
    language = preferred_language(request)
    text = render(name, language, journey, request=request, **values)
    response = HTMLResponse(text, status, HEADERS)
    if request.query_params.get(PARAMETER) in LANGUAGES:
        response.set_cookie(PARAMETER, language, samesite="lax", path="/", max_age=365 * 86_400)
    return response


def render(name: str, language: str, journey: Journey, **values: Any) -> str:
    """Returns a filled template."""
    spoken = messages(language)
    codes = {stage: min(code, MOST_COLOURS) for code, stage in enumerate(journey.stage_names)}
    given = {
        "language": language,
        "languages": [(each, messages(each).text("language")) for each in LANGUAGES],
        "m": spoken,
        "exact": partial(exact, spoken),
        "t": spoken.text,
        "label": lambda stage: stage_label(journey, stage, language),
        "code": codes.get,
        "labels": {stage: stage_label(journey, stage, language) for stage in journey.stage_names},
        "stage_names": journey.stage_names,
        "horizon_text": lambda horizon: horizon_text(horizon, spoken),
        "named": partial(named, spoken),
        "prose": prose,
        "score_text": partial(score_text, spoken),
        "finding": partial(finding, spoken),
    }
    return environment().get_template(name).render({**given, **values})


def stage_label(journey: Journey, name: str, language: str) -> str:
    """Returns what people call a stage; one that the journey no longer has keeps its name."""
    return journey.stage_label(name, language) if name in journey.stage_names else name


def horizon_text(horizon: str, spoken: Messages) -> Cases:
    """Returns a duration such as ``28d`` in words."""
    if not horizon.endswith("d"):
        return Cases(nominative=horizon)
    return spoken.cases("amounts.day", count=int(horizon[:-1]))


def named(spoken: Messages, group: str, name: str) -> str:
    """Returns what people call one of our own names; others, such as an attribute, are written as words.

    Examples
    --------
    >>> named(messages("en"), "method", "bg_nbd"), named(messages("en"), "group", "home_ownership")
    ('BG/NBD', 'home ownership')
    """
    key = f"{group}.{name.replace(' ', '_')}"
    return spoken.text(key) if key in spoken.texts else name.replace("_", " ")


def score_text(spoken: Messages, name: str) -> str:
    """Returns what people call a score such as ``churn_28d``.

    Examples
    --------
    >>> score_text(messages("en"), "churn_28d")
    'Churn, 28 days'
    """
    kind, _, horizon = name.rpartition("_")
    key = f"model.{kind}"
    if key not in spoken.texts:
        return name
    return spoken.text("model.within", target=spoken.text(key), horizon=horizon_text(horizon, spoken))


def finding(spoken: Messages, reason: Mapping[str, Any]) -> str | None:
    """Returns what the monitor found in a language; None if it was kept before findings had a kind.

    In English scores have the names that programs know, as in the sentence that was kept.
    """
    values = reason.get("values", {})
    if spoken.language != ENGLISH and "name" in values:
        values = {**values, "name": score_text(spoken, values["name"])}
    return finding_text({**reason, "values": values}, spoken)


def exact(spoken: Messages, value: float | None, decimals: int, percent: bool = False) -> str:
    """Returns a number with exactly so many decimals, so that those below each other align; a dash for none.

    Examples
    --------
    >>> exact(messages("en"), 1234.5, 2), exact(messages("pl"), 0.1234, 1, percent=True)
    ('1,234.50', '12,3%')
    """
    from babel.numbers import format_decimal, format_percent

    if value is None:
        return spoken.number(None)
    places = f"0.{'0' * decimals}" if decimals else "0"
    if not percent:
        return _signed(format_decimal(value, format=f"#,##{places}", locale=spoken.locale))
    pattern = spoken.locale.percent_formats[None].pattern.replace("#,##0", f"#,##{places}")
    return _signed(format_percent(value, format=pattern, locale=spoken.locale))


def _signed(text: str) -> str:
    """Returns a number with the sign that is as wide as a plus."""
    return text.replace("-", "\N{MINUS SIGN}")


def warm() -> None:
    """Reads the templates and the messages, so that nobody waits for them."""
    for name in environment().list_templates():
        environment().get_template(name)
    for language in LANGUAGES:
        spoken = messages(language)
        spoken.text("count.customers", count=1)
        for write in (spoken.moment, spoken.days, spoken.percent):
            write(0)


@cache
def environment() -> "Environment":
    """Returns what makes pages; templates are read once."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["segment"] = lambda text: quote(str(text), safe="")
    made.filters["moment"] = lambda text: None if text is None else datetime.fromisoformat(text)
    return made
