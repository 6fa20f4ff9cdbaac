"""nginx with config/nginx.conf, in front of a replacement for the hub's proxy."""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import tornado.httpserver
import tornado.web
import tornado.websocket

from tests.support import PATIENCE_S, require, wait_for

ROOT = Path(__file__).resolve().parents[3]
CONF = (ROOT / "deploy/jupyterhub/config/nginx.conf").read_text("utf-8")
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

pytestmark = pytest.mark.slow


class Echo(tornado.websocket.WebSocketHandler):
    """Send a message back, as a kernel's channel does."""

    def on_message(self, message):
        self.write_message(message)


class Tell(tornado.web.RequestHandler):
    """Answer with the request as it arrived here."""

    def get(self):
        self.write(json.dumps(dict(self.request.headers)))

    def post(self):
        self.write(str(len(self.request.body)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def hub():
    """Start the replacement for the hub's proxy; return its port."""
    ready = threading.Event()
    found: dict = {}

    async def serve():
        found["loop"], found["stop"] = asyncio.get_running_loop(), asyncio.Event()
        app = tornado.web.Application([("/ws", Echo), ("/.*", Tell)])
        server = tornado.httpserver.HTTPServer(app, max_buffer_size=200 << 20)
        sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        found["port"] = sockets[0].getsockname()[1]
        ready.set()
        await found["stop"].wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(PATIENCE_S)
    yield found["port"]
    found["loop"].call_soon_threadsafe(found["stop"].set)
    thread.join()


@pytest.fixture(scope="module")
def site(hub, tmp_path_factory):
    """Start nginx with the page's configuration; return the ports of HTTP and HTTPS."""
    require(NGINX is not None, "nginx is not installed (Debian: apt-get install nginx-light)")
    require(shutil.which("openssl") is not None, "openssl is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    plain, secure = free_port(), free_port()
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    certificate += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    certificate += ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(certificate, check=True, capture_output=True)
    conf = CONF
    for what, instead in {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
        "/etc/letsencrypt/live/hub.example.org": str(folder),
        "hub.example.org": "localhost",
        "127.0.0.1:8000": f"127.0.0.1:{hub}",
    }.items():
        assert what in conf
        conf = conf.replace(what, instead)
    paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    own = "".join(f"{name}_temp_path {folder / name};\n" for name in paths)
    whole = folder / "nginx.conf"
    whole.write_text(
        f"pid {folder / 'pid'};\nerror_log {folder / 'error'};\ndaemon off;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{own}{conf}\n}}\n"
    )
    for path in (folder, *folder.parents):  # nginx's workers are another account
        if path.stat().st_uid == os.geteuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o711)
    command = [NGINX, "-p", str(folder), "-c", str(whole), "-e", str(folder / "error")]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr
    assert "warn" not in tried.stderr, tried.stderr
    server = subprocess.Popen(command)
    wait_for(lambda: is_open(secure), "nginx does not answer")
    yield plain, secure, ssl.create_default_context(cafile=folder / "fullchain.pem")
    server.terminate()
    assert server.wait(PATIENCE_S) == 0


def is_open(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S).close()
        return True
    return False


def ask(site, path: str, data: bytes | None = None) -> bytes:
    _, secure, trusted = site
    with urllib.request.urlopen(f"https://localhost:{secure}{path}", data, context=trusted) as said:
        assert said.headers["Strict-Transport-Security"] == "max-age=31536000"
        return said.read()


def test_the_hub_learns_that_it_is_reached_by_https(site):
    headers = json.loads(ask(site, "/hub/login"))
    assert headers["X-Forwarded-Proto"] == "https"
    assert headers["X-Real-Ip"] == headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["Host"] == "localhost"


def test_plain_http_is_sent_to_https(site):
    plain, *_ = site

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    opener = urllib.request.build_opener(Stay)
    with pytest.raises(urllib.error.HTTPError) as moved:
        opener.open(f"http://localhost:{plain}/hub/login?next=%2F")
    assert moved.value.code == 301
    assert moved.value.headers["Location"] == "https://localhost/hub/login?next=%2F"


def test_a_kernels_web_socket_comes_through(site):
    _, secure, trusted = site

    async def talk() -> str | bytes | None:
        request = tornado.httpclient.HTTPRequest(
            f"wss://localhost:{secure}/ws",
            ssl_options=trusted,
            headers={"Origin": "https://localhost"},
        )
        channel = await tornado.websocket.websocket_connect(request)
        await channel.write_message("execute_request")
        answer = await channel.read_message()
        channel.close()
        return answer

    assert asyncio.run(talk()) == "execute_request"


def test_a_large_notebook_is_let_through_and_a_huge_one_is_not(site):
    assert ask(site, "/api/contents", b"x" * (60 << 20)) == str(60 << 20).encode()
    with pytest.raises((urllib.error.HTTPError, ConnectionError, urllib.error.URLError)) as refused:
        ask(site, "/api/contents", b"x" * (101 << 20))
    if isinstance(refused.value, urllib.error.HTTPError):
        assert refused.value.code == 413
