import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from serving.drift import Drift
from serving.judgement import DRIFTING, EXIT_CODES, FAILING, HEALTHY, KINDS, WAITING, Finding, finding_text, judge
from serving.languages.messages import LANGUAGES, messages
from serving.matured import Card, card_of
from tests.serving.test_matured import RUN, outcome

PROMISED = {"skill": 0.19, "ece": 0.01}  # near what scores that are right make of these odds


def card(shift: float = 0.0, rows: int = 2_000, promised: Mapping[str, float] = PROMISED, seed: int = 3) -> Card:
    return card_of(RUN, outcome(rows, shift, seed), promised, now=70)


@pytest.mark.parametrize("seed", range(5))
def test_scores_that_are_right_are_healthy_and_shifted_ones_are_failing(seed: int) -> None:
    assert judge([card(seed=seed)], (), ()) == (HEALTHY, ())
    for shift in (-1.2, 1.2):
        verdict, findings = judge([card(seed=seed), card(shift, seed=seed)], (), ())
        assert verdict == FAILING
        assert "calibration error" in " ".join(finding.sentence for finding in findings)


def test_small_samples_are_not_blamed_for_chance() -> None:
    verdicts = [judge([card(rows=250, seed=seed)], (), ())[0] for seed in range(20)]
    assert verdicts.count(HEALTHY) >= 19


def test_skill_far_below_the_promise_is_failing_and_a_little_below_is_drifting() -> None:
    highest = card().intervals["skill"][1]
    for promised, verdict in ((highest / 0.81, HEALTHY), (highest / 0.79, DRIFTING), (highest / 0.49, FAILING)):
        assert judge([card(promised={"skill": promised})], (), ())[0] == verdict
    nothing = outcome(2_000)
    turned = replace(nothing, probabilities=nothing.probabilities[:, ::-1])
    verdict, findings = judge([card_of(RUN, turned, {}, now=70)], (), ())
    assert verdict == FAILING, "worse than knowing the overall share alone"
    assert findings[0].sentence.startswith("churn_28d of run 1: skill -")


def test_scores_or_many_features_that_moved_are_drifting() -> None:
    moved, still = Drift("x", 0.3, 0.01, 900), Drift("y", 0.2, 0.01, 900)
    few = Drift("z", 0.3, 0.4, 20)  # chance makes as much
    assert judge([], [still, few], [still] * 10)[0] == WAITING
    assert judge([card()], [still, few], [moved, *[still] * 9])[0] == HEALTHY
    for scores, features in (([moved], []), ([], [moved, moved, *[still] * 8])):
        verdict, findings = judge([card()], scores, features)
        assert (verdict, len(findings)) == (DRIFTING, 1)
    assert [each.verdict for each in judge([card(1.2)], [moved], [])[1]] == [FAILING, FAILING, DRIFTING]


def test_exit_codes_leave_two_for_what_went_wrong() -> None:
    assert EXIT_CODES == {WAITING: 0, HEALTHY: 0, DRIFTING: 1, FAILING: 3}


def test_more_classes_are_judged_too() -> None:
    rng = np.random.default_rng(1)
    given = rng.dirichlet((2, 2, 2), 1_000)
    y = (rng.random(1_000)[:, None] > given.cumsum(axis=1)).sum(axis=1)
    right = replace(outcome(1_000), kind="next_stage", probabilities=given, y=y)
    assert judge([card_of(RUN, right, {}, now=70)], (), ())[0] == HEALTHY
    wrong = replace(right, probabilities=np.roll(given, 1, axis=1))
    assert judge([card_of(RUN, wrong, {}, now=70)], (), ())[0] == FAILING


FINDINGS = {
    "churn_28d of run 1234: skill -0.014, at most 0.028, where 0.190 was promised": Finding(
        FAILING, "skill", {"name": "churn_28d", "run": "1234", "skill": -0.0139, "highest": 0.0281, "promised": 0.19}
    ),
    "churn_28d of run 1: calibration error 0.220, where 0.010 was promised and chance makes 0.024": Finding(
        FAILING, "calibration", {"name": "churn_28d", "run": "1", "error": 0.22, "promised": 0.01, "chance": 0.0239}
    ),
    "score churn_28d is distributed in another way: stability index 0.30": Finding(
        DRIFTING, "score", {"name": "churn_28d", "index": 0.3}
    ),
    "5 of 9 features are distributed in another way, first a_count_7d, b_sum_28d": Finding(
        DRIFTING, "features", {"count": 5, "all": 9, "first": "a_count_7d, b_sum_28d"}
    ),
}


@pytest.mark.parametrize(("sentence", "finding"), FINDINGS.items(), ids=lambda given: getattr(given, "kind", ""))
def test_a_finding_is_said_in_every_language_after_it_was_kept(sentence: str, finding: Finding) -> None:
    kept = json.loads(json.dumps(finding.to_dict()))
    assert kept["sentence"] == sentence
    told = [finding_text(kept, messages(language)) for language in LANGUAGES]
    assert told[0] == sentence
    assert len(set(told)) == len(LANGUAGES)
    assert all(each is not None and str(finding.values.get("name", "a_count_7d")) in each for each in told)


def test_every_kind_of_finding_is_said_and_one_kept_before_is_not_guessed() -> None:
    assert {finding.kind for finding in FINDINGS.values()} == set(KINDS)
    assert finding_text({"verdict": FAILING, "sentence": "as it was"}, messages("pl")) is None


def test_what_is_judged_is_plain_data() -> None:
    moved = Drift("x", 0.3, 0.01, 900)
    _, findings = judge([card(1.2)], [moved], [moved])
    assert [each.kind for each in findings] == ["skill", "calibration", "score", "features"]
    assert json.loads(json.dumps([each.to_dict() for each in findings]))[2]["values"] == {"name": "x", "index": 0.3}
