"""Work on many things at once, in threads."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context

# Threads keep connections of their own, so they are kept for the next run, by their number. One
# that is at work is never shared: a run within it would wait for itself.
_idle: dict[int, list[ThreadPoolExecutor]] = {}


def in_threads[Item, Result](
    do: Callable[[Item], Result], items: Iterable[Item], *, at_once: int
) -> Iterator[tuple[Item, Result]]:
    """Do something with each item, and return each with its result as soon as it is there.

    An item is taken when a thread is free for it. `do` has the deadline, the ids of the log and
    the pace of the caller. What it raises ends this, once the other threads are done.
    """
    running: dict[Future[Result], Item] = {}
    idle = _idle.setdefault(at_once, [])
    pool = idle.pop() if idle else ThreadPoolExecutor(at_once)
    try:
        for item in items:
            running[pool.submit(copy_context().run, do, item)] = item
            if len(running) == at_once:
                yield from _finished(running)
        while running:
            yield from _finished(running)
    finally:
        wait(running)
        idle.append(pool)


def _finished[Item, Result](
    running: dict[Future[Result], Item],
) -> Iterator[tuple[Item, Result]]:
    """Wait for the next to finish, and take out all that have."""
    for future in wait(running, return_when=FIRST_COMPLETED).done:
        yield running.pop(future), future.result()
