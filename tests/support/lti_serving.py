"""The stand-in for a platform as a server on loopback, and what can go wrong on the way."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.lti_platform import Refused, Standin


@dataclass
class Fault:
    """An answer instead of the right one, for the next request that fits.

    Attributes
    ----------
    where
        A part of method and path: "POST", "/scores", "POST /token".
    after
        The request is done all the same, and only the answer is lost or wrong.
    """

    where: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"error": "made up"}'
    times: int = 1
    after: bool = False


@dataclass
class Served:
    """A stand-in that is being served.

    Attributes
    ----------
    asked
        Method and path of every request.
    hook
        Called with these before a request is answered.
    """

    platform: Standin
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    hook: Callable[[str], object] = str
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, where: str) -> int:
        """Return how many requests were of a kind."""
        return sum(where in call for call in self.asked)


@contextmanager
def serving(platform: Standin, tls: ssl.SSLContext | None = None) -> Iterator[Served]:
    """Serve on loopback until the block ends."""
    served = Served(platform)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self._do("GET")

        def do_POST(self) -> None:
            self._do("POST")

        def _do(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            call = f"{method} {self.path}"
            with served.lock:
                served.asked.append(call)
                served.hook(call)
                fault = next((f for f in served.faults if f.where in call and f.times), None)
                if fault:
                    fault.times -= 1
                if fault and not fault.after:
                    return self._send(fault.status, fault.headers, fault.body)
                status, headers, data = self._answer(method, body)
            if fault:
                return self._send(fault.status, fault.headers, fault.body)
            return self._send(status, headers, data)

        def _answer(self, method: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
            try:
                status, (kind, data, more) = platform.answer(method, self.path, self.headers, body)
            except Refused as error:
                status, kind, data, more = error.status, "application/json", {}, {}
                data = {"error": str(error)}
            return status, {"Content-Type": kind, **more}, json.dumps(data).encode()

        def _send(self, status: int, headers: dict[str, str], data: bytes) -> None:
            if status == 0:  # the connection breaks
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value.encode().decode("latin-1"))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "https" if tls else "http"
    platform.base = f"{scheme}://127.0.0.1:{server.server_port}"
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
