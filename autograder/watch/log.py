"""The log of the service: lines with the time; a repeated one at most once an hour."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from autograder import terminal

_AGAIN_S = 3600.0
_MOST = 2_000


class Sayer:
    """Prints lines; a repeated line about a problem is printed once an hour.

    Parameters
    ----------
    write
        Called with each line. Default: print to standard output and flush.
    """

    def __init__(self, write: Callable[[str], None] | None = None) -> None:
        self.write = write or _print
        self._told: OrderedDict[str, float] = OrderedDict()

    def say(self, text: str) -> None:
        """Print a line with the time, without control characters."""
        self.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {terminal.clean(text)}")

    def once(self, text: str) -> None:
        """Print a line, unless it was printed within the last hour."""
        now = time.monotonic()
        if now - self._told.get(text, -_AGAIN_S) < _AGAIN_S:
            return
        self._told[text] = now
        self._told.move_to_end(text)
        if len(self._told) > _MOST:
            self._told.popitem(last=False)
        self.say(text)

    def fixed(self) -> None:
        """Forget all earlier lines, so that a problem that returns is printed again."""
        self._told.clear()


def _print(line: str) -> None:
    print(line, flush=True)
