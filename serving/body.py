"""Reads the body of a request, packed or not, and no further than it may be."""

import json
import zlib
from typing import Any

from starlette.requests import ClientDisconnect, Request

from serving.errors import BodySizeError, MalformedBodyError, RequestError

ARRIVING = "nextstage.arriving"  # in the scope of a request: whether we wait for more of its body
GZIP = 16 + zlib.MAX_WBITS


async def read_body(request: Request, most: int) -> bytes:
    """Returns the body, unpacked if it is gzip.

    Raises
    ------
    BodySizeError
        If it has more than ``most`` bytes, packed or unpacked.
    MalformedBodyError
        If it is packed in a way that is not known, or broken, or breaks off.
    """
    packed = bytearray()
    request.scope[ARRIVING] = True
    try:
        async for chunk in request.stream():
            packed += chunk
            if len(packed) > most:
                raise BodySizeError(f"the body is larger than {most} bytes; send less at once")
    except ClientDisconnect:
        raise MalformedBodyError("the body breaks off; send as much as the headers say") from None
    request.scope[ARRIVING] = False
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding == "identity":
        return bytes(packed)
    if encoding != "gzip":
        raise MalformedBodyError(f"the body is packed as {encoding!r}; send it as gzip or as it is")
    return unpack(bytes(packed), most)


def unpack(packed: bytes, most: int) -> bytes:
    """Returns what a gzip body holds; a small one that would unpack without end is given up at ``most`` bytes."""
    unpacker = zlib.decompressobj(GZIP)
    try:
        body = unpacker.decompress(packed, most + 1)
    except zlib.error:
        raise MalformedBodyError("the body is no gzip; send it as gzip or without a Content-Encoding") from None
    if len(body) > most:
        raise BodySizeError(f"the body is larger than {most} bytes; send less at once")
    if not unpacker.eof or unpacker.unused_data:
        raise MalformedBodyError("the body is a part of a gzip file, or more than one; send a whole one")
    return body


def parse_object(body: bytes) -> dict[str, Any]:
    """Returns the object of a JSON body.

    Raises
    ------
    MalformedBodyError
        If it is not JSON in UTF-8.
    RequestError
        If it is no object.
    """
    try:
        data = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as problem:
        reason = "it is nested too deeply" if isinstance(problem, RecursionError) else str(problem)
        raise MalformedBodyError(f"the body is not JSON in UTF-8: {reason}; send one object") from None
    if not isinstance(data, dict):
        raise RequestError("the body is no object; give keys and values")
    return data


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
