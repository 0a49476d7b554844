"""Looks for a text in every file of a folder, in every form in which a program may have written it."""

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pyarrow.parquet as pq


def traces(folder: Path, name: str) -> list[str]:
    """Returns which files hold a text, and in which form."""
    return [
        f"{path.relative_to(folder)}: {form}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for form, sought in forms(name).items()
        if any(sought in content for content in contents(path))
    ]


def forms(name: str) -> dict[str, bytes]:
    """Returns the bytes of a text as UTF-8, UTF-16, JSON, in an address, and in base64 wherever it begins."""
    plain = name.encode()
    found = {
        "UTF-8": plain,
        "UTF-16 little": name.encode("utf-16-le"),
        "UTF-16 big": name.encode("utf-16-be"),
        "JSON": json.dumps(name)[1:-1].encode(),
        "address": quote(name, safe="").encode(),
        "form": quote_plus(name).encode(),
        "hexadecimal": plain.hex().encode(),
    }
    for before, unlike in ((0, 0), (1, 2), (2, 3)):  # what stands before changes the first characters
        whole = len(plain) - (len(plain) + before) % 3
        found[f"base64 after {before}"] = base64.b64encode(b"\0" * before + plain[:whole])[unlike:]
    return found


def contents(path: Path) -> Iterator[bytes]:
    """Yields the bytes of a file, and what they hold when they are unpacked."""
    data = path.read_bytes()
    yield data
    if data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)
    if path.suffix == ".parquet":
        yield json.dumps(pq.read_table(path).to_pydict(), default=str, ensure_ascii=False).encode()
