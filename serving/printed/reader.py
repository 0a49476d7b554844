"""Whom a picture is drawn for: the language, and the journey whose labels it has."""

from dataclasses import dataclass
from datetime import datetime

from features.journey import Journey
from features.languages.messages import Cases
from serving.languages.messages import NOTHING, Messages, messages
from serving.pages.rendering import horizon_text, stage_label


@dataclass(frozen=True)
class Reader:
    """Says things in one language."""

    journey: Journey
    language: str

    @property
    def spoken(self) -> Messages:
        """The messages of the language."""
        return messages(self.language)

    def text(self, key: str, **values: object) -> str:
        """Returns a message."""
        return self.spoken.text(key, **values)

    def label(self, stage: str | None) -> str:
        """Returns what a stage is called; None stands for where new customers come from."""
        return self.text("page.new_customers") if stage is None else stage_label(self.journey, stage, self.language)

    def code(self, stage: str | None) -> int:
        """Returns the place of a stage in the journey, 0 for one that it does not know."""
        names = self.journey.stage_names
        return names.index(stage) if stage in names else 0

    def horizon(self, horizon: str) -> Cases:
        """Returns a horizon in words."""
        return horizon_text(horizon, self.spoken)

    def date(self, moment: str) -> str:
        """Returns the day of a moment in ISO 8601."""
        return self.spoken.date(datetime.fromisoformat(moment))

    def number(self, value: float | None, decimals: int = 0) -> str:
        """Returns a number."""
        return self.spoken.number(value, decimals)

    def percent(self, share: float | None, decimals: int = 0) -> str:
        """Returns a share."""
        return self.spoken.percent(share, decimals)

    def ratio(self, part: float, whole: float) -> str:
        """Returns a part of a whole as a percentage; a dash of nothing."""
        return self.percent(part / whole) if whole else NOTHING
