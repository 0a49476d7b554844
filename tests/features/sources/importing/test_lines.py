import gzip

import pytest

from features.errors import EventLogError
from features.sources.importing.lines import JsonRows, byte_lines, delimiter_of, tab_rows, table_header, table_rows
from features.sources.importing.records import Refused


def test_lines_keep_their_numbers_when_blank_ones_are_left_out(tmp_path):
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfone\r\n\n\nfour\n")
    assert list(byte_lines(tmp_path / "a")) == [(1, b"one"), (4, b"four")]


def test_a_compressed_file_is_read_as_the_plain_one(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"one\ntwo\n"))
    assert list(byte_lines(tmp_path / "a.gz")) == [(1, b"one"), (2, b"two")]


def test_a_compressed_file_that_is_cut_off_is_an_error(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"one\n" * 1000)[:-12])
    with pytest.raises(EventLogError, match=r"a\.gz cannot be decompressed"):
        list(byte_lines(tmp_path / "a.gz"))


def test_an_array_is_numbered_by_its_items(tmp_path):
    (tmp_path / "a").write_text('[\n {"n": 1},\n {"n": 2}\n]\n', encoding="utf-8")
    assert list(JsonRows(tmp_path / "a")) == [(1, b'{"n": 1}'), (2, b'{"n": 2}')]
    (tmp_path / "a").write_text("[1, 2", encoding="utf-8")
    with pytest.raises(EventLogError, match="no array of JSON objects"):
        list(JsonRows(tmp_path / "a"))


def test_nothing_holds_no_rows(tmp_path):
    (tmp_path / "a").write_text("", encoding="utf-8")
    assert list(JsonRows(tmp_path / "a")) == list(tab_rows(tmp_path / "a")) == list(table_rows(tmp_path / "a")) == []
    assert table_header(tmp_path / "a") == ()


@pytest.mark.parametrize("read", [tab_rows, table_rows])
def test_bytes_that_are_no_text_are_refused_alone(tmp_path, read):
    (tmp_path / "a").write_bytes(b"x\ty\n1\t2\n\xff\t2\n3\t4\n")
    rows = list(read(tmp_path / "a"))
    assert [line for line, _ in rows] == [2, 3, 4]
    assert isinstance(rows[1][1], Refused)
    assert rows[2][1] == {"x": "3", "y": "4"}


def test_a_cell_may_hold_signs_and_line_breaks(tmp_path):
    (tmp_path / "a").write_text('a,b\n"1,\n""2""",3\n4,5\n', encoding="utf-8")
    assert list(table_rows(tmp_path / "a")) == [(2, {"a": '1,\n"2"', "b": "3"}), (4, {"a": "4", "b": "5"})]


def test_a_delimiter_inside_of_quotes_is_none(tmp_path):
    (tmp_path / "a").write_text('"a,b,c,d";e\n', encoding="utf-8")
    assert delimiter_of(tmp_path / "a") == ";"
    assert table_header(tmp_path / "a") == ("a,b,c,d", "e")


@pytest.mark.parametrize("size", [1, 9, 10, 11, 1_000])
def test_parts_of_a_file_give_every_row_once_with_its_number(tmp_path, size):
    (tmp_path / "a").write_bytes(b'\xef\xbb\xbf{"n": 1}\r\n\n{"n": 3}\n[4]\n\n\n{"n": 7}')
    rows = JsonRows(tmp_path / "a")
    assert rows.divisible()
    assert [row for part in rows.parts(size) for row in part] == list(rows)
    assert list(rows) == [(1, b'{"n": 1}'), (3, b'{"n": 3}'), (4, b"[4]"), (7, b'{"n": 7}')]


def test_neither_an_array_nor_a_compressed_file_is_divisible(tmp_path):
    (tmp_path / "a").write_text('\n [\n{"n": 1}]', encoding="utf-8")
    (tmp_path / "a.gz").write_bytes(gzip.compress(b'{"n": 1}\n'))
    assert not JsonRows(tmp_path / "a").divisible()
    assert not JsonRows(tmp_path / "a.gz").divisible()
    assert list(JsonRows(tmp_path / "a.gz")) == [(1, b'{"n": 1}')]
