"""Wait for a time when importing TensorFlow takes nobody's processor."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

PATIENCE_S = float(os.environ.get("NNKIT_WARM_PATIENCE") or 120)
_RUNNING = Path("/proc/loadavg")


async def for_a_processor(patience_s: float = PATIENCE_S) -> None:
    """Return when a processor has nothing to do, twice in a row, or when patience is at an end.

    When a whole class logs in at once, every server would otherwise import the libraries while
    others are still waiting for their page.
    """
    free, waited = 0, 0.0
    while waited < patience_s:
        free = free + 1 if _at_work() < len(os.sched_getaffinity(0)) else 0
        if free == 2:
            return
        # Not all together: they would find the same processor free.
        pause = 0.3 if free else random.uniform(1, 4)
        await asyncio.sleep(pause)
        waited += pause


def _at_work() -> int:
    """Return how many threads of this machine run or could, without the one that asks."""
    return int(_RUNNING.read_text("ascii").split()[3].partition("/")[0]) - 1
