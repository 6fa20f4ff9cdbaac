"""The LMS (platform): get an access token for a signed assertion, send requests with retries."""

from __future__ import annotations

import json
import random
import re
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlencode, urljoin

import jwt

from autograder.lti import addresses
from autograder.lti.keys import Key
from autograder.lti.settings import Settings
from autograder.lti.transport import Answer, PlatformError, Transport, said

#: Seconds before each retry, and the longest pause that a platform may ask for.
PAUSES = (1.0, 2.0, 4.0, 8.0)
LONGEST_S = 120.0
AWAY = (429, 502, 503, 504)

ASSERTION_S = 300
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MOST_PAGES = 200

_NEXT = re.compile(r"<([^>]*)>[^<]*?\brel\s*=[^;,<]*?\bnext\b", re.ASCII | re.IGNORECASE)


class Platform:
    """A connection to a platform, as one client.

    Parameters
    ----------
    say
        Called with a sentence before each pause.
    """

    def __init__(
        self,
        settings: Settings,
        key: Key,
        say: Callable[[str], object] = str,
    ) -> None:
        self.settings = settings
        self.scopes: frozenset[str] = frozenset()
        self._key, self._say = key, say
        self._transport = Transport()
        self._origins = settings.origins()
        self._wanted: tuple[str, ...] = ()
        self._token, self._until = "", 0.0

    def __enter__(self) -> Platform:
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.close()

    def connect(self, scopes: Collection[str]) -> None:
        """Get an access token; sets ``self.scopes`` to the scopes that the platform grants.

        Raises
        ------
        PlatformError
            If the platform grants no token.
        """
        self._wanted = tuple(scopes)
        url = self.settings.token_url
        answer = self._repeating(
            lambda: self._transport.send("POST", url, *self._request(self._wanted))
        )
        told = answer.json() if answer.ok else {}
        token = told.get("access_token") if isinstance(told, dict) else None
        if not (isinstance(token, str) and re.fullmatch(r"[\x21-\x7e]+", token)):
            busy = answer.status in AWAY
            raise PlatformError(_no_token(url, answer, self._key.kid), answer.status, busy=busy)
        granted = told.get("scope")
        self.scopes = frozenset(granted.split() if isinstance(granted, str) else self._wanted)
        life = told.get("expires_in")
        life = life if isinstance(life, int | float) and life > 0 else 3600
        self._token, self._until = token, monotonic() + max(life - 60, life / 2)

    def get(self, url: str, accept: str) -> Answer:
        """Send a GET request.

        Raises
        ------
        PlatformError
            If the platform refuses, or does not answer after several attempts.
        """
        return self._ask("GET", url, {"Accept": accept})

    def pages(self, url: str, accept: str) -> Iterator[Any]:
        """Yield the JSON of all pages, following the header ``Link``.

        Raises
        ------
        PlatformError
            As :meth:`get`, and if the pages never end.
        """
        seen: set[str] = set()
        while url:
            if url in seen or len(seen) >= MOST_PAGES:
                raise PlatformError(f"The pages of {url} do not end.")
            seen.add(url)
            answer = self.get(url, accept)
            yield answer.json()
            after = following(answer.headers.get("Link", ""))
            url = urljoin(url, after) if after else ""

    def post(self, url: str, data: Any, kind: str, *, once: bool = False) -> Answer:
        """Send a POST request with ``data`` as JSON of the media type ``kind``.

        Parameters
        ----------
        once
            Do not repeat the request if the platform may have processed it without an answer.

        Raises
        ------
        PlatformError
            As :meth:`get`.
        """
        headers = {"Content-Type": kind, "Accept": f"{kind}, application/json"}
        return self._ask("POST", url, headers, json.dumps(data).encode(), once=once)

    def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        data: bytes | None = None,
        *,
        once: bool = False,
    ) -> Answer:
        addresses.checked(url, f"The platform {self.settings.platform} names an address")
        if addresses.origin(url) not in self._origins:
            host = addresses.origin(url)
            raise PlatformError(
                f"The platform names an address on {host}, which is not in the settings, and a "
                f'token is not sent there. If it is the platform\'s own: hosts = ["…"].'
            )

        def send() -> Answer:
            bearer = {"Authorization": f"Bearer {self._token}"}
            return self._transport.send(method, url, {**headers, **bearer}, data)

        if monotonic() >= self._until:
            self.connect(self._wanted)
        answer = self._repeating(send, once=once)
        if answer.status == 401:  # the token was revoked before it expired
            self.connect(self._wanted)
            answer = self._repeating(send, once=once)
        if not answer.ok:
            why, busy = self._refused(answer), answer.status in AWAY
            raise PlatformError(why, answer.status, busy=busy, reply=answer.body)
        return answer

    def _repeating(self, send: Callable[[], Answer], *, once: bool = False) -> Answer:
        """Repeat a request, with pauses, until there is an answer that waiting cannot change."""
        broken = 0
        for pause in PAUSES:
            wait = pause
            try:
                answer = send()
            except PlatformError as error:
                if not error.busy or once:
                    raise
                why = str(error)
            else:
                wait = max(pause, asked_for(answer))
                broken += answer.status == 500  # Moodle also uses it for permanent errors
                later = answer.status in AWAY or (answer.status == 500 and broken == 1)
                if not later or (once and answer.status != 429) or wait > LONGEST_S:
                    return answer
                why = f"{self.settings.platform} is busy ({answer.status})"
            wait *= 1 + random.random() / 4  # many clients must not repeat at one moment
            self._say(f"{why}: trying again in {wait:.0f} s.")
            sleep(wait)
        return send()

    def _request(self, scopes: Sequence[str]) -> tuple[dict[str, str], str]:
        """Return headers and body of a token request (RFC 7523, 1EdTech Security Framework)."""
        now = int(time.time())
        client = self.settings.client_id
        claims = {
            "iss": client,
            "sub": client,
            "aud": self.settings.audience or self.settings.token_url,
            "iat": now - 5,  # clocks differ
            "exp": now + ASSERTION_S,
            "jti": str(uuid.uuid4()),
        }
        signed = jwt.encode(claims, self._key.private, "RS256", headers={"kid": self._key.kid})
        body = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": signed,
            "scope": " ".join(scopes),
        }
        kind = "application/x-www-form-urlencoded"
        return {"Content-Type": kind, "Accept": "application/json"}, urlencode(body)

    def _refused(self, answer: Answer) -> str:
        told = said(answer.body)
        if self._token:
            told = told.replace(self._token, "…")
        wait = asked_for(answer)
        later = f" and asks to wait {wait:.0f} s" if wait > LONGEST_S else ""
        return f"the platform answered {answer.status}{later} ({told})"


def following(header: str) -> str | None:
    """Return the next page's address from a header ``Link``; None if there is none.

    Moodle writes typographic quotation marks around ``next``, which no parser of this header reads.
    """
    found = _NEXT.search(header)
    return found[1] if found else None


def asked_for(answer: Answer) -> float:
    """Return the seconds that a platform asks to wait, from a number or a date; 0 if none."""
    text = answer.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _no_token(url: str, answer: Answer, kid: str) -> str:
    return (
        f"{url} gave no access token: {answer.status} ({said(answer.body)}). Check in the LMS "
        f"that the tool is on and has the public key {kid} (autograder lti keys shows it) and the "
        "permissions for grades. Check client_id, token_url and this machine's clock."
    )
