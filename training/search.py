"""One search for better options from a configuration: read, rehearse, try, log, and write the best ones down."""

import os
from collections.abc import Callable
from pathlib import Path

import yaml

from features.errors import ConfigError
from features.journey import load_journey
from models.classifier import BoostingOptions
from training.config import Config, ModelConfig, load_config
from training.rehearsal import Rehearsal
from training.run import EventSource, recipe_of
from training.tracking import tuning_run
from training.tune import SPACE, Budget, Tuning, tune


def rehearse(config: Config, read: EventSource) -> Rehearsal:
    """Returns the rehearsal of what ``nextstage train`` would do with the events of a source."""
    return Rehearsal.before(read(), load_journey(config.journey), recipe_of(config))


def run_search(
    config: Config,
    rehearsal: Rehearsal,
    folder: Path,
    budget: Budget,
    on_progress: Callable[[float], None] | None = None,
) -> Tuning:
    """Returns what a study in the folder knows after more trials, each of them logged as a run."""
    with tuning_run(config.tracking, rehearsal.facts) as log_attempt:
        return tune(rehearsal, folder, budget, log_attempt, on_progress)


def model_block(model: ModelConfig, best: BoostingOptions) -> str:
    """Returns the ``model:`` block of nextstage.yaml: what it said, with the options that were searched in their place.

    Examples
    --------
    >>> print(model_block(ModelConfig(threads=1), BoostingOptions(rounds=90)).splitlines()[:3])
    ['model:', '  threads: 1', '  rounds: 90']
    """
    kept = {name: value for name, value in model.model_dump(exclude_unset=True).items() if name not in SPACE}
    searched = {name: getattr(best, name) for name in SPACE}
    return yaml.safe_dump({"model": {**kept, **searched}}, sort_keys=False)


def write_model_block(path: Path, block: str) -> None:
    """Puts the block in place of the one in a nextstage.yaml, or at its end; every other line stays as it is.

    Raises
    ------
    ConfigError
        If the file is laid out so that this cannot be done safely; it is left as it was then.
    """
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    begins = next((place for place, line in enumerate(lines) if line.startswith("model:")), len(lines))
    ends = begins + 1
    for place in range(begins + 1, len(lines)):
        if not lines[place].strip() or lines[place].startswith("#"):
            continue  # belongs to the block only if more of it follows
        if not lines[place][0].isspace():
            break
        ends = place + 1
    before = "".join(lines[:begins])
    before += "\n" if before and not before.endswith("\n") else ""
    _replace(path, before + block + "".join(lines[ends:]), yaml.safe_load(block)["model"])


def _replace(path: Path, text: str, model: dict[str, object]) -> None:
    """Writes the text if it says what the file says and of the model just this."""
    draft = path.with_name(f"{path.name}.tuned")
    draft.write_text(text, encoding="utf-8")
    try:
        meant = load_config(path).model_copy(update={"model": ModelConfig.model_validate(model)})
        if load_config(draft) != meant:
            raise ConfigError("it would say something else")
    except ConfigError as problem:
        draft.unlink()
        raise ConfigError(
            f"{path.name} is laid out so that its 'model:' block cannot be replaced ({problem}); write it there by hand"
        ) from None
    os.replace(draft, path)
