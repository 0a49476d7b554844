"""The formats by the names that the command line knows them by."""

from collections.abc import Callable

from features.errors import EventLogError, did_you_mean
from features.sources.formats.cloudevents import CloudEvents
from features.sources.formats.ga4 import Ga4
from features.sources.formats.hotjar import Hotjar
from features.sources.formats.hubspot import HubSpot
from features.sources.formats.metrica import Metrica
from features.sources.formats.pipedrive import Pipedrive
from features.sources.formats.salesforce import Salesforce
from features.sources.formats.segment import Segment
from features.sources.formats.snowplow import Snowplow
from features.sources.importing.records import Format, Options

FORMATS: dict[str, Callable[[Options], Format]] = {
    "ga4": Ga4,
    "segment": Segment,
    "metrica": Metrica,
    "hotjar": Hotjar,
    "snowplow": Snowplow,
    "cloudevents": CloudEvents,
    "hubspot": HubSpot,
    "salesforce": Salesforce,
    "pipedrive": Pipedrive,
}
TABLE = "csv"
"""Tables in our own columns, CSV or Parquet: read by ``features.sources.files``."""


def format_named(name: str, options: Options) -> Format:
    """Returns a format.

    Raises
    ------
    EventLogError
        If there is none of this name.
    """
    if name not in FORMATS:
        raise EventLogError(f"no format is called {name!r}; {did_you_mean(name, [*FORMATS, TABLE])}")
    return FORMATS[name](options)
