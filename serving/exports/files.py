"""Score tables as files that other tools import."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import ConfigError, did_you_mean
from features.ingest import CUSTOMER
from serving.exports.bodies import Receiver, bodies
from serving.exports.braze import Braze
from serving.exports.ga4 import user_import
from serving.exports.hubspot import import_request, properties
from serving.exports.klaviyo import Klaviyo
from serving.exports.salesforce import job, upsert_files
from serving.exports.score_fields import EMAIL, exported_rows, present_fields
from serving.exports.sheets import pipedrive_sheets, score_sheet
from serving.whole_file import written_whole

Named = Iterable[tuple[str, str]]
"""Names of files and their texts."""


def write_files(tool: str, frame: pd.DataFrame, folder: Path, stream_id: str | None = None) -> list[Path]:
    """Writes the files that a tool imports and returns them, each a whole one.

    Parameters
    ----------
    frame
        A score table; some tools know customers by a column ``email``.
    stream_id
        Of GA4: the data stream of its clients.

    Raises
    ------
    ConfigError
        If there is no such tool, or the table lacks what it needs.
    """
    if tool not in WRITERS and tool != "ga4":
        raise ConfigError(f"no export is called {tool!r}; {did_you_mean(tool, [*WRITERS, 'ga4'])}")
    if tool == "ga4":
        if stream_id is None:
            raise ConfigError("GA4 imports scores of one data stream; name it by --stream-id")
        named: Named = [("ga4_user_import.csv", user_import(frame, stream_id))]
    else:
        named = WRITERS[tool](frame)
    paths = []
    for name, text in named:
        with written_whole(folder / name) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
        paths.append(folder / name)
    _remove_older(tool, folder, paths)
    return paths


def _remove_older(tool: str, folder: Path, kept: list[Path]) -> None:
    """Removes numbered files of an earlier and longer export: who is left out now would still be in them."""
    for path in folder.glob(f"{tool}_*"):
        if re.fullmatch(r"\w+_\d{3,5}\.(csv|json)", path.name) and path not in kept:
            path.unlink()


def with_contacts(frame: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Returns a score table with the columns of a table of contacts, for the customers that it lists.

    Raises
    ------
    ConfigError
        If the table has no customer_id, lists one twice, or has a column that scores have.
    """
    if CUSTOMER not in contacts.columns or contacts[CUSTOMER].duplicated().any():
        raise ConfigError("the table of contacts needs a column 'customer_id' that lists each customer once")
    if shared := sorted(set(frame.columns) & set(contacts.columns) - {CUSTOMER}):
        raise ConfigError(
            f"the table of contacts has the column '{shared[0]}', which scores have too; "
            "give one that says how customers are reached, such as customer_id and email"
        )
    return frame.merge(contacts.astype({CUSTOMER: "str"}), on=CUSTOMER, how="inner")


def _csv(frame: pd.DataFrame) -> Named:
    keys = {CUSTOMER: CUSTOMER} | ({EMAIL: EMAIL} if EMAIL in frame.columns else {})
    yield "scores.csv", score_sheet(exported_rows(frame), present_fields(frame), keys, False)


def _hubspot(frame: pd.DataFrame) -> Named:
    fields, name = present_fields(frame), "hubspot_import.csv"
    yield name, score_sheet(exported_rows(frame, EMAIL), fields, {EMAIL: "Email"}, True)
    yield "hubspot_importRequest.json", _json(import_request("nextstage scores", name, fields))
    yield "hubspot_properties.json", _json(properties(fields))


def _salesforce(frame: pd.DataFrame) -> Named:
    yield "salesforce_job.json", _json(job())
    for number, text in enumerate(upsert_files(exported_rows(frame), present_fields(frame)), start=1):
        yield f"salesforce_upsert_{number:03d}.csv", text


def _pipedrive(frame: pd.DataFrame) -> Named:
    for number, text in enumerate(pipedrive_sheets(list(exported_rows(frame, EMAIL)), present_fields(frame)), start=1):
        yield f"pipedrive_import_{number:03d}.csv", text


def _requests(name: str, receiver: Receiver) -> Callable[[pd.DataFrame], Named]:
    def named(frame: pd.DataFrame) -> Named:
        made = bodies(receiver, exported_rows(frame, receiver.key), present_fields(frame))
        for number, body in enumerate(made, start=1):
            yield f"{name}_{number:05d}.json", _json(body)

    return named


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


WRITERS: dict[str, Callable[[pd.DataFrame], Named]] = {
    "csv": _csv,
    "hubspot": _hubspot,
    "salesforce": _salesforce,
    "pipedrive": _pipedrive,
    "klaviyo": _requests("klaviyo_bulk_import", Klaviyo()),
    "braze": _requests("braze_users_track", Braze()),
}
