"""A platform on loopback, to the letter of 1EdTech's specifications and with the quirks of two.

Security Framework 1.1 (token service), Assignment and Grade Services 2.0, Names and Role
Provisioning Services 2.0. It shares no code with what it tests; signatures are checked with
`cryptography` alone.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPES = [AGS + part for part in ("lineitem", "lineitem.readonly", "result.readonly", "score")]
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
TEACHER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"

ITEM = "application/vnd.ims.lis.v2.lineitem+json"
ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

ACTIVITY = {"Initialized", "Started", "InProgress", "Submitted", "Completed"}
GRADING = {"FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"}
WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:?\d\d)")


class Refused(Exception):
    """An answer other than success."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass
class Standin:
    """The platform's state, which a test sets up and looks at.

    Attributes
    ----------
    style
        "plain", "moodle" (odd quotes in the header Link, a time is a whole second, a score of 0 is
        not shown, nor one that is not final; a stranger's score is answered with 500) or "canvas"
        (an old time is answered with 400; another address).
    posted
        The bodies of the scores that were taken.
    """

    client_id: str = "10000000000017"
    style: str = "plain"
    keys: dict[str, Any] = field(default_factory=lambda: {"keys": []})
    scopes: list[str] = field(default_factory=lambda: [*SCOPES, NRPS])
    strict_scopes: bool = False
    life: int = 3600
    page: int = 1000
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    results: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, tuple[float, frozenset[str]]] = field(default_factory=dict)
    assertions: set[str] = field(default_factory=set)
    posted: list[dict[str, Any]] = field(default_factory=list)
    base: str = ""

    @property
    def token_url(self) -> str:
        return f"{self.base}/token"

    @property
    def course(self) -> str:
        return "/api/lti/courses/17" if self.style == "canvas" else "/services.php/17"

    @property
    def line_items_url(self) -> str:
        return f"{self.base}{self.course}/line_items{self.query}"

    @property
    def memberships_url(self) -> str:
        return f"{self.base}{self.course}/names_and_roles"

    @property
    def query(self) -> str:
        return "?type_id=1" if self.style == "moodle" else ""

    def item_url(self, name: str) -> str:
        return f"{self.base}{self.course}/line_items/{name}{self.query}"

    def add_item(self, label: str, maximum: float, **more: str) -> str:
        """Make a column, as a teacher does in the platform; return its address."""
        name = str(len(self.items) + 1)
        url = self.item_url(name)
        self.items[name] = {"id": url, "label": label, "scoreMaximum": maximum, **more}
        return url

    def scores(self) -> dict[str, float | None]:
        """Return the scores in the platform's gradebook, by user, of all columns."""
        return {user: result["score"] for (_, user), result in sorted(self.results.items())}

    def change(self, user: str, score: float | None, item: str = "1") -> None:
        """Enter a score by hand, as a teacher does."""
        most = self.items[item]["scoreMaximum"]
        self.results[item, user] = {"score": score, "most": most, "when": self._moment(time.time())}

    def _moment(self, when: float) -> float:
        return int(when) if self.style == "moodle" else when

    # Answers

    def answer(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, Any]:
        """Return status, and (media type, data, further headers)."""
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if (method, parts.path) == ("POST", "/token"):
            return self._token(headers, body)
        for pattern, scopes, do in self._routes():
            if match := re.fullmatch(pattern, f"{method} {parts.path}"):
                self._allowed(headers, scopes)
                return do(*match.groups(), query=query, headers=headers, body=body)
        raise Refused(404, "no such address")

    def _routes(self) -> Iterator[tuple[str, set[str], Callable[..., Any]]]:
        items = f"{re.escape(self.course)}/line_items"
        read = {AGS + "lineitem", AGS + "lineitem.readonly"}
        yield f"GET {items}", read, self._list_items
        yield f"POST {items}", {AGS + "lineitem"}, self._make_item
        yield rf"GET {items}/(\d+)/results", {AGS + "result.readonly"}, self._list_results
        yield rf"POST {items}/(\d+)/scores", {AGS + "score"}, self._score
        yield f"GET {re.escape(self.course)}/names_and_roles", {NRPS}, self._list_members

    def _token(self, headers: Any, body: bytes) -> tuple[int, Any]:
        form = {name: values[-1] for name, values in parse_qs(body.decode()).items()}
        if headers["Content-Type"] != "application/x-www-form-urlencoded":
            raise Refused(400, "invalid_request")
        if form.get("grant_type") != "client_credentials":
            raise Refused(400, "unsupported_grant_type")
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        if form.get("client_assertion_type") != kind:
            raise Refused(400, "invalid_request")
        self._check_assertion(form.get("client_assertion", ""))
        wanted = form.get("scope", "").split()
        granted = [scope for scope in wanted if scope in self.scopes]
        if not granted or (self.strict_scopes and granted != wanted):
            raise Refused(400, "invalid_scope")
        token = secrets.token_urlsafe(32)
        self.tokens[token] = (time.time() + self.life, frozenset(granted))
        data = {"access_token": token, "token_type": "Bearer", "expires_in": self.life}
        return 200, ("application/json", {**data, "scope": " ".join(granted)}, {})

    def _check_assertion(self, text: str) -> None:
        try:
            head, claims, signature = text.split(".")
            header, data = json.loads(_plain(head)), json.loads(_plain(claims))
            jwk = next(k for k in self.keys["keys"] if k["kid"] == header["kid"])
            numbers = (int.from_bytes(_plain(jwk[part]), "big") for part in ("e", "n"))
            key = RSAPublicNumbers(*numbers).public_key()
            signed = f"{head}.{claims}".encode()
            key.verify(_plain(signature), signed, padding.PKCS1v15(), hashes.SHA256())
        except (ValueError, KeyError, StopIteration, InvalidSignature) as error:
            raise Refused(401, f"invalid_client: {type(error).__name__}") from error
        now = time.time()
        checks = {
            "alg": header["alg"] == "RS256" == jwk["alg"],
            "iss": data.get("iss") == self.client_id,
            "sub": data.get("sub") == self.client_id,
            "aud": self.token_url in (data.get("aud"), *data.get("aud", [])),
            "iat": now - 3600 < data.get("iat", 0) <= now + 1,
            "exp": now < data.get("exp", 0) <= data.get("iat", 0) + 3600,
            "jti": bool(data.get("jti")) and data["jti"] not in self.assertions,
        }
        if wrong := [name for name, well in checks.items() if not well]:
            raise Refused(401, f"invalid_client: {', '.join(wrong)}")
        self.assertions.add(data["jti"])

    def _allowed(self, headers: Any, scopes: set[str]) -> None:
        kind, _, token = headers.get("Authorization", "").partition(" ")
        until, granted = self.tokens.get(token, (0.0, frozenset()))
        if kind != "Bearer" or time.time() > until:
            raise Refused(401, "no token, or an old one")
        if not scopes & granted:
            raise Refused(403, "the token does not have the scope")

    def _list_items(self, *, query: dict, headers: Any, body: bytes) -> tuple[int, Any]:
        _accepts(headers, ITEMS)
        names = {"resource_id": "resourceId", "tag": "tag", "resource_link_id": "resourceLinkId"}
        found = [
            item
            for item in self.items.values()
            if all(item.get(names[k]) == v for k, v in query.items() if k in names)
        ]
        return self._page(f"{self.course}/line_items", ITEMS, found, query)

    def _make_item(self, *, query: dict, headers: Any, body: bytes) -> tuple[int, Any]:
        data = _read(headers, body, ITEM)
        if not data.get("label") or not data.get("scoreMaximum", 0) > 0 or "id" in data:
            raise Refused(400, "label and scoreMaximum are needed")
        self.add_item(data.pop("label"), data.pop("scoreMaximum"), **data)
        return 201, (ITEM, list(self.items.values())[-1], {})

    def _score(self, name: str, *, query: dict, headers: Any, body: bytes) -> tuple[int, Any]:
        data, item = _read(headers, body, SCORE), self.items.get(name)
        if item is None:
            raise Refused(404, "no such line item")
        user = data.get("userId")
        if not isinstance(user, str) or LEARNER not in self.users.get(user, {}).get("roles", ()):
            status = 500 if self.style == "moodle" else 422  # its message breaks Moodle itself
            raise Refused(status, "User not found in course or is not a student")
        if data.get("activityProgress") not in ACTIVITY or data["gradingProgress"] not in GRADING:
            raise Refused(400, "progress")
        if not WHEN.fullmatch(data.get("timestamp", "")):
            raise Refused(400, "timestamp must be ISO 8601 with a zone and parts of a second")
        given, most = data.get("scoreGiven"), data.get("scoreMaximum")
        if given is not None and not (given >= 0 and isinstance(most, int | float) and most > 0):
            raise Refused(400, "scoreMaximum must be a positive number where scoreGiven is")
        when = self._moment(datetime.fromisoformat(data["timestamp"]).timestamp())
        self._newer(name, user, when)
        if self.style == "moodle" and data["gradingProgress"] != "FullyGraded":
            given = None
        score = None if given is None else given / most * item["scoreMaximum"]
        self.results[name, user] = {"score": score, "most": item["scoreMaximum"], "when": when}
        self.posted.append(data)
        return 200, (SCORE, {"resultUrl": f"{item['id']}/results/{user}"}, {})

    def _newer(self, name: str, user: str, when: float) -> None:
        before = self.results.get((name, user), {}).get("when", 0.0)
        if self.style == "canvas" and before > when:
            raise Refused(400, "Provided timestamp before last updated timestamp")
        if self.style != "canvas" and before >= when:
            raise Refused(409, "Refusing score with an earlier timestamp")

    def _list_results(self, name: str, *, query: dict, headers: Any, body: bytes) -> tuple:
        _accepts(headers, RESULTS)
        found = []
        for (item, user), result in self.results.items():
            if item != name or query.get("user_id", user) != user:
                continue
            one = {"id": f"{self.item_url(name)}/results/{user}", "userId": user}
            shown = result["score"] or None if self.style == "moodle" else result["score"]
            if shown is not None:
                one |= {"resultScore": shown, "resultMaximum": result["most"]}
            found.append({**one, "scoreOf": self.item_url(name)})
        return self._page(f"{self.course}/line_items/{name}/results", RESULTS, found, query)

    def _list_members(self, *, query: dict, headers: Any, body: bytes) -> tuple[int, Any]:
        _accepts(headers, MEMBERS)
        found = [{"user_id": user, **data} for user, data in self.users.items()]
        status, (kind, page, more) = self._page(
            f"{self.course}/names_and_roles", MEMBERS, found, query
        )
        about = {"id": "17", "label": "NN", "title": "Networks"}
        return status, (kind, {"id": "x", "context": about, "members": page}, more)

    def _page(self, path: str, kind: str, found: list, query: dict) -> tuple[int, Any]:
        """Return a page and where the next one is."""
        first = int(query.get("from", 0))
        size = min(self.page, int(query.get("limit", self.page)))
        more = {}
        if first + size < len(found):
            url = f"{self.base}{path}?limit={size}&from={first + size}"
            left, right = "“”" if self.style == "moodle" else '""'
            start = f"<{self.base}{path}>; rel={left}first{right}"
            more["Link"] = f"{start}, <{url}>; rel={left}next{right}"
        return 200, (kind, found[first : first + size], more)


def person(name: str, email: str = "", sourcedid: str = "", role: str = LEARNER) -> dict[str, Any]:
    """Return a member as NRPS words it."""
    given, _, family = name.partition(" ")
    about = {"name": name, "given_name": given, "family_name": family, "status": "Active"}
    return {**about, "email": email, "lis_person_sourcedid": sourcedid, "roles": [role]}


def _plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _accepts(headers: Any, kind: str) -> None:
    if kind not in headers.get("Accept", ""):
        raise Refused(406, f"ask for {kind}")


def _read(headers: Any, body: bytes, kind: str) -> dict[str, Any]:
    if headers.get("Content-Type") != kind:
        raise Refused(415, f"send {kind}")
    try:
        return dict(json.loads(body))
    except ValueError as error:
        raise Refused(400, "no JSON") from error
