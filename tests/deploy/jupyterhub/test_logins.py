"""Logins to a real hub by OpenID Connect and LTI 1.3: who must not get in is refused."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import hub_login
import hub_toml
import pytest
import requests
from hub_settings import SettingsError
from tornado.web import HTTPError
from traitlets.config import Config

from tests.support import end, wait_for
from tests.support.hub.provider import LTI, Provider, Spoil, new_key, serving

CONFIG = Path(__file__).resolve().parents[3] / "deploy/jupyterhub/config"
SECRET = "s3cret & ümlaut=+%"

pytestmark = pytest.mark.slow

OAUTH = """
method = "oauth"
[login.oauth]
client_id = "the-hub"
client_secret_file = "{secret}"
authorize_url = "{base}/authorize"
token_url = "{base}/token"
userdata_url = "{base}/userinfo"
username_claim = "preferred_username"
make_accounts = true
"""
LTI13 = """
method = "lti13"
[login.lti13]
issuer = "{base}"
authorize_url = "{base}/launch"
jwks_url = "{base}/keys"
client_ids = ["the-hub"]
username_claim = "preferred_username"
"""
# These tests spawn no server and request no service, so they need neither the proxy nor services.
WITHOUT_PROXY = """
from jupyterhub.proxy import Proxy

class NoProxy(Proxy):
    async def get_all_routes(self):
        return {}

    async def add_route(self, routespec, target, data):
        pass

    async def delete_route(self, routespec):
        pass

load_subconfig("jupyterhub_config.py")
c.JupyterHub.proxy_class = NoProxy
c.Proxy.should_start = False
c.JupyterHub.services = [{"name": one["name"]} for one in c.JupyterHub.services]
"""


@dataclass
class Site:
    """A running hub, and the login service of its people."""

    address: str
    provider: Provider
    installation: Path

    def log(self) -> str:
        """Return the log of the hub."""
        return (self.installation / "log").read_text("utf-8")

    def accounts(self) -> list[str]:
        """Return the commands that would have created accounts on this machine."""
        made = self.installation / "made"
        return made.read_text("utf-8").splitlines() if made.exists() else []


class Browser:
    """The cookies of one person; a test follows redirects explicitly."""

    def __init__(self, site: Site) -> None:
        self.site, self.session = site, requests.Session()

    def get(self, url: str, **query: str) -> requests.Response:
        return self._ask("GET", url, params=query)

    def post(self, url: str, form: dict[str, str]) -> requests.Response:
        return self._ask("POST", url, data=form)

    def _ask(self, method: str, url: str, **more) -> requests.Response:
        whole = url if url.startswith("http") else f"{self.site.address}/hub/{url}"
        return self.session.request(method, whole, allow_redirects=False, timeout=60, **more)

    def follow(self, answer: requests.Response) -> requests.Response:
        """Follow redirects, except to the user's own server."""
        while answer.is_redirect and "/hub/spawn" not in answer.headers["Location"]:
            there = requests.compat.urljoin(answer.url, answer.headers["Location"])
            answer = self.get(there)
        return answer

    def name(self) -> str | None:
        """Return the user name of the session, or an empty text."""
        token = self.session.cookies.get("_xsrf", "")
        answer = self.session.get(
            f"{self.site.address}/hub/api/user", headers={"X-XSRFToken": token}, timeout=60
        )
        assert answer.status_code in (200, 403), answer.text
        return answer.json()["name"] if answer.ok else None


class Form(HTMLParser):
    """Parses the only form of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.fields = "", {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            self.action = found["action"]
        elif tag == "input":
            self.fields[found["name"]] = found["value"]


def text(answer: requests.Response) -> str:
    """Return the text of an error page of the hub."""
    page = answer.text.partition('class="error"')[2].partition("</div>")[0]
    return unescape(page)


def free_ports(count: int) -> list[int]:
    with ExitStack() as opened:
        probes = [opened.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def write_hub(installation: Path, login: str, provider: Provider) -> str:
    """Create a hub's folder as ``install.py`` does, with a course; return the hub's address."""
    shutil.copytree(CONFIG, installation / "hub", ignore=shutil.ignore_patterns("__pycache__"))
    public, port, proxy, course = free_ports(4)
    address = f"http://127.0.0.1:{port}"
    (installation / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    (installation / "hub/hub.toml").write_text(
        f'[hub]\naddress = "{address}"\nport = {public}\nhub_port = {port}\n'
        f'proxy_port = {proxy}\nspawner = "simple"\nadmins = ["max"]\n'
        f"[login]{login.format(base=provider.base, secret=installation / 'secret')}"
        f'[courses.nn]\nport = {course}\ninstructors = ["ada"]\n'
        'students = ["ben", "eve.e", "kim"]\n',
        encoding="utf-8",
    )
    (installation / "hub/without_proxy.py").write_text(WITHOUT_PROXY, encoding="utf-8")
    # Nothing may change this machine's accounts: commands that create accounts only log their call.
    (installation / "bin").mkdir()
    for name in ("adduser", "useradd"):
        tool = installation / "bin" / name
        tool.write_text(f'#!/bin/sh\necho "{name} $*" >> {installation}/made\n', encoding="utf-8")
        tool.chmod(0o755)
    return address


@contextmanager
def hub(installation: Path, login: str, provider: Provider) -> Iterator[Site]:
    """Start a hub with this project's configuration and a login method."""
    address = write_hub(installation, login, provider)
    command = [sys.executable, "-m", "jupyterhub", "-f", "without_proxy.py"]
    path = f"{installation / 'bin'}{os.pathsep}{os.environ['PATH']}"
    with (installation / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=installation / "hub",
            env={**os.environ, "PATH": path},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    site = Site(address, provider, installation)
    try:
        wait_for(
            lambda: answers(f"{address}/hub/api/") or process.poll() is not None,
            "the hub does not answer",
        )
        assert process.poll() is None, site.log()
        yield site
    finally:
        end(process)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


@pytest.fixture(scope="module")
def oauth_site(tmp_path_factory):
    with (
        serving(Provider("the-hub", SECRET)) as provider,
        hub(tmp_path_factory.mktemp("oauth"), OAUTH, provider) as site,
    ):
        provider.redirect_uri = f"{site.address}/hub/oauth_callback"
        yield site


@pytest.fixture(scope="module")
def lti_site(tmp_path_factory):
    with (
        serving(Provider("the-hub")) as provider,
        hub(tmp_path_factory.mktemp("lti"), LTI13, provider) as site,
    ):
        provider.redirect_uri = f"{site.address}/hub/lti13/oauth_callback"
        yield site


@pytest.fixture
def oauth(oauth_site) -> Site:
    oauth_site.provider.settle()
    return oauth_site


@pytest.fixture
def lti(lti_site) -> Site:
    lti_site.provider.settle()
    return lti_site


def enter(site: Site, **claims) -> tuple[Browser, requests.Response]:
    """Log in by OpenID Connect with these claims; return the last answer."""
    site.provider.person = claims
    browser = Browser(site)
    return browser, browser.follow(browser.get("oauth_login", next="/hub/home"))


def begin(site: Site, target: str = "/hub/home") -> tuple[Browser, Form]:
    """Click a link in the LMS; return the form with the launch, not yet posted."""
    browser = Browser(site)
    answer = browser.get("lti13/oauth_login", **site.provider.begin(site.address + target))
    page = browser.follow(answer)
    assert page.ok, page.text
    return browser, Form(page.text)


def launch(site: Site, spoil: Spoil | None = None, **claims) -> tuple[Browser, requests.Response]:
    """Log in by a launch from the LMS; return the last answer."""
    site.provider.person = claims
    if spoil:
        site.provider.spoil = spoil
    browser, form = begin(site)
    assert form.action == site.provider.redirect_uri
    return browser, browser.follow(browser.post(form.action, form.fields))


# OpenID Connect


@pytest.mark.parametrize("name", ["ben", "ada", "max"])
def test_by_oauth_people_of_a_course_and_admins_get_in(oauth, name):
    browser, page = enter(oauth, preferred_username=name, sub="17")
    assert page.url == f"{oauth.address}/hub/home"
    assert browser.name() == name
    assert [path for path, _ in oauth.provider.asked] == ["authorize", "token", "userinfo"]


def test_by_oauth_the_secret_is_sent_as_its_file_holds_it(oauth):
    browser, _ = enter(oauth, preferred_username="ben")
    asked = dict(oauth.provider.asked)
    assert asked["token"]["client_secret"] == SECRET
    assert "client_secret" not in asked["authorize"]
    assert SECRET not in oauth.log()
    assert browser.name() == "ben"


def test_by_oauth_with_another_secret_nobody_gets_in(oauth, monkeypatch):
    monkeypatch.setattr(oauth.provider, "client_secret", "another")
    browser, page = enter(oauth, preferred_username="ben")
    assert page.status_code == 502
    assert "The login service gave no valid answer" in text(page)
    assert browser.name() is None


def test_by_oauth_a_capital_letter_makes_nobody_else(oauth):
    assert enter(oauth, preferred_username="Ben")[0].name() == "ben"


REFUSED = {
    "mallory": "mallory is in no course of this hub",
    "grader-nn": "in no course",
    "root": "",
    "../x": "cannot be an account's name",
    "ben/../ada": "cannot be an account's name",
    "Ben B": "cannot be an account's name",
    "ben\n": "cannot be an account's name",
    "be\N{LATIN SMALL LETTER N WITH TILDE}": "cannot be an account's name",
    "\N{KELVIN SIGN}im": "cannot be an account's name",
    "<script>alert(1)</script>": "cannot be an account's name",
    "%s%(name)d": "cannot be an account's name",
    "b" * 10_000: "cannot be an account's name",
    "": "contains no preferred_username",
}
ODD = {"a number": 17, "a list": ["ben"], "nothing": None, "a boolean": True}


@pytest.mark.parametrize("name", REFUSED, ids=lambda name: repr(name[:20]))
def test_by_oauth_nobody_else_gets_in(oauth, name):
    browser, page = enter(oauth, preferred_username=name)
    assert page.status_code == 403
    assert REFUSED[name] in text(page)
    assert "<script>alert" not in page.text
    assert browser.name() is None


@pytest.mark.parametrize("name", ODD.values(), ids=ODD)
def test_by_oauth_a_claim_that_is_no_text_lets_nobody_in(oauth, name):
    browser, page = enter(oauth, preferred_username=name, sub="ben")
    assert page.status_code == 403
    assert "preferred_username" in text(page)
    assert browser.name() is None


def test_by_oauth_a_forged_state_is_refused(oauth):
    oauth.provider.person = {"preferred_username": "ben"}
    hers, mine = Browser(oauth), Browser(oauth)
    to_provider = mine.get("oauth_login").headers["Location"]
    back = mine.get(to_provider).headers["Location"]  # a valid code, with the state of mine
    hers.get("oauth_login")
    for browser in (hers, Browser(oauth)):  # who has begun another login, and who has begun none
        assert browser.get(back).status_code == 400
        assert browser.name() is None
    assert mine.follow(mine.get(back)).status_code < 400
    assert mine.name() == "ben"
    assert mine.get(back).status_code >= 400, "a code served twice"


@pytest.mark.parametrize("path", ["token", "userinfo"])
def test_by_oauth_a_provider_out_of_order_ends_in_a_page_that_says_so(oauth, path):
    oauth.provider.fails = path
    browser, page = enter(oauth, preferred_username="ben")
    assert page.status_code == 502
    assert "The login service gave no valid answer" in text(page)
    assert browser.name() is None


def test_by_oauth_saying_no_at_the_provider_ends_in_an_error_page(oauth):
    browser = Browser(oauth)
    state = parse_qs(urlsplit(browser.get("oauth_login").headers["Location"]).query)["state"][0]
    page = browser.get("oauth_callback", error="access_denied", state=state)
    assert page.status_code == 400
    assert "access_denied" in text(page)
    assert browser.name() is None


def test_by_oauth_nobody_is_sent_to_another_site_afterwards(oauth):
    oauth.provider.person = {"preferred_username": "ben"}
    browser = Browser(oauth)
    answer = browser.get("oauth_login", next="https://evil.example/hub/home")
    answer = browser.get(answer.headers["Location"])
    answer = browser.get(answer.headers["Location"])
    assert urlsplit(answer.headers["Location"]).netloc in ("", urlsplit(oauth.address).netloc)


def test_accounts_are_made_that_others_cannot_read(oauth):
    enter(oauth, preferred_username="eve.e")
    made = {line.split()[-1]: line for line in oauth.accounts()}
    assert set(made) == {"ada", "ben", "eve.e", "kim", "max", "grader-nn"}
    for line in made.values():
        tool, *options = line.split()
        # Debian's adduser accepts no name with a dot.
        assert tool == "useradd"
        assert {"--create-home", "-KHOME_MODE=0700"} <= set(options)


# LTI 1.3


@pytest.mark.parametrize("name", ["ben", "ada", "max"])
def test_by_lti_people_of_a_course_and_admins_get_in(lti, name):
    browser, page = launch(lti, preferred_username=name)
    assert page.url == f"{lti.address}/hub/home"
    assert browser.name() == name
    assert [path for path, _ in lti.provider.asked] == ["launch", "keys"]


@pytest.mark.parametrize("target", ["/hub", "/hub/", "/"])
def test_by_lti_a_link_to_the_hub_leads_into_it(lti, target):
    lti.provider.person = {"preferred_username": "ben"}
    browser, form = begin(lti, target)
    page = browser.follow(browser.post(form.action, form.fields))
    assert page.status_code == 302
    assert "/hub/spawn" in page.headers["Location"]
    assert browser.name() == "ben"


@pytest.mark.parametrize("name", REFUSED, ids=lambda name: repr(name[:20]))
def test_by_lti_nobody_else_gets_in(lti, name):
    browser, page = launch(lti, preferred_username=name)
    assert page.status_code == 403
    assert REFUSED[name] in text(page)
    assert browser.name() is None


@pytest.mark.parametrize("name", ODD.values(), ids=ODD)
def test_by_lti_a_claim_that_is_no_text_lets_nobody_in(lti, name):
    browser, page = launch(lti, preferred_username=name)
    assert page.status_code == 403
    assert browser.name() is None


def test_by_lti_the_claim_is_not_replaced_by_another(lti):
    """An id of the LMS may be the account name of another person."""
    browser, page = launch(lti, sub="ben")
    assert page.status_code == 403
    assert "contains no preferred_username" in text(page)
    assert browser.name() is None


def change(**claims) -> Spoil:
    return lambda token: token.update(claims)


def without(name: str) -> Spoil:
    return lambda token: token.pop(name)


# Faults of a launch, and a word of the hub's message.
SPOILT = {
    "audience": (change(aud="another-tool"), "Audience"),
    "audiences": (change(aud=["the-hub", "another"], azp="another"), "azp"),
    "issuer": (change(iss="http://127.0.0.1:1"), "issuer"),
    "nonce": (change(nonce="0" * 64), "nonce"),
    "expired": (change(exp=int(time.time()) - 10), "expired"),
    "old": (change(iat=int(time.time()) - 3600), "too long ago"),
    "not yet": (change(nbf=int(time.time()) + 3600), "nbf"),
    "version": (change(**{f"{LTI}version": "1.1"}), "version"),
    "message": (change(**{f"{LTI}message_type": "Other"}), "message_type"),
} | {
    f"without {name.removeprefix(LTI)}": (without(name), name)
    for name in ("iss", "aud", "exp", "iat", "nonce", f"{LTI}version", f"{LTI}resource_link")
}


@pytest.mark.parametrize(("spoil", "word"), SPOILT.values(), ids=SPOILT)
def test_by_lti_a_launch_that_is_not_right_is_refused(lti, spoil, word):
    browser, page = launch(lti, spoil, preferred_username="ben")
    assert page.status_code in (400, 401)
    assert word in text(page)
    assert browser.name() is None


@pytest.mark.parametrize(("signer", "word"), [("a stranger", "Signature"), ("nobody", "alg")])
def test_by_lti_a_token_that_the_platform_did_not_sign_is_refused(lti, signer, word):
    lti.provider.signer = new_key() if signer == "a stranger" else None
    browser, page = launch(lti, preferred_username="ben")
    assert page.status_code == 400
    assert word in text(page)
    assert browser.name() is None


def test_by_lti_a_slow_platform_keeps_nobody_else_waiting(lti):
    lti.provider.ready.clear()
    with ThreadPoolExecutor() as other:
        launched = other.submit(launch, lti, preferred_username="ben")
        wait_for(lambda: "keys" in dict(lti.provider.asked), "the keys were not asked for")
        page = Browser(lti).get("login")
        still = not launched.done()
        lti.provider.ready.set()
        browser, _ = launched.result()
    assert page.ok
    assert still
    assert browser.name() == "ben"


def test_by_lti_anothers_launch_is_refused(lti):
    """A form from another browser, or one that is posted again, is refused."""
    lti.provider.person = {"preferred_username": "ben"}
    mine, form = begin(lti)
    hers, other = begin(lti)
    for fields in (form.fields, other.fields | {"id_token": form.fields["id_token"]}):
        assert hers.post(form.action, fields).status_code == 400
        assert hers.name() is None
    assert mine.follow(mine.post(form.action, form.fields)).ok
    assert mine.name() == "ben"
    assert mine.post(form.action, form.fields).status_code == 400


def test_by_lti_nobody_is_sent_to_another_site_afterwards(lti):
    lti.provider.person = {"preferred_username": "ben"}
    browser = Browser(lti)
    begun = lti.provider.begin("https://evil.example/hub/home")
    form = Form(browser.follow(browser.post("lti13/oauth_login", begun)).text)
    answer = browser.post(form.action, form.fields)
    assert urlsplit(answer.headers["Location"]).netloc in ("", urlsplit(lti.address).netloc)


# Both


BY_HAND = dict.fromkeys(("name", "username", "preferred_username", "sub"), "ben") | {"code": "x"}


@pytest.mark.parametrize("method", ["oauth", "lti"])
def test_the_form_of_the_login_page_is_no_way_in(method, request):
    """The hub's login form always exists; its contents prove nothing."""
    site = request.getfixturevalue(method)
    browser = Browser(site)
    assert browser.get("login").ok
    form = BY_HAND | {"password": "x", "_xsrf": browser.session.cookies["_xsrf"]}
    answer = browser.post("login", form)
    assert browser.name() is None
    assert answer.status_code == 403
    assert "this hub accepts no other login" in site.log()
    assert site.provider.asked == []


@pytest.mark.parametrize("method", ["oauth", "lti"])
def test_a_token_of_the_hub_is_not_had_by_claims_written_by_hand(method, request):
    site = request.getfixturevalue(method)
    answer = requests.post(
        f"{site.address}/hub/api/users/ben/tokens", json={"auth": BY_HAND}, timeout=60
    )
    assert answer.status_code == 403
    assert "token" not in answer.json()


def test_by_lti_the_login_page_says_where_to_come_from(lti):
    page = Browser(lti).get("login").text
    assert "by the link in your course" in page
    assert "oauth_login" not in page


# All who can log in, for students = "*"


def open_to_all() -> Config:
    course = '[courses.nn]\nport = 9001\ninstructors = ["ada"]\nstudents = "*"\n'
    login = LTI13.format(base="https://lms.example.org") + "make_accounts = true\n"
    config = Config()
    site = '[hub]\naddress = "https://hub.example.org"\n'
    hub_login.configure(
        config, hub_toml.parse(tomllib.loads(f"{site}[login]{login}{course}"), CONFIG)
    )
    return config


def let_in(claims: dict) -> str:
    """Return the user name that the hub gives to a valid launch."""
    config = open_to_all()
    authenticator = config.JupyterHub.authenticator_class(config=config)
    handler = authenticator.callback_handler.__new__(authenticator.callback_handler)
    return asyncio.run(authenticator.get_authenticated_user(handler, claims))["name"]


def test_accounts_of_the_machine_are_nobodys_to_log_in_as(monkeypatch):
    numbers = {"www-data": (33, 33), "nobody": (65534, 65534), "ada": (1000, 1000)}
    numbers |= {"debian": (1001, 1001), "ben": (1002, 1002)}
    accounts = SimpleNamespace(
        getpwnam=lambda name: SimpleNamespace(pw_uid=numbers[name][0], pw_gid=numbers[name][1])
    )
    groups = SimpleNamespace(getgrall=lambda: [SimpleNamespace(gr_name="sudo", gr_gid=27)])
    members = {"ada": [1000, 27], "debian": [1001, 27]}
    monkeypatch.setattr(hub_login, "pwd", accounts)
    monkeypatch.setattr(hub_login, "grp", groups)
    monkeypatch.setattr("os.getgrouplist", lambda name, group: members.get(name, [group]))
    for name in ("www-data", "nobody", "debian"):
        with pytest.raises(HTTPError, match="a system account of this machine"):
            let_in({"preferred_username": name})
    for name in ("ben", "newcomer"):
        assert let_in({"preferred_username": name}) == name
    # An instructor in hub.toml may also be an administrator of the machine.
    assert let_in({"preferred_username": "ada"}) == "ada"


def test_nobody_logs_in_as_a_grader_where_all_are_let_in():
    with pytest.raises(HTTPError, match="nobody logs in as it"):
        let_in({"preferred_username": "grader-nn"})


def test_a_claim_of_the_courses_own_is_found():
    claims = {"uname": "ben", "sub": "17"}
    assert hub_login.name_in(claims, "uname") == "ben"
    config = open_to_all()
    config.LTI13Authenticator.username_key = "custom_uname"
    authenticator = config.JupyterHub.authenticator_class(config=config)
    assert authenticator.get_username({"uname": "eve", f"{LTI}custom": claims}) == "ben"
    with pytest.raises(HTTPError, match="contains no uname"):
        authenticator.get_username({"uname": "eve", "sub": "ben"})


def test_behind_https_people_are_sent_back_by_https():
    assert open_to_all().LTI13Authenticator.uri_scheme == "https"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('make_accounts = "no"', "make_accounts must be true or false, not 'no'"),
        ("scope = 'openid'", "scope must be a list of texts"),
        ("client_id = 7", "client_id must be a text, not 7"),
        ("client_secret_file = 'none'", "client_secret_file: none cannot be read"),
        ("client_secret_file = '/dev/null'", "/dev/null is empty"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(entry, said):
    """A text "no" would count as true."""
    options = tomllib.loads(OAUTH)["login"]["oauth"] | tomllib.loads(entry)
    site = hub_toml.parse({"login": {"method": "oauth", "oauth": options}}, CONFIG)
    with pytest.raises(SettingsError, match=re.escape(said)):
        hub_login.configure(Config(), site)
