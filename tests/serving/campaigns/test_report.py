import json
from pathlib import Path

import numpy as np
import pytest

from features.errors import ConfigError
from serving.campaigns.arms import is_held_out
from serving.campaigns.members import Campaign
from serving.campaigns.outcomes import ObservedMembers, Outcome
from serving.campaigns.report import HARMED, TOO_EARLY, UNPROVEN, WORKED, CampaignReport, compare, notes, sentence
from tests.serving.campaigns.told import REPORTS

GOLDEN = Path(__file__).parents[2] / "golden" / "words" / "campaigns.json"
MAY = Campaign("may", 0, 0.2, None, "purchase")


def seen(treated: float, control: float, members: int = 5_000, seed: int = 0, **changes: object) -> ObservedMembers:
    """Returns a simulated campaign of which both true shares are known."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"c{number}" for number in range(members)], dtype=object)
    held = is_held_out(bytes([seed % 256] * 32), "may", ids, 0.2)
    happened = rng.random(members) < np.where(held, control, treated)
    facts: dict[str, object] = {
        "customer_id": ids,
        "stage": np.array(["new", "loyal"], dtype=object)[np.arange(members) % 2],
        "decile": 1 + np.arange(members) % 10,
        "is_treated": ~held,
        "happened": happened,
        "spend": happened * rng.lognormal(3, 0.5, members),
        "assigned_at": np.zeros(members, dtype=np.int64),
        "too_early": 0,
        "not_asked": 0,
        "complete_at": 86_400 * 10**6 * 28,
    }
    return ObservedMembers(**(facts | changes))  # type: ignore[arg-type]


def reported(treated: float, control: float, kind: str = "purchase", **changes: object) -> CampaignReport:
    return compare(MAY, Outcome(kind), seen(treated, control, **changes), 0)  # type: ignore[arg-type]


@pytest.mark.parametrize(("treated", "control"), [(0.10, 0.08), (0.03, 0.03)])
def test_the_interval_covers_the_known_effect_in_90_to_99_of_100_campaigns(treated: float, control: float) -> None:
    reports = [reported(treated, control, members=3_000, seed=run) for run in range(100)]
    differences = [report.overall.difference for report in reports if report.overall is not None]
    covered = sum(one.low <= treated - control <= one.high for one in differences)
    assert len(differences) == 100
    assert 90 <= covered <= 99


def test_with_no_effect_it_says_so() -> None:
    verdicts = [reported(0.08, 0.08, members=3_000, seed=run).verdict for run in range(100)]
    assert verdicts.count(UNPROVEN) >= 90
    report = reported(0.08, 0.08)
    assert sentence(report).startswith("No proof yet: the difference is compatible with no effect")


def test_a_large_effect_is_told_as_one() -> None:
    report = reported(0.16, 0.08)
    assert report.verdict == WORKED
    assert sentence(report).startswith("It worked: 1")
    assert "of 3,981 treated customers bought within 28 days" in sentence(report)


def test_of_churn_less_is_better() -> None:
    assert reported(0.16, 0.08, "churn").verdict == HARMED
    assert reported(0.08, 0.16, "churn").verdict == WORKED
    assert sentence(reported(0.16, 0.08, "churn")).startswith("It did harm: ")


def test_what_is_not_proven_says_how_many_customers_it_lacks() -> None:
    report = next(one for one in (reported(0.09, 0.08, members=2_000, seed=run) for run in range(50)) if short(one))
    assert "more customers would be needed to show it" in sentence(report)


def short(report: CampaignReport) -> bool:
    return report.verdict == UNPROVEN and report.overall is not None and report.overall.difference.value > 0.005


def test_groups_are_wider_than_they_would_be_alone_and_hold_at_once() -> None:
    held = 0
    for run in range(100):
        report = reported(0.1, 0.08, members=4_000, seed=run)
        held += all(group.difference.low <= 0.02 <= group.difference.high for group in report.by_decile)
    assert held >= 90
    assert [group.group for group in report.by_decile] == [str(decile) for decile in range(1, 11)]
    assert [group.group for group in report.by_stage] == ["loyal", "new"]
    assert any("hold at once" in note for note in notes(report))


def test_too_early_is_a_verdict_with_a_date() -> None:
    nobody = {name: np.empty(0, dtype=object) for name in ("customer_id", "stage")}
    nobody |= {name: np.empty(0) for name in ("decile", "spend", "assigned_at")}
    nobody |= {name: np.empty(0, dtype=bool) for name in ("is_treated", "happened")}
    report = reported(0.1, 0.1, too_early=7, **nobody)
    assert report.verdict == TOO_EARLY
    assert sentence(report) == "Too early: the 28 days of 7 members are not over yet; the last ones are on 1970-01-29."
    assert json.dumps(report.to_dict())
    with pytest.raises(ConfigError, match="has no member of whom 'purchase' can be asked"):
        reported(0.1, 0.1, **nobody)


def test_members_whose_days_are_not_over_are_told() -> None:
    assert "7 more members are counted when" in sentence(reported(0.16, 0.08, too_early=7))


def test_a_report_is_plain_data_even_where_nothing_happened_alone() -> None:
    told = reported(0.1, 0.0).to_dict()
    assert json.loads(json.dumps(told, allow_nan=False))["overall"]["lift"]["value"] is None
    assert told["spend_difference"]["low"] > 0


def test_the_english_words_are_those_that_were_kept() -> None:
    found = {title: [sentence(report), *notes(report)] for title, report in REPORTS.items()}
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["pl", "sk", "ru"])
def test_a_report_says_the_same_in_every_language(language: str) -> None:
    for report in REPORTS.values():
        english, own = [[sentence(report, each), *notes(report, each)] for each in ("en", language)]
        assert len(english) == len(own)
        assert not {*english} & {*own}
        assert report.to_dict(language)["sentence"] == own[0]
        assert not any(word in " ".join(own) for word in ("customers", "members", "points", "1970-01-29", ".."))


def test_numbers_and_dates_are_written_as_the_language_writes_them() -> None:
    assert sentence(REPORTS["harmed"], "pl").replace("\N{MINUS SIGN}", "-").replace("\xa0", " ") == (
        "Kampania zaszkodziła: 8,00% z 8 000 klientów objętych kampanią kupiło w ciągu 28 dni, a z 2 000 "
        "pozostawionych bez kontaktu 12,00%; różnica w punktach procentowych: -4,00 (95-procentowy przedział "
        "od -5,59 do -2,41)."
    )
    assert sentence(REPORTS["too early"], "sk").endswith("u 1\xa0207 účastníkov; posledné sa skončí 29. 1. 1970.")
    assert "Ещё 22 участника будут учтены" in sentence(REPORTS["with notes"], "ru")
