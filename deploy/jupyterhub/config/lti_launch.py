"""Launches by LTI 1.3, checked while the hub does other work, and their claims."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"
# Threads of their own: the hub looks up names in those that asyncio has.
_CHECKERS = ThreadPoolExecutor(8, "lti-launch")


def in_a_thread(handler: type) -> type:
    """Return the library's handler of launches, made to check them in a thread.

    For each launch the library fetches the platform's keys, for half a minute if it must, and the
    hub would answer nobody until they are there.
    """

    class Launch(handler):
        """Checks a launch first, and goes on with the result."""

        async def post(self) -> None:
            self._checked = _CHECKERS.submit(super().decode_and_validate_launch_request)
            await asyncio.gather(asyncio.wrap_future(self._checked), return_exceptions=True)
            await super().post()

        def decode_and_validate_launch_request(self) -> dict[str, Any]:
            return self._checked.result()

    return Launch


def claim(token: dict[str, Any], key: str) -> tuple[Any, str]:
    """Return the table in which a launch has a claim, and the claim's name there.

    ``custom_NAME`` is a claim of the course's own, in a table of such claims.
    """
    name = key.removeprefix("custom_")
    return (token if name == key else token.get(CUSTOM)), name
