import asyncio
import threading
import time

from serving.threads import in_thread


def test_work_is_done_elsewhere_and_its_result_comes_back() -> None:
    assert asyncio.run(
        in_thread(lambda a, b=0: (a + b, threading.current_thread() is threading.main_thread()), 1, b=2)
    ) == (
        3,
        False,
    )


def test_who_gives_up_waiting_does_not_wait_for_the_end() -> None:
    let_go = threading.Event()

    async def impatient() -> float:
        started = time.monotonic()
        try:
            async with asyncio.timeout(0.05):
                await in_thread(let_go.wait, 10)
        except TimeoutError:
            return time.monotonic() - started
        finally:
            let_go.set()
        return 0.0

    assert 0.05 <= asyncio.run(impatient()) < 5
