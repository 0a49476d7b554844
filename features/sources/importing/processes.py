"""Answers to a stream of questions, in their order, from a few processes of this machine."""

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

from features.errors import EventLogError

Question = TypeVar("Question")
Answer = TypeVar("Answer")
WAITING_EACH = 2


def in_order(task: Callable[[Question], Answer], questions: Iterable[Question], workers: int) -> Iterator[Answer]:
    """Yields the answers in the order of the questions, of which only a few are taken ahead.

    Raises
    ------
    EventLogError
        If a process dies.
    """
    if workers <= 1:
        yield from map(task, questions)
        return
    waiting: deque[Future[Answer]] = deque()
    # nothing that a task makes outlives it in a circle, and looking for circles costs a sixth of the time
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=gc.disable) as pool:
        try:
            for question in questions:
                waiting.append(pool.submit(task, question))
                if len(waiting) > WAITING_EACH * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise EventLogError(
                "a process that read rows died, as it does when memory runs out; give fewer files at a time"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)
