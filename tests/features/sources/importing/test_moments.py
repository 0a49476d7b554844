import pytest

from features.errors import EventLogError
from features.sources.importing.moments import moment, zone_named
from features.sources.importing.records import Refused
from features.timestamps import parse_moment, to_iso

WARSAW = zone_named("Europe/Warsaw")


@pytest.mark.parametrize(
    "text",
    [
        "2024-09-01T08:29:00.000Z",
        "2024-09-01 08:29:00+00:00",
        "2024-09-01T10:29:00.000+0200",
        "2024-09-01 10:29:00",
        "1725179340000",
        "1 Sep 2024 10:29:00",
        "Sep 1, 2024 10:29:00",
    ],
)
def test_the_usual_ways_to_write_a_time_mean_the_same_moment(text):
    assert to_iso(moment(text, WARSAW)) == "2024-09-01T08:29:00Z"


def test_an_hour_that_a_clock_change_repeats_is_read_as_in_any_other_log():
    for text in ("2024-10-27T02:30:00", "2024-07-01T02:30:00", "2024-01-01T02:30:00"):
        assert moment(text, WARSAW) == parse_moment(text, "Europe/Warsaw")


def test_an_hour_that_a_clock_change_skips_lies_after_the_gap():
    assert to_iso(moment("2024-03-31T02:30:00", WARSAW)) == "2024-03-31T01:30:00Z"


def test_a_day_counts_from_its_end():
    assert to_iso(moment("2024-09-01", WARSAW)) == "2024-09-01T21:59:59Z"
    assert to_iso(moment("01.09.2024", WARSAW, "%d.%m.%Y")) == "2024-09-01T21:59:59Z"


@pytest.mark.parametrize("text", ["", None, "03/09/2024", "soon", "2024-13-01", "99999999999999999999"])
def test_what_is_no_unmistakable_time_is_refused(text):
    with pytest.raises(Refused, match="the time"):
        moment(text, WARSAW)


def test_a_time_without_a_zone_is_not_guessed():
    with pytest.raises(Refused, match="no zone"):
        moment("2024-09-01 10:29:00")


def test_an_unknown_zone_is_an_error():
    with pytest.raises(EventLogError, match="time zone 'Moon' is unknown"):
        zone_named("Moon")
