"""Rows of files of any size, one at a time, with the number of the line where each begins."""

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import msgspec

from features.errors import EventLogError
from features.sources.importing.records import Numbered, Refused

BOM = b"\xef\xbb\xbf"
DELIMITERS = (",", ";", "\t", "|")
LONGEST_CELL = 10_000_000
PART = 8_000_000
"""Bytes of lines that are read at a time."""


def byte_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Yields the lines of a file that are not blank, decompressed if its name ends in ``.gz``.

    Raises
    ------
    EventLogError
        If a compressed file is cut off or damaged.
    """
    with _opened(file) as lines:
        try:
            yield from bare_lines(lines)
        except (EOFError, gzip.BadGzipFile) as error:
            raise EventLogError(f"{file.name} cannot be decompressed: {error}; fetch it again") from None


def bare_lines(lines: IO[bytes], first: int = 1) -> Iterator[tuple[int, bytes]]:
    """Yields the lines that are not blank, without their ends, numbered from the first on."""
    for number, line in enumerate(lines, start=first):
        bare = (line.removeprefix(BOM) if number == 1 else line).rstrip(b"\r\n")
        if bare:
            yield number, bare


def as_it_is(row: bytes) -> bytes:
    """Returns a row as it stands in the file."""
    return row


@dataclass(frozen=True)
class JsonRows:
    """The JSON objects of a file: one a line, or the items of one array, which are then numbered.

    An array is read whole, lines are read when they are asked for: what is sent to another process are their bounds.

    Parameters
    ----------
    shape
        What a row is handed on as.
    start, size
        The bytes of some lines; all of the file if left out.
    line
        The number of the first line.
    """

    file: Path
    shape: Callable[[bytes], Any] = as_it_is
    start: int = 0
    size: int | None = None
    line: int = 1

    def __iter__(self) -> Iterator[Numbered]:
        rows = self._items() if self._is_array() else self._lines()
        return ((number, self.shape(row)) for number, row in rows)

    def divisible(self) -> bool:
        """Returns whether a few of the rows can be read without those before them."""
        return self.file.suffix != ".gz" and not self._is_array()

    def parts(self, size: int | None = None) -> Iterator["JsonRows"]:
        """Yields the rows a few lines at a time, if they are divisible."""
        start, line = 0, 1
        with self.file.open("rb") as file:
            while text := file.read(size or PART) + file.readline():
                yield replace(self, start=start, size=len(text), line=line)
                start, line = start + len(text), line + text.count(b"\n")

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        if self.size is None:
            yield from byte_lines(self.file)
            return
        with self.file.open("rb") as file:
            file.seek(self.start)
            text = file.read(self.size)
        yield from bare_lines(io.BytesIO(text), self.line)

    def _is_array(self) -> bool:
        return self.size is None and next(byte_lines(self.file), (1, b""))[1].lstrip().startswith(b"[")

    def _items(self) -> Iterator[tuple[int, bytes]]:
        text = b"\n".join(line for _, line in byte_lines(self.file))
        try:
            items = msgspec.json.decode(text, type=list[msgspec.Raw])
        except msgspec.DecodeError as error:
            raise EventLogError(
                f"{self.file.name} is no array of JSON objects: {error}; give one object a line"
            ) from None
        return ((number, bytes(item)) for number, item in enumerate(items, start=1))


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
