"""Rows of files of any size, one at a time, with the number of the line where each begins."""

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from features.errors import EventLogError
from features.sources.importing.records import Numbered, Refused

BOM = b"\xef\xbb\xbf"
DELIMITERS = (",", ";", "\t", "|")
LONGEST_CELL = 10_000_000


def byte_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Yields the lines of a file that are not blank, decompressed if its name ends in ``.gz``.

    Raises
    ------
    EventLogError
        If a compressed file is cut off or damaged.
    """
    with _opened(file) as lines:
        try:
            for number, line in enumerate(lines, start=1):
                bare = (line.removeprefix(BOM) if number == 1 else line).rstrip(b"\r\n")
                if bare:
                    yield number, bare
        except (EOFError, gzip.BadGzipFile) as error:
            raise EventLogError(f"{file.name} cannot be decompressed: {error}; fetch it again") from None


def json_rows(file: Path) -> Iterator[tuple[int, bytes]]:
    """Yields the JSON objects of a file: one a line, or the items of one array, which are then numbered.

    An array is read whole.
    """
    lines = byte_lines(file)
    first = next(lines, None)
    if first is None:
        return
    if not first[1].lstrip().startswith(b"["):
        yield first
        yield from lines
        return
    try:
        items = msgspec.json.decode(b"\n".join([first[1], *(line for _, line in lines)]), type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        raise EventLogError(f"{file.name} is no array of JSON objects: {error}; give one object a line") from None
    for number, item in enumerate(items, start=1):
        yield number, bytes(item)


def tab_rows(file: Path, header: tuple[str, ...] | None = None) -> Iterator[Numbered]:
    """Yields the rows of tab-separated lines by column; nothing is quoted in them.

    Parameters
    ----------
    header
        The columns of a file that does not name them itself.
    """
    for number, line in byte_lines(file):
        try:
            cells = line.decode("utf-8").split("\t")
        except UnicodeDecodeError:
            yield number, Refused("the line is not UTF-8 text")
            continue
        if header is None:
            header = tuple(cells)
        else:
            yield number, _named(header, cells)


def table_rows(file: Path) -> Iterator[Numbered]:
    """Yields the rows of a CSV file by column; a quoted cell may hold signs and line breaks."""
    csv.field_size_limit(LONGEST_CELL)
    with io.TextIOWrapper(_opened(file), encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        reader = csv.reader(text, delimiter=delimiter_of(file))
        header: tuple[str, ...] | None = None
        while True:
            first = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield first, Refused("the row is no CSV", error)
                continue
            if not cells:
                continue
            if header is None:
                header = tuple(name.strip() for name in cells)
            else:
                yield first, _named(header, cells)


def table_header(file: Path) -> tuple[str, ...]:
    """Returns the columns that the first line of a CSV file names; none for an empty file."""
    with io.TextIOWrapper(_opened(file), encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        return tuple(name.strip() for name in next(csv.reader(text, delimiter=delimiter_of(file)), []))


def delimiter_of(file: Path) -> str:
    """Returns the sign that stands most often in the first line, outside of quotes."""
    first = next(byte_lines(file), (1, b""))[1].decode("utf-8", errors="replace")
    bare = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _named(header: tuple[str, ...], cells: list[str]) -> dict[str, str] | Refused:
    if len(cells) != len(header):
        return Refused("the number of cells differs from the header's", f"{len(cells)} instead of {len(header)}")
    row = dict(zip(header, cells, strict=True))
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return Refused("the line is not UTF-8 text")
    return row


def _opened(file: Path) -> IO[bytes]:
    return gzip.open(file) if file.suffix == ".gz" else file.open("rb")  # type: ignore[return-value]
