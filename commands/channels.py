"""What the commands about channels do in a working folder."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from commands.importing import names_of
from commands.workspace import opened_store
from features.durations import parse_duration
from features.errors import ConfigError
from features.events import EventLog
from features.ingest import CUSTOMER
from features.journey import load_journey
from features.messages import ANSWERED, SENT, MessageRules, messages
from models.contact import NOTHING, best_contact
from serving.batch import read_scores
from serving.estimates import keep_estimates
from serving.reports.attribution import Attribution, attribution, concatenate, paths_until
from serving.whole_file import written_whole
from training.config import CONFIG, load_config

COLUMNS = ("next_channel", "next_send_hour")


@dataclass(frozen=True)
class Asked:
    """What a command says of messages; what it leaves out is Segment's."""

    sent: list[str] | None
    answered: list[str] | None
    within: str
    timezone: str

    def rules(self) -> MessageRules:
        """Returns the rules.

        Raises
        ------
        ConfigError
            If an event has no channel, or there are messages of our own without their answers.
        """
        if (self.sent is None) != (self.answered is None):
            raise ConfigError("--sent and --answered belong together: name the messages and what answers them")
        sent = SENT if self.sent is None else names_of(self.sent, "--sent")
        answered = ANSWERED if self.answered is None else names_of(self.answered, "--answered")
        return MessageRules(sent, answered, parse_duration(self.within), self.timezone)


def credits(folder: Path, within: str) -> Attribution:
    """Returns what each channel is credited with of the purchases in a folder's store."""
    journey = load_journey(load_config(folder / CONFIG).journey)
    with opened_store(folder) as store:
        log = store.log()
    return attribution(concatenate([paths_until(log, journey, log.end, parse_duration(within))]))


def write_contacts(folder: Path, asked: Asked) -> tuple[int, int]:
    """Writes the best channel and hour of each customer beside the last scores, where there is enough to tell.

    Returns of how many customers one is told, and how many there are.
    """
    path, rules = folder / "scores.parquet", asked.rules()
    scores = read_scores(path)
    with opened_store(folder) as store:
        log = store.log()
        told = _contacts(scores, log, rules)
        with written_whole(path) as unfinished:
            told.to_parquet(unfinished, index=False)
            keep_estimates(store.database, told[[CUSTOMER, *COLUMNS]])  # for segments and later scores
    return int(told["next_channel"].notna().sum()), len(told)


def _contacts(scores: pd.DataFrame, log: EventLog, rules: MessageRules) -> pd.DataFrame:
    sent = messages(log, rules)
    best = best_contact(sent, log.n_customers)
    names = np.array([*sent.channels, None], dtype=object)  # NOTHING finds the last one
    channel = dict(zip(log.customers, names[best.channel], strict=True))
    hour = dict(zip(log.customers, np.where(best.hour == NOTHING, np.nan, best.hour), strict=True))
    columns = {"next_channel": scores[CUSTOMER].map(channel), "next_send_hour": scores[CUSTOMER].map(hour)}
    return scores.assign(**columns).astype({"next_channel": "str", "next_send_hour": "Int64"})
