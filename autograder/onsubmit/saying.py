"""What the service says: lines with the time, each once until it is news again."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from autograder import tables

_AGAIN_S = 3600.0
_MOST = 2_000


class Sayer:
    """Prints lines; one on a trouble that goes on is printed once an hour.

    Parameters
    ----------
    write
        Takes a line. Default: standard output, at once.
    """

    def __init__(self, write: Callable[[str], None] | None = None) -> None:
        self.write = write or _print
        self._told: OrderedDict[str, float] = OrderedDict()

    def say(self, text: str) -> None:
        """Print a line, with the time, made harmless for a terminal."""
        self.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {tables.clean(text)}")

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

    def mended(self) -> None:
        """Tell every trouble again, should it come back."""
        self._told.clear()


def _print(line: str) -> None:
    print(line, flush=True)
