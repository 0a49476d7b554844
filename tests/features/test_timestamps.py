import numpy as np
import pandas as pd
import pytest

from features.errors import EventLogError
from features.timestamps import parse_moment, to_iso, to_microseconds, usual_moment


def read(*stamps, timezone=None):
    return [to_iso(moment) for moment in to_microseconds(pd.Series(stamps, name="timestamp", dtype=object), timezone)]


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00.000000z",
        "2026-01-31 13:00:00+01:00",
        "2026-01-31T13:00+01",
        "2026-01-31T06:30:00-0530",
        "2026-01-31 14:00:00 +02:00",
        " 2026-01-31T12:00:00Z ",
        "20260131T120000Z",
    ],
)
def test_a_stamp_with_a_zone_is_read_in_its_zone_whatever_the_config_says(text):
    assert read(text) == read(text, timezone="Asia/Tokyo") == ["2026-01-31T12:00:00Z"]


def test_each_row_keeps_its_own_zone():
    stamps = ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00+02:00", "2026-01-31T12:00:00")
    expected = ["2026-01-31T12:00:00Z", "2026-01-31T10:00:00Z", "2026-01-31T11:00:00Z"]
    assert read(*stamps, timezone="Europe/Warsaw") == expected


def test_microseconds_are_kept_and_finer_digits_are_cut():
    assert read("2026-01-31T12:00:00.123456999Z") == ["2026-01-31T12:00:00.123456Z"]


def test_a_bare_date_is_midnight_in_the_named_zone():
    assert read("2026-01-31", timezone="Europe/Warsaw") == ["2026-01-30T23:00:00Z"]


def test_an_hour_that_the_clock_repeats_is_standard_time():
    assert read("2026-10-25T02:30:00", timezone="Europe/Warsaw") == ["2026-10-25T01:30:00Z"]


def test_an_hour_that_the_clock_skips_moves_to_the_end_of_the_gap():
    assert read("2026-03-29T02:30:00", timezone="Europe/Warsaw") == ["2026-03-29T01:00:00Z"]


def test_a_moment_before_1970_goes_there_and_back():
    assert to_iso(parse_moment("1969-12-31T23:59:59.999999Z")) == "1969-12-31T23:59:59.999999Z"


def test_pandas_datetimes_and_datetime_objects_are_read_like_text():
    aware = pd.to_datetime(["2026-01-31T13:00:00+01:00"], utc=False)
    expected = [parse_moment("2026-01-31T12:00:00Z")]
    assert to_microseconds(pd.Series(aware), None).tolist() == expected
    assert to_microseconds(pd.Series(aware.to_pydatetime(), dtype=object), None).tolist() == expected
    naive = pd.Series(aware.tz_localize(None))
    assert to_microseconds(naive, "Europe/Warsaw").tolist() == expected


def test_the_column_handed_in_stays_as_it_was():
    column = pd.Series(["2026-01-31T12:00:00Z", "2026-01-31T12:00:00+02:00"], index=[7, 3], name="timestamp")
    before = column.copy(deep=True)
    to_microseconds(column, None)
    pd.testing.assert_series_equal(column, before)


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00", "2026-01-31", "20260131"])
def test_a_stamp_without_a_zone_is_an_error_that_names_row_and_remedy(text):
    with pytest.raises(EventLogError, match=r"no time zone in row 2: '2026.*give UTC timestamps or set 'timezone:'"):
        read("2026-01-31T12:00:00Z", text)


def test_a_naive_pandas_column_is_an_error():
    column = pd.Series(pd.to_datetime(["2026-01-31"]), name="timestamp")
    with pytest.raises(EventLogError, match="column 'timestamp' has no time zone"):
        to_microseconds(column, None)


@pytest.mark.parametrize("text", ["yesterday", "now", "today", "31/01/2026 12:00Z", "2026-13-01T00:00:00Z", "", None])
@pytest.mark.parametrize("timezone", [None, "Europe/Warsaw"])
def test_an_unreadable_stamp_is_an_error_that_names_the_row(text, timezone):
    with pytest.raises(EventLogError, match="column 'timestamp' cannot be read as a time in row 2"):
        read("2026-01-31T12:00:00Z", text, timezone=timezone)


def test_a_column_of_numbers_is_an_error_and_one_of_nothing_but_gaps_names_the_row():
    with pytest.raises(EventLogError, match=r"holds numbers, such as 1767225600\.0; give ISO 8601"):
        to_microseconds(pd.Series([np.nan, 1767225600], name="timestamp"), None)
    with pytest.raises(EventLogError, match="cannot be read as a time in row 1"):
        to_microseconds(pd.Series([np.nan], name="timestamp"), None)
    assert len(to_microseconds(pd.Series([], name="timestamp", dtype=float), None)) == 0


@pytest.mark.parametrize("zone", ["Europe/Warsau", "", "../etc/passwd"])
def test_an_unknown_zone_is_an_error(zone):
    with pytest.raises(EventLogError, match="is unknown; give an IANA name, like 'Europe/Warsaw'"):
        read("2026-01-31", timezone=zone)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29T23:59:59.999999Z",
        "2024-02-29 23:59+14:00",
        "1899-12-31T23:59:59-0100",
        "1969-12-31T23:59:59.5Z",
        "2261-12-31T23:59:59Z",
        "2024-06-01T00:00:00.000001-11:30",
    ],
)
def test_the_usual_form_is_read_as_the_parser_of_columns_reads_it(text):
    assert usual_moment(text) == to_microseconds(pd.Series([text]), None)[0]


@pytest.mark.parametrize(
    "text",
    ["2023-02-29T00:00Z", "2262-01-01T00:00Z", "1899-12-31T23:59Z", "2024-01-01T24:30Z", "٢٠٢٤-01-01T00:00Z", ""],
)
def test_what_is_not_in_the_usual_form_is_left_to_the_parser(text):
    assert usual_moment(text) is None
