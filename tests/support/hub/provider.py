"""A login service on loopback: an OpenID Connect provider, and an LTI 1.3 platform.

OpenID Connect Core 1.0 (code flow; RFC 6749, RFC 7636) and 1EdTech's Security Framework 1.1 with
LTI 1.3. It shares no code with what it tests: tokens are signed with `cryptography` alone. It is as
strict as the specifications allow, and records all requests.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
KEY_ID = "the-platforms-key"
HINTS = {"login_hint": "17", "lti_message_hint": "a link in a course"}

Fields = dict[str, str]
Spoil = Callable[[dict[str, Any]], None]


class Refused(Exception):
    """An answer other than success: its status, and the specification's word for the error."""


@dataclass
class Answer:
    """The answer to a request: a page, JSON or a redirect."""

    body: bytes = b""
    kind: str = "application/json"
    status: int = 200
    location: str = ""


def said(value: Any, status: int = 200) -> Answer:
    """Return an answer in JSON."""
    return Answer(json.dumps(value).encode(), status=status)


def in_base64(data: bytes) -> str:
    """Encode as JSON Web Signatures do (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int) -> str:
    """Encode a number of a key as RFC 7518, section 6.3.1, does."""
    return in_base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def signed(claims: dict[str, Any], key: rsa.RSAPrivateKey | None) -> str:
    """Return a JSON Web Token, signed by RS256 or, without a key, unsigned."""
    header = {"alg": "RS256" if key else "none", "typ": "JWT", "kid": KEY_ID}
    text = ".".join(in_base64(json.dumps(part).encode()) for part in (header, claims))
    seal = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()) if key else b""
    return f"{text}.{in_base64(seal)}"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """The state and behaviour of the service, which a test sets and reads.

    Attributes
    ----------
    redirect_uri
        The only address of the hub that people are sent back to.
    person
        The claims about the user of the browser, who is logged in at the service.
    fails
        "token" or "userinfo": an end point that answers with an error; "" for none.
    ready
        When cleared, a request for the keys waits until it is set.
    spoil
        Changes the claims of a launch before they are signed.
    key, signer
        The key that the platform publishes, and the one it signs with (None: it does not).
    asked
        The path and the fields of every request, in order.
    """

    client_id: str
    client_secret: str = ""
    redirect_uri: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    fails: str = ""
    ready: threading.Event = field(default_factory=threading.Event)
    spoil: Spoil = lambda claims: None
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    signer: rsa.RSAPrivateKey | None = None
    base: str = ""
    asked: list[tuple[str, Fields]] = field(default_factory=list)
    codes: dict[str, tuple[Fields, dict[str, Any]]] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settle()

    def settle(self) -> None:
        """Restore the initial, honest behaviour."""
        self.person, self.fails, self.spoil, self.signer = {}, "", lambda claims: None, self.key
        self.ready.set()
        self.asked.clear()

    def answer(self, path: str, fields: Fields, bearer: str) -> Answer:
        """Answer one request."""
        self.asked.append((path, fields))
        if path == self.fails:
            return said({"error": "server_error", "error_description": "out of order"}, 500)
        places = {"authorize": self._authorize, "token": self._token, "launch": self._launch}
        if path == "userinfo":
            return self._userinfo(bearer)
        if path == "keys":
            self.ready.wait(60)
            return said({"keys": [self._public_key()]})
        if path not in places:
            raise Refused(404, "not_found")
        return places[path](fields)

    def _authorize(self, fields: Fields) -> Answer:
        """Send the browser back with a code (OpenID Connect Core, 3.1.2)."""
        self._know(fields, response_type="code", code_challenge_method="S256")
        if "openid" not in fields.get("scope", "").split() or not fields.get("code_challenge"):
            raise Refused(400, "invalid_request")
        code = secrets.token_urlsafe(16)
        self.codes[code] = fields, self.person
        back = {"code": code, "state": fields["state"]}
        return Answer(status=302, location=f"{self.redirect_uri}?{urlencode(back)}")

    def _token(self, fields: Fields) -> Answer:
        """Give an access token for a code, once (RFC 6749, 4.1.3; RFC 7636, 4.6)."""
        client = fields.get("client_id"), fields.get("client_secret")
        if client != (self.client_id, self.client_secret):
            raise Refused(401, "invalid_client")
        if fields.get("grant_type") != "authorization_code":
            raise Refused(400, "unsupported_grant_type")
        begun, person = self.codes.pop(fields.get("code", ""), ({}, {}))
        proof = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
        same = fields.get("redirect_uri") == begun.get("redirect_uri")
        if not same or begun.get("code_challenge") != in_base64(proof):
            raise Refused(400, "invalid_grant")
        token = secrets.token_urlsafe(16)
        self.tokens[token] = person
        return said({"access_token": token, "token_type": "Bearer", "expires_in": 60})

    def _userinfo(self, bearer: str) -> Answer:
        """Return the claims of a user (OpenID Connect Core, 5.3)."""
        if bearer not in self.tokens:
            raise Refused(401, "invalid_token")
        return said(self.tokens[bearer])

    def begin(self, target: str) -> Fields:
        """Return the platform's first request to the tool (Security Framework, 5.1.1)."""
        begun = {"iss": self.base, "target_link_uri": target, "client_id": self.client_id}
        return begun | HINTS

    def _launch(self, fields: Fields) -> Answer:
        """Give the browser a form with the launch, which it posts (Security Framework, 5.1.1.3)."""
        wanted = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post"}
        self._know(fields, prompt="none", **wanted, **HINTS)
        claims = self._claims(fields["nonce"])
        self.spoil(claims)
        form = {"id_token": signed(claims, self.signer), "state": fields["state"]}
        hidden = '<input type="hidden" name="{}" value="{}">'
        inputs = "".join(hidden.format(name, html.escape(form[name])) for name in form)
        page = f'<form id="launch" method="post" action="{self.redirect_uri}">{inputs}</form>'
        page += "<script>document.getElementById('launch').submit()</script>"
        return Answer(page.encode(), "text/html")

    def _claims(self, nonce: str) -> dict[str, Any]:
        """Return a launch from a link in a course (LTI 1.3, 5.3)."""
        now = int(time.time())
        about = {
            "message_type": "LtiResourceLinkRequest",
            "version": "1.3.0",
            "deployment_id": "1",
            "target_link_uri": self.redirect_uri,
            "resource_link": {"id": "42"},
            "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
        }
        token = {"iss": self.base, "aud": self.client_id, "nonce": nonce, "iat": now}
        token |= {"exp": now + 60, "sub": "a-number-of-the-lms"}
        return token | {LTI + name: value for name, value in about.items()} | self.person

    def _public_key(self) -> dict[str, str]:
        public = self.key.public_key().public_numbers()
        numbers = {"n": number(public.n), "e": number(public.e)}
        return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": KEY_ID} | numbers

    def _know(self, fields: Fields, **wanted: str) -> None:
        """Refuse fields that differ from the specification or from the registered client."""
        wanted |= {"client_id": self.client_id, "redirect_uri": self.redirect_uri}
        for name, value in wanted.items():
            if fields.get(name) != value:
                raise Refused(400, f"invalid_request: {name} is {fields.get(name)!r}")
        if not fields.get("state"):
            raise Refused(400, "invalid_request: no state")


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """Serve on the loopback address; ``provider.base`` says where."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, query: str) -> None:
            path = urlsplit(self.path).path.strip("/")
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            try:
                made = provider.answer(path, dict(parse_qsl(query)), bearer)
            except Refused as refused:
                status, error = refused.args
                made = said({"error": error}, status)
            self.send_response(made.status)
            self.send_header("Content-Type", made.kind)
            if made.location:
                self.send_header("Location", made.location)
            self.end_headers()
            self.wfile.write(made.body)

        def log_message(self, *_: object) -> None:
            """Log nothing: ``asked`` contains all requests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
