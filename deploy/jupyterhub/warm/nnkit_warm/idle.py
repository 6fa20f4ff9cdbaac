"""Wait for an idle processor before TensorFlow is imported."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

PATIENCE_S = float(os.environ.get("NNKIT_WARM_PATIENCE") or 120)
_RUNNING = Path("/proc/loadavg")


async def for_a_processor(patience_s: float = PATIENCE_S) -> None:
    """Wait until a processor is idle twice in a row, but at most ``patience_s`` seconds.

    Otherwise, when a whole class logs in at once, every server would import the libraries while
    other students still wait for their page.
    """
    free, waited = 0, 0.0
    while waited < patience_s:
        free = free + 1 if _at_work() < len(os.sched_getaffinity(0)) else 0
        if free == 2:
            return
        # At random times: servers that look together would find the same processor idle.
        pause = 0.3 if free else random.uniform(1, 4)
        await asyncio.sleep(pause)
        waited += pause


def _at_work() -> int:
    """Return how many threads of this machine are running or runnable, except this one."""
    return int(_RUNNING.read_text("ascii").split()[3].partition("/")[0]) - 1
