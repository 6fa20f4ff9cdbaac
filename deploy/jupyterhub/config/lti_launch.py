"""Launches by LTI 1.3: check them without blocking the hub, and read their claims."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"
# Separate threads: the hub resolves host names in those of asyncio.
_CHECKERS = ThreadPoolExecutor(8, "lti-launch")


def in_a_thread(handler: type) -> type:
    """Return a subclass of the library's handler of launches that checks them in a thread.

    For each launch the library fetches the platform's keys, which may take half a minute; in the
    main thread, the hub would answer no other request meanwhile.
    """

    class Launch(handler):
        """Checks a launch in a thread, then continues with the result."""

        async def post(self) -> None:
            self._checked = _CHECKERS.submit(super().decode_and_validate_launch_request)
            await asyncio.gather(asyncio.wrap_future(self._checked), return_exceptions=True)
            await super().post()

        def decode_and_validate_launch_request(self) -> dict[str, Any]:
            return self._checked.result()

    return Launch


def claim(token: dict[str, Any], key: str) -> tuple[Any, str]:
    """Return the table that contains a claim of a launch, and the claim's name in it.

    ``custom_NAME`` is a custom claim, in the table of custom claims.
    """
    name = key.removeprefix("custom_")
    return (token if name == key else token.get(CUSTOM)), name
