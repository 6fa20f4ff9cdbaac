"""The connection to a scheduler: submissions go out, what happens comes in through one queue.

A scheduler that does not answer counts as lost; the connection is then made anew, and whoever holds
it submits again what was on its way.
"""

from __future__ import annotations

import logging
import pickle
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import dask
from distributed import Client, Future, KilledWorker
from distributed.security import Security

from autograder.dask.address import Place

#: A scheduler that is silent for so long counts as lost.
SILENCE_S = 20.0
_POLL_S = 0.5
_ANSWER_S = 10.0
_FETCH_S = 60.0
_FETCHERS = 32


@dataclass(frozen=True)
class Done:
    """A task has ended, one way or another.

    Attributes
    ----------
    value
        What it returned.
    failure
        Why it returned nothing, or what it returned cannot be had; None where it can.
    lost
        Its worker went, and took what it returned with it.
    killed
        Its workers ended again and again.
    """

    key: str
    value: Any = None
    failure: str | None = None
    lost: bool = False
    killed: bool = False


@dataclass(frozen=True)
class Roster:
    """The workers that are there, with their threads."""

    addresses: dict[str, int]


@dataclass(frozen=True)
class Lost:
    """The scheduler does not answer."""

    reason: str


class Link:
    """One connection to a scheduler.

    Parameters
    ----------
    place
        Where the scheduler is.
    seconds
        How long to try.

    Raises
    ------
    OSError
        If there is no connection.
    """

    def __init__(self, place: Place, seconds: float) -> None:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GB"})
        self.inbox: queue.SimpleQueue[Done | Roster | Lost] = queue.SimpleQueue()
        self.client = Client(
            place.address,
            timeout=seconds,
            security=place.security or Security(require_encryption=False),
            set_as_default=False,
            name="autograder",
        )
        # Each waits for one result: a worker that hangs holds up no other's.
        self._fetchers = ThreadPoolExecutor(_FETCHERS, "cluster-fetch")
        self._closed = threading.Event()
        threading.Thread(target=self._watch, name="cluster-roster", daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether the connection holds, as far as is known."""
        return self.client.status == "running"

    @property
    def scheduler(self) -> str:
        """The scheduler's address, as it gives it itself."""
        return self.client.scheduler_info(n_workers=0).get("address", "")

    @property
    def dashboard(self) -> str | None:
        """The address of Dask's dashboard; None where there is none."""
        with suppress(Exception):
            return self.client.dashboard_link
        return None

    def submit(self, call: bytes, address: str, key: str) -> Future | None:
        """Let one worker make a call; its end, with what it returned, comes into the inbox.

        None where the connection does not take it; that it is lost then comes into the inbox.
        """
        try:
            future = self.client.submit(
                pickle.loads,
                call,
                key=key,
                workers=[address],
                allow_other_workers=False,
                pure=False,
            )
            future.add_done_callback(lambda ended: self._fetchers.submit(self._fetch, key, ended))
        except Exception as error:
            self.inbox.put(Lost(f"it takes no task ({type(error).__name__})"))
            return None
        return future

    def forget(self, future: Future | None) -> None:
        """Let the cluster drop a task, or its result."""
        if future is not None:
            with suppress(Exception):
                self.client.sync(self.client._cancel, [future], callback_timeout=_ANSWER_S)

    def tell(self, function: Any, *given: Any, addresses: list[str]) -> None:
        """Call a function on some workers; one that does not answer is left."""
        with suppress(Exception):
            self.client.sync(
                self.client._run,
                function,
                *given,
                workers=addresses,
                on_error="ignore",
                callback_timeout=_ANSWER_S,
            )

    def close(self) -> None:
        """End the connection; one that hangs is left to a thread."""
        self._closed.set()
        self._fetchers.shutdown(wait=False, cancel_futures=True)

        def end() -> None:
            with suppress(Exception):
                self.client.close(timeout=3)

        thread = threading.Thread(target=end, name="cluster-close", daemon=True)
        thread.start()
        thread.join(4)

    def _fetch(self, key: str, future: Future) -> None:
        """Put what a task returned into the inbox."""
        if not future.done():  # it was, a moment ago
            self.inbox.put(Done(key, lost=True))
            return
        try:
            self.inbox.put(Done(key, future.result(timeout=_FETCH_S)))
        except KilledWorker as error:
            why = f"the worker {error.last_worker.address} ended"
            self.inbox.put(Done(key, failure=why, killed=True))
        except Exception as error:  # a task can raise anything, and so can fetching
            first = next(iter(f"{type(error).__name__}: {error}".splitlines()))
            self.inbox.put(Done(key, failure=first))

    def _watch(self) -> None:
        """Ask again and again who is there."""
        heard = time.monotonic()
        while not self._closed.wait(_POLL_S):
            if not self.alive:
                self.inbox.put(Lost("the connection broke"))
                return
            try:
                found = self.client.sync(self.client.scheduler.ncores, callback_timeout=_ANSWER_S)
            except Exception as error:
                if time.monotonic() - heard > SILENCE_S:
                    self.inbox.put(Lost(f"it is silent ({type(error).__name__})"))
                    return
            else:
                heard = time.monotonic()
                self.inbox.put(Roster(dict(found)))
