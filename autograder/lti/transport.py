"""HTTP requests: encrypted, without redirection, limited in size and time."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from autograder.errors import AutograderError
from autograder.terminal import clean

#: Seconds to connect and between two parts of an answer; seconds and bytes for all of it.
TIMEOUT = (10.0, 30.0)
TOTAL_S = 60.0
MOST_BYTES = 8_000_000

#: Unencrypted requests stay on this machine (see `addresses`): they use no proxy.
_DIRECT: dict[str, str | None] = {"http": None, "all": None}


class PlatformError(AutograderError):
    """The platform did not carry out a request.

    Attributes
    ----------
    status
        The HTTP status; 0 if there was no answer.
        busy
        Whether a later attempt may succeed.
        reply
        The body of the platform's answer.
    """

    def __init__(
        self, message: str, status: int = 0, *, busy: bool = False, reply: bytes = b""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.busy = busy
        self.reply = reply


@dataclass(frozen=True)
class Answer:
    """The platform's answer."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=CaseInsensitiveDict)
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the platform carried out the request."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the body's JSON value.

        Raises
        ------
        PlatformError
            If the body is not JSON.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise PlatformError(
                f"{self.url} answered with something else than JSON ({said(self.body)}): check "
                "that the address is right.",
                self.status,
            ) from error


class Transport:
    """A connection that is kept open between requests."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.headers.update({"Accept-Encoding": "identity", "User-Agent": "autograder"})

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def send(self, method: str, url: str, headers: Mapping[str, str], data: Any = None) -> Answer:
        """Send one request and return the answer, with any status.

        Raises
        ------
        PlatformError
            If there is no answer, or it is incomplete, too long or a redirection.
        """
        try:
            with self._session.request(
                method,
                url,
                headers=dict(headers),
                data=data,
                auth=_unchanged,
                timeout=TIMEOUT,
                proxies=_DIRECT if url.startswith("http:") else None,
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = Answer(url, response.status_code, response.headers, _body(response))
        except (requests.RequestException, HTTPError, OSError) as error:
            raise PlatformError(_silent(url, error), busy=_passing(error)) from error
        if 300 <= answer.status < 400:
            target = clean(answer.headers.get("Location", "no address"))[:200]
            raise PlatformError(
                f"{url} redirects to {target}, and a token does not follow a redirect. Write the "
                "last address into the settings.",
                answer.status,
            )
        return answer


def said(body: bytes) -> str:
    """Return the beginning of a platform's answer, as one line without control characters."""
    text = clean(body[:2000].decode("utf-8", errors="replace"))
    if text.startswith("<"):
        return "a web page"
    return f"{text[:200]}…" if len(text) > 200 else text or "nothing"


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return the request without a password that ~/.netrc may have for the host."""
    return request


def _body(response: requests.Response) -> bytes:
    """Return the body of an answer, within the limits of time and size."""
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding.strip().lower() not in ("", "identity"):
        raise requests.RequestException(f"it is compressed ({clean(encoding)}) without a request")
    data, until = bytearray(), time.monotonic() + TOTAL_S
    for part in response.raw.stream(65_536, decode_content=False):
        data += part
        if len(data) > MOST_BYTES:
            raise requests.RequestException(f"it is longer than {MOST_BYTES // 1_000_000} MB")
        if time.monotonic() > until:
            raise requests.Timeout(f"it takes longer than {TOTAL_S:.0f} s")
    return bytes(data)


def _passing(error: Exception) -> bool:
    """Whether the next attempt may succeed."""
    if isinstance(error, requests.exceptions.SSLError):
        return False
    return isinstance(error, requests.Timeout | requests.ConnectionError | HTTPError)


def _silent(url: str, error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return (
            f"{url} has no valid certificate. If your university has an authority of its own, "
            "name its file in REQUESTS_CA_BUNDLE."
        )
    if isinstance(error, requests.Timeout):
        return f"{url} did not answer in time"
    if isinstance(error, requests.ConnectionError):
        return f"{url} cannot be reached"
    return f"The answer of {url} is incomplete or cannot be used ({clean(str(error))[:200]})"
