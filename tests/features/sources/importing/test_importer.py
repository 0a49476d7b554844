import pytest

from features.durations import DAY
from features.errors import EventLogError
from features.sources.formats.ga4 import Ga4
from features.sources.formats.segment import Segment
from features.sources.importing import importer, lines
from features.sources.importing.importer import check_usable
from features.timestamps import parse_moment
from tests.features.sources.conftest import GOLDEN

LINES = (GOLDEN / "ga4_events.jsonl").read_text(encoding="utf-8").splitlines()


def test_of_a_file_with_a_tenth_of_its_rows_damaged_the_others_are_taken(imported, json_lines):
    good = [LINES[0].replace("1725179400000000", str(1725179400000000 + row)) for row in range(90)]
    rows = [line for nine in range(10) for line in (*good[nine * 9 : nine * 9 + 9], "{torn")]
    report = imported(Ga4(), json_lines(*rows)).report
    check_usable(report)
    assert (report.read, report.used, report.taken, report.refused.total()) == (100, 90, 90, 10)
    assert [row["line"] for row in report.shown] == list(range(10, 101, 10))


def test_a_file_of_another_format_is_unusable(imported):
    report = imported(Segment(), GOLDEN / "ga4_events.jsonl").report
    with pytest.raises(EventLogError, match=r"2 of 2 rows cannot be read, the first in ga4_events\.jsonl line 1"):
        check_usable(report)


def test_an_empty_file_is_unusable(imported, json_lines):
    file = json_lines()
    file.write_text("", encoding="utf-8")
    with pytest.raises(EventLogError, match="holds no rows"):
        check_usable(imported(Ga4(), file).report)


def test_a_missing_file_is_an_error_before_anything_is_read(imported):
    with pytest.raises(EventLogError, match="no file at nowhere"):
        imported(Ga4(), GOLDEN / "ga4_events.jsonl", "nowhere")


def test_an_event_more_than_a_day_ahead_is_refused(imported):
    file, clock = GOLDEN / "ga4_events.jsonl", parse_moment("2024-09-01T08:30:00Z")
    assert imported(Ga4(), file, latest=clock).report.taken == 2
    assert imported(Ga4(), file, latest=clock - DAY).report.taken == 1


def test_several_processes_give_what_one_gives(imported, monkeypatch, json_lines):
    rows = [LINES[row % 2].replace("1725179", str(1725179 - row)) for row in range(40)]
    file = json_lines(*rows[:30], "{torn", *rows[30:], "{torn")
    alone = imported(Ga4(), file)
    monkeypatch.setattr(importer, "MUCH", 0)
    monkeypatch.setattr(lines, "PART", 7_000)
    together = imported(Ga4(), file)
    assert [row["line"] for row in together.report.shown] == [31, 42]
    assert together.events.equals(alone.events)
    assert together.report.plain() == alone.report.plain()


def test_links_that_were_known_before_are_not_counted_again(imported):
    first = imported(Segment(), GOLDEN / "segment.jsonl")
    again = imported(Segment(), GOLDEN / "segment.jsonl", prior=first.links)
    assert (first.report.links, again.report.links) == (1, 0)
