"""The traps of Hotjar's survey responses."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from features.errors import EventLogError
from features.sources.formats.hotjar import FIXED, Hotjar
from features.sources.importing.records import Options
from tests.features.sources.conftest import GOLDEN

RESPONSES = GOLDEN / "hotjar_responses.csv"
UTC = Options(timezone="UTC")
Write = Callable[..., Path]


@pytest.fixture
def survey(tmp_path: Path) -> Write:
    def write(questions: Iterable[str], *answers: Iterable[str], name: str = "survey.csv") -> Path:
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*FIXED, *questions])
            for number, given in enumerate(answers):
                fixed = [number, f"crm-{number}", "2024-09-03 10:11:12", "Germany", "", "phone", "", "", f"h{number}"]
                writer.writerow([*fixed, *given])
        return tmp_path / name

    return write


def test_the_sample_gives_responses_and_their_score(imported):
    found = imported(Hotjar(UTC), RESPONSES)
    assert found.column_of("Survey Answered", "customer_id") == ["f00dbabe", "crm-7"]
    assert found.column_of("NPS Answered", "value") == [4.0, 9.0]
    assert found.times[0] == "2024-09-02 18:00:00"


def test_a_question_may_hold_commas_quotes_and_line_breaks(imported, survey):
    question = 'How "likely", on a scale\nfrom 0 to 10?'
    named = Options(timezone="UTC", nps=(question,))
    found = imported(Hotjar(named), survey([question, "Why?"], ["9", 'fast,\n"good"'], ["3", ""]))
    assert found.column_of("NPS Answered", "value") == [9.0, 3.0]


def test_a_row_after_one_with_line_breaks_is_named_by_its_own_line(imported, survey):
    file = survey(["Why?"], ["a\nb"], ["x"])
    file.write_text(file.read_text(encoding="utf-8") + "cut,off\n", encoding="utf-8")
    assert imported(Hotjar(UTC), file).report.shown[0]["line"] == 5


def test_scores_that_come_as_text_are_numbers(imported, survey):
    found = imported(Hotjar(Options("UTC", nps=("Q",))), survey(["Q"], [" 10 "], ["0"], ["7.0"]))
    assert found.column_of("NPS Answered", "value") == [10.0, 0.0, 7.0]


def test_an_answer_beyond_its_scale_is_refused(imported, survey):
    found = imported(Hotjar(Options("UTC", nps=("Q",))), survey(["Q"], ["11"], ["9"], ["very"]))
    assert found.report.refused == {"the answer is no whole number from 0 to 10": 2}
    assert found.column_of("NPS Answered", "value") == [9.0]


def test_the_same_question_in_two_languages_is_one_score(imported, survey):
    languages = ("How likely?", "Wie wahrscheinlich?")
    file = survey(languages, ["9", ""], ["", "2"])
    assert imported(Hotjar(Options("UTC", nps=languages)), file).column_of("NPS Answered", "value") == [9.0, 2.0]


def test_what_a_question_asks_is_guessed_from_all_its_answers(imported, survey):
    found = imported(Hotjar(UTC), survey(["A", "B", "C"], ["0", "5", "1"], ["10", "1", "maybe"]))
    assert found.column_of("NPS Answered", "value") == [0.0, 10.0]
    assert found.column_of("CSAT Answered", "value") == [5.0, 1.0]


def test_a_response_without_a_user_belongs_to_its_hotjar_user(imported, survey):
    file = survey(["Q"], ["9"])
    file.write_text(file.read_text(encoding="utf-8").replace("crm-0", ""), encoding="utf-8")
    assert set(imported(Hotjar(UTC), file).column("customer_id")) == {"h0"}


def test_the_export_of_tomorrow_holds_todays_responses_too(imported, survey):
    today, tomorrow = survey(["Q"], ["9"], name="a.csv"), survey(["Q"], ["9"], ["8"], name="b.csv")
    assert imported(Hotjar(UTC), today, tomorrow).report.taken == 4


def test_the_form_of_dates_can_be_said(imported, survey):
    file = survey(["Q"], ["9"])
    file.write_text(file.read_text(encoding="utf-8").replace("2024-09-03 10:11:12", "03/09/2024 10:11"), "utf-8")
    assert imported(Hotjar(UTC), file).report.refused.total() == 1
    told = Options("UTC", date_format="%d/%m/%Y %H:%M")
    assert imported(Hotjar(told), file).times[0] == "2024-09-03 10:11:00"


def test_a_question_that_nobody_asked_is_an_error(imported):
    with pytest.raises(EventLogError, match=r"no question 'Why\?\?' was asked; did you mean 'Why\?'"):
        imported(Hotjar(Options("UTC", nps=("Why??",))), RESPONSES)


def test_another_table_is_unusable(imported, tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(EventLogError, match="has no column 'Number'"):
        imported(Hotjar(UTC), tmp_path / "x.csv")
