"""The ordered stages of one business and the rules that put a customer in a stage: one YAML file."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from features.documents import Document, parse_document, read_document
from features.durations import parse_duration
from features.errors import JourneyError, did_you_mean
from features.labels import Labels, spoken

LAPSED = "lapsed"
"""The built-in stage of a customer for whom no rule holds; its code is 0."""

LAPSED_LABELS = Labels(en="Lapsed", pl="Bez aktywności", sk="Bez aktivity", ru="Без активности")

READY = Path(__file__).parent / "journeys"


class Rule(Document):
    """Holds at a cutoff when one of ``events`` came at least ``at_least`` times in ``(cutoff - within, cutoff]``.

    Without ``within`` the whole history counts; with ``min_value`` only events of at least that value do.
    """

    events: tuple[str, ...] = Field(min_length=1)
    at_least: int = Field(default=1, ge=1)
    within: str | None = None
    min_value: float | None = Field(default=None, allow_inf_nan=False)

    @field_validator("within")
    @classmethod
    def _has_unit(cls, within: str | None) -> str | None:
        if within is not None:
            parse_duration(within)
        return within


class Stage(Document):
    """A place in the journey; the customer is there when one of its rules holds.

    Parameters
    ----------
    label, labels
        What people read: one text for all, or one by language, which comes first. Neither touches a score.
    """

    name: str = Field(min_length=1)
    label: str | None = None
    labels: Labels = Labels()
    rules: tuple[Rule, ...] = Field(min_length=1)


class Journey(Document):
    """Stages in their order, and which events count as activity, as a purchase and as a refund.

    Parameters
    ----------
    labels
        What people read in place of the name, by language.
    stage
        ``furthest``: the last listed stage that has a rule that holds; ``latest``: of the stages that have one, that
        of the most recent event.
    activity
        Events whose absence is churn.
    purchase, refund
        A refund, or a purchase event of negative value, is never a purchase.
    """

    name: str = Field(min_length=1)
    labels: Labels = Labels()
    stage: Literal["furthest", "latest"] = "furthest"
    activity: tuple[str, ...] = Field(min_length=1)
    purchase: tuple[str, ...] = Field(min_length=1)
    refund: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_consistent(self) -> "Journey":
        names = [stage.name for stage in self.stages]
        if LAPSED in names:
            raise ValueError(f"stage '{LAPSED}' is built in; rename yours")
        repeated = {name for name in names if names.count(name) > 1}
        if repeated:
            raise ValueError(f"stage '{min(repeated)}' is listed twice; give every stage its own name")
        both = set(self.purchase) & set(self.refund)
        if both:
            raise ValueError(f"event '{min(both)}' is both a purchase and a refund; list it once")
        return self

    @property
    def stage_names(self) -> tuple[str, ...]:
        """Every stage in its order, ``lapsed`` first; a stage's code is its place here."""
        return (LAPSED, *(stage.name for stage in self.stages))

    @property
    def events(self) -> tuple[str, ...]:
        """Every event that the journey names, each once, in the order of their first mention."""
        in_rules = [event for stage in self.stages for rule in stage.rules for event in rule.events]
        return tuple(dict.fromkeys([*in_rules, *self.activity, *self.purchase, *self.refund]))

    def title(self, language: str) -> str:
        """Returns what the journey is called in a language, else in English, else its name as it would be spoken."""
        return self.labels.in_language(language) or spoken(self.name).capitalize()

    def stage_label(self, name: str, language: str) -> str:
        """Returns what a stage is called in a language, else in English, else its name as it would be spoken.

        Raises
        ------
        JourneyError
            If the journey has no such stage.
        """
        if name == LAPSED:
            return str(LAPSED_LABELS.in_language(language))
        stage = next((stage for stage in self.stages if stage.name == name), None)
        if stage is None:
            hint = did_you_mean(name, self.stage_names)
            raise JourneyError(f"journey '{self.name}' has no stage '{name}'; {hint}")
        return stage.labels.in_language(language) or stage.label or spoken(name).capitalize()

    def check_events(self, known: Collection[str]) -> None:
        """Makes sure that the events on which targets rest are among those of the log.

        Raises
        ------
        JourneyError
            If no event of ``activity`` or of ``purchase`` is in the log, or no stage has an event there.
        """
        stage_events = [event for stage in self.stages for rule in stage.rules for event in rule.events]
        for role, events in (("activity", self.activity), ("purchase", self.purchase), ("stages", stage_events)):
            if not set(events) & set(known):
                raise JourneyError(
                    f"journey '{self.name}': no event under '{role}' is in the log, such as '{events[0]}'; "
                    f"{did_you_mean(events[0], known)}"
                )

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data from which ``from_dict`` makes an equal journey."""
        return self.model_dump(mode="json")

    def definition(self) -> dict[str, Any]:
        """Returns the part of ``to_dict`` that decides a score: translating a journey leaves a model what it is."""
        return self.model_dump(mode="json", exclude={"labels": True, "stages": {"__all__": {"labels"}}})

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Journey":
        """Returns the journey of plain data."""
        return parse_document(data, cls, JourneyError, "journey")


def load_journey(name_or_path: str | Path) -> Journey:
    """Returns a ready journey by its name, or the journey in a YAML file.

    Raises
    ------
    JourneyError
        If there is none, or it is malformed.
    """
    ready = {path.stem: path for path in READY.glob("*.yaml")}
    if str(name_or_path) in ready:
        return read_document(ready[str(name_or_path)], Journey, JourneyError)
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        hint = did_you_mean(str(name_or_path), ready)
        raise JourneyError(f"no ready journey '{name_or_path}', and no path of your own ending in .yaml; {hint}")
    return read_document(path, Journey, JourneyError)
