"""What scores of stored customers are made of, kept in memory and never older than the last change in the store."""

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from features.encoded_log import EncodedLog
from models.predictor import Predictor
from serving.changes import EVERYBODY, changed_since, last_change
from serving.consents import suppressed_among
from serving.errors import UnknownCustomerError
from serving.identities import led_to
from serving.store import Store, read_log

MOST_EVENTS = 2_000_000
"""Some 50 bytes each, so about 100 MB in each process."""

BLOCK = 100
"""Customers that are read at once before anybody asks for them: requests meanwhile do not wait long."""

OF_A_CUSTOMER = 60
"""What is kept of a customer besides the events takes as much memory as so many of them."""


class Kept(NamedTuple):
    """One customer: the encoded events, whether the customer opted out, and whom this id ever led to."""

    log: EncodedLog
    is_suppressed: bool
    leads_to: frozenset[str]


class Histories:
    """The customers that were asked for last.

    Every question first reads which customers changed since the one before, a few microseconds, and forgets these:
    whatever was committed before the question, by whichever process, is in the answer.

    Parameters
    ----------
    most
        How many events are kept; those of the customers asked for longest ago are forgotten first.
    """

    def __init__(self, store: Store, predictor: Predictor, most: int = MOST_EVENTS) -> None:
        self._store, self._predictor, self._most = store, predictor, most
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._leading: dict[str, set[str]] = {}  # who is kept by whom they lead to
        self._weight = 0
        self._lock = threading.Lock()
        with store.database.reading() as connection:
            self._seen = last_change(connection)

    def read(self, customer_ids: Sequence[str]) -> tuple[EncodedLog, frozenset[str]]:
        """Returns the encoded log of different customers in their order, and which of them opted out.

        Raises
        ------
        UnknownCustomerError
            If the store has no event of a customer.
        """
        with self._lock:
            self._forget_changed()
            seen, found = self._seen, {name: self._kept[name] for name in customer_ids if name in self._kept}
            for name in found:
                self._kept.move_to_end(name)
        missing = [name for name in customer_ids if name not in found]
        if missing:
            found |= self._load(missing, seen)
        asked = [found[name] for name in customer_ids]
        opted_out = frozenset(name for name, kept in zip(customer_ids, asked, strict=True) if kept.is_suppressed)
        return EncodedLog.join([kept.log for kept in asked]), opted_out

    def customers(self) -> list[str]:
        """Returns the ids of those who are kept, those asked for longest ago first."""
        with self._lock:
            return list(self._kept)

    def warm(self, customer_ids: Sequence[str]) -> None:
        """Reads customers before anybody asks for them; who is no longer in the store is passed over."""
        for first in range(0, len(customer_ids), BLOCK):
            block = customer_ids[first : first + BLOCK]
            with contextlib.suppress(UnknownCustomerError):
                self.read(block)

    def _load(self, customer_ids: list[str], seen: int) -> dict[str, Kept]:
        with self._store.database.reading() as connection:
            log = read_log(connection, customer_ids)
            leads = led_to(connection, customer_ids)
            opted_out = suppressed_among(connection, leads)
        parts = {part.customers[0]: part for part in self._predictor.encode(log).split()}
        loaded = {name: Kept(part, name in opted_out, leads[name]) for name, part in parts.items()}
        with self._lock:
            if self._seen == seen:  # else what was read may be older than what others have seen by now
                for name, kept in loaded.items():
                    self._keep(name, kept)
        return loaded

    def _keep(self, name: str, kept: Kept) -> None:
        self._forget(name)
        self._kept[name] = kept
        self._weight += _weight(kept)
        for customer in kept.leads_to:
            self._leading.setdefault(customer, set()).add(name)
        while self._weight > self._most:
            self._forget(next(iter(self._kept)))

    def _forget_changed(self) -> None:
        for change, name in changed_since(self._store.database, self._seen):
            self._seen = change
            if name == EVERYBODY:
                self._kept.clear()
                self._leading.clear()
                self._weight = 0
            else:
                for each in (name, *self._leading.get(name, ())):  # a refusal holds for every id of a customer
                    self._forget(each)

    def _forget(self, name: str) -> None:
        kept = self._kept.pop(name, None)
        if kept is not None:
            self._weight -= _weight(kept)
            for customer in kept.leads_to:
                self._leading[customer].discard(name)


def _weight(kept: Kept) -> int:
    return kept.log.n_events + OF_A_CUSTOMER
