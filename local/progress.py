"""Show progress: one line for each step that takes time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_ERASE_LINE = "\r\x1b[K"


class Progress:
    """Reports steps. On a terminal, the line of a running step counts seconds."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._title = ""
        self._started = 0.0
        self._seconds_shown = -1

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show that a step is running, and then how long it took."""
        self._title, self._started, self._seconds_shown = title, time.monotonic(), -1
        self.tick()
        try:
            yield
        except BaseException:
            self._end("failed")
            raise
        self._end("done")

    def tick(self) -> None:
        """Update the elapsed time of the current step."""
        seconds = int(time.monotonic() - self._started)
        if self._live and self._title and seconds != self._seconds_shown:
            self._seconds_shown = seconds
            self._write(f"{_ERASE_LINE}  {self._title} … {seconds} s")

    def line(self, text: str) -> None:
        """Write a separate line."""
        self._write(f"{text}\n")

    def _end(self, outcome: str) -> None:
        elapsed = time.monotonic() - self._started
        start = _ERASE_LINE if self._live else ""
        self._write(f"{start}  {self._title}: {outcome} in {elapsed:.1f} s\n")
        self._title = ""

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
