"""The connection to a scheduler: send calls to single workers, and receive their results."""

from __future__ import annotations

import asyncio
import logging
import pickle
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import dask
from distributed import Client
from distributed.client import FutureCancelledError
from distributed.security import Security

from autograder.cluster import address as addresses
from autograder.cluster.address import Place
from autograder.errors import AutograderError

#: Seconds after which a scheduler that does not answer counts as lost.
SILENCE_S = 20.0
_POLL_S = 0.5
_ANSWER_S = 10.0


class Link:
    """A connection to a scheduler, which can be restored after it is lost.

    Parameters
    ----------
    place
        The scheduler's address.
    patience_s
        Seconds to wait for a lost scheduler or worker.
    """

    def __init__(self, place: Place, patience_s: float) -> None:
        self.place = place
        self.patience_s = patience_s
        self.name = uuid.uuid4().hex[:12]  # identifies this command to a worker
        self.client: Client | None = None
        self._broken = False  # stays True, although Dask's client connects again by itself

    def connect(self, seconds: float) -> None:
        """Connect; give up after ``seconds``.

        Raises
        ------
        OSError
            If there is no connection.
        AutograderError
            If the scheduler is not safe.
        """
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GB"})
        self.client = Client(
            self.place.address,
            timeout=seconds,
            security=self.place.security or Security(require_encryption=False),
            set_as_default=False,
            name="autograder",
        )
        self._broken = False
        if not self.place.trusts(self.scheduler):
            raise AutograderError(addresses.unsafe(self.scheduler))

    def reconnect(self, advice: str) -> None:
        """Connect again, as soon as the scheduler is available.

        Raises
        ------
        AutograderError
            If it stays lost for more than ``patience_s``; ``advice`` is added to the message.
        """
        self.close()
        try:
            self.connect(self.patience_s)
        except OSError as error:
            raise AutograderError(
                f"The scheduler at {self.place.address} has been unavailable for "
                f"{self.patience_s / 60:g} minutes ({reason(error)}). {advice}"
            ) from error

    @property
    def alive(self) -> bool:
        """Whether the connection is alive, as far as is known."""
        return self.client is not None and self.client.status == "running" and not self._broken

    @property
    def scheduler(self) -> str:
        """The scheduler's address, as the scheduler reports it."""
        return self.client.scheduler_info(n_workers=0).get("address", "")

    @property
    def dashboard(self) -> str | None:
        """The address of Dask's dashboard; None without one."""
        with suppress(Exception):
            return self.client.dashboard_link
        return None

    def start(self, coroutine: Coroutine[Any, Any, None]) -> Future[None]:
        """Run a coroutine in the connection's thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.client.loop.asyncio_loop)

    def soon(self, function: Callable[[], None]) -> None:
        """Call a function in the connection's thread."""
        self.client.loop.add_callback(function)

    async def call(self, address: str, key: str, call: bytes) -> Any:
        """Make a call on one worker; return its result, or raise its exception.

        Raises
        ------
        OSError
            If the scheduler was lost, and the call with it.
        """
        future = self.client.submit(pickle.loads, call, key=key, workers=[address], pure=False)
        # If it were cancelled, it would leave its own tasks behind: the release ends it.
        gathering = asyncio.ensure_future(self.client.gather(future, asynchronous=True))
        gathering.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            return await asyncio.shield(gathering)
        except FutureCancelledError as error:
            self._broken = True
            raise OSError("the connection broke") from error
        finally:
            future.release()  # the scheduler drops the result, or the call if this is cancelled

    async def rosters(self) -> AsyncIterator[dict[str, int]]:
        """Yield the number of threads for each worker's address, until the scheduler is lost.

        A scheduler that does not answer counts as lost, too: a cut network gives no error.
        """
        heard = time.monotonic()
        while self.alive and time.monotonic() - heard < SILENCE_S:
            found = None
            with suppress(Exception):
                found = await asyncio.wait_for(self.client.scheduler.ncores(), _ANSWER_S)
            if found is not None:
                heard = time.monotonic()
                yield dict(found)
            await asyncio.sleep(_POLL_S)

    def tell(self, function: Any, *given: Any, addresses: list[str]) -> None:
        """Call a function on some workers next to their tasks; ignore those that do not answer."""
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
        """End the connection; if that hangs, a background thread goes on."""
        client, self.client = self.client, None

        def end() -> None:
            with suppress(Exception):
                client.close(timeout=3)

        if client is not None:
            thread = threading.Thread(target=end, name="cluster-close", daemon=True)
            thread.start()
            thread.join(4)


def reason(error: OSError) -> str:
    """Return the first line of an error."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__
