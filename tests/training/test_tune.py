from dataclasses import replace
from pathlib import Path

import optuna
import pytest

from features.events import EventLog
from features.journey import Journey
from models.classifier import BoostingOptions
from tests.conftest import RECIPE
from training.rehearsal import Attempt, Rehearsal
from training.tune import SPACE, STORE, Budget, tune

QUICK = replace(RECIPE, horizons=("14d",), horizon="14d", options=replace(RECIPE.options, rounds=3, num_leaves=4))


@pytest.fixture(scope="module")
def rehearsal(log: EventLog, journey: Journey) -> Rehearsal:
    return Rehearsal.before(log, journey, QUICK)


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SPACE, "rounds", (2, 12))


def test_a_study_goes_on_where_it_stopped(rehearsal: Rehearsal, tmp_path: Path) -> None:
    attempts: list[Attempt] = []
    told: list[float] = []
    first = tune(rehearsal, tmp_path, Budget(2), attempts.append, told.append)
    assert first.finished + first.pruned == 3  # the options it began with are the first
    assert first.relative <= 1.0
    assert sum(told) == pytest.approx(1.0)
    assert first.start == QUICK.options
    later = replace(rehearsal, recipe=replace(rehearsal.recipe, options=first.best))  # the best were written down
    second = tune(later, tmp_path, Budget(2), attempts.append)
    assert second.study == first.study
    assert second.start == QUICK.options
    assert second.finished + second.pruned == 5
    assert second.relative <= first.relative
    assert [attempt.number for attempt in attempts] == [1, 2, 3, 4]
    assert len({attempt.options for attempt in attempts}) == 4  # the second run does not repeat the first one's draws


def test_what_is_reported_is_what_the_options_lose(rehearsal: Rehearsal, tmp_path: Path) -> None:
    attempts: list[Attempt] = []
    found = tune(rehearsal, tmp_path, Budget(1), attempts.append)
    reference: dict[str, float] = {}
    again: dict[str, float] = {}
    for target in rehearsal.targets:
        reference |= rehearsal.losses(target, QUICK.options)
        again |= rehearsal.losses(target, attempts[0].options)
    assert attempts[0].losses == again
    shares = [again[name] / reference[name] for name in reference]
    assert attempts[0].relative == pytest.approx(sum(shares) / len(shares))
    assert found.relative == pytest.approx(min(1.0, attempts[0].relative))


def test_other_facts_begin_another_study(rehearsal: Rehearsal, tmp_path: Path) -> None:
    one = tune(rehearsal, tmp_path, Budget(1))
    other = tune(replace(rehearsal, facts={**rehearsal.facts, "data_hash": "other"}), tmp_path, Budget(1))
    assert one.study != other.study
    assert len(optuna.get_all_study_names(f"sqlite:///{tmp_path / STORE}")) == 2


def test_no_trial_begins_after_the_time_is_up(rehearsal: Rehearsal, tmp_path: Path) -> None:
    found = tune(rehearsal, tmp_path, Budget(50, seconds=0.01))
    assert 1 <= found.finished + found.pruned <= 2


def test_what_is_behind_is_given_up_between_targets(rehearsal: Rehearsal, tmp_path: Path) -> None:
    attempts: list[Attempt] = []
    found = tune(rehearsal, tmp_path, Budget(8), attempts.append)
    pruned = [attempt for attempt in attempts if attempt.is_pruned]
    assert len(pruned) == found.pruned > 0
    assert all(len(attempt.losses) < 3 for attempt in pruned)


def test_options_outside_of_the_usual_range_are_still_a_beginning() -> None:
    from training.tune import _distribution

    space = _distribution("num_leaves", BoostingOptions(num_leaves=200))
    assert (space.low, space.high) == (4, 200)
    none = _distribution("lambda_l2", BoostingOptions(lambda_l2=0.0))
    assert (none.low, none.log) == (0.0, False)
