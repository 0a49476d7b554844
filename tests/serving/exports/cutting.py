"""A transport that ends at a request as a killed process does: nothing after it is done, nothing is cleaned up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from typing_extensions import override

from serving.exports.transport import Answer, Transport


class CutOff(BaseException):
    """What nobody catches, as nobody catches kill -9."""


@dataclass(frozen=True)
class Cutting(Transport):
    """Ends at one request, before it is sent or before its answer is read; or sends it again, as after silence."""

    at: int = 0
    is_answered: bool = False
    again: bool = False
    sent: list[str] = field(default_factory=list)

    def __init__(self, at: int, is_answered: bool = False, again: bool = False) -> None:
        super().__init__(wait=lambda _: None)
        for name, value in {"at": at, "is_answered": is_answered, "again": again, "sent": []}.items():
            object.__setattr__(self, name, value)

    @override
    def send(self, method: str, url: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        self.sent.append(method)
        is_now = len(self.sent) == self.at
        if is_now and not self.is_answered:
            raise CutOff
        answer = super().send(method, url, body, headers)
        if is_now and self.again:
            return super().send(method, url, body, headers)
        if is_now:
            raise CutOff
        return answer
