"""How people log in: each method's authenticator, from the section ``[login]`` of ``hub.toml``."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Callable
from http.client import responses
from pathlib import Path
from typing import Any

import lti_launch
from hub_settings import ACCOUNT, Settings, SettingsError
from jupyterhub.auth import LocalAuthenticator
from jupyterhub.utils import maybe_future
from tornado.httpclient import HTTPClientError
from tornado.web import HTTPError
from traitlets.utils.importstring import import_item

CLASSES = {
    "native": "jupyterhub.auth.PAMAuthenticator",
    "dummy": "jupyterhub.authenticators.shared.SharedPasswordAuthenticator",
    "oauth": "oauthenticator.generic.GenericOAuthenticator",
    "lti13": "ltiauthenticator.lti13.auth.LTI13Authenticator",
}
# The options that each method needs, and those that it may have.
NEEDED = {
    "native": (),
    "dummy": ("password",),
    "oauth": (
        "client_id",
        "client_secret_file",
        "authorize_url",
        "token_url",
        "userdata_url",
        "username_claim",
    ),
    "lti13": ("issuer", "authorize_url", "jwks_url", "client_ids", "username_claim"),
}
ALLOWED = {
    "native": ("service",),
    "dummy": (),
    "oauth": ("make_accounts", "scope"),
    "lti13": ("make_accounts",),
}
KINDS = {
    "make_accounts": (bool, "true or false"),
    **dict.fromkeys(("client_ids", "scope"), (list, "a list of texts")),
}
# What lets an account become root, or read what is the graders'.
POWERFUL = ("root", "sudo", "wheel", "admin", "adm", "docker", "lxd", "disk", "nnkit-graders")
FIRST_PERSON = 1000  # lower numbers are accounts of the machine's own (login.defs)
NOBODY = 65534
# Not adduser, which takes no name with a dot.
ADD_USER = ["useradd", "--create-home", "-KHOME_MODE=0700", "--shell=/bin/bash", "--user-group"]
COME_BY_LINK = "<p>Open this hub by the link in your course, on your learning platform.</p>"
LTI_CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"


def configure(c: Any, site: Settings) -> None:
    """Set the authenticator and who may log in.

    Raises
    ------
    SettingsError
        If an option of the method is missing, unknown or cannot be used.
    """
    method, options = site.login.method, site.login.options
    check(method, options)
    c.JupyterHub.authenticator_class = CLASSES[method]
    # Nobody but the people of the courses; else every account of the machine could log in.
    c.Authenticator.allowed_users = site.people
    c.Authenticator.allow_existing_users = False
    c.Authenticator.allow_all = any(course.everyone for course in site.courses)
    c.Authenticator.blocked_users = {"root"}
    # Blocking graders would take away the rights that their services need.
    c.Authenticator.post_auth_hook = _refuse({course.grader for course in site.courses})
    c.Authenticator.username_pattern = rf"{ACCOUNT.pattern}\Z"  # the hub looks at the start only
    {"native": _native, "dummy": _dummy, "oauth": _oauth, "lti13": _lti13}[method](c, site, options)
    if method in ("oauth", "lti13"):
        make_accounts = options.get("make_accounts", False)
        c.JupyterHub.authenticator_class = _from_elsewhere(CLASSES[method], site, make_accounts)
        c.LocalAuthenticator.create_system_users = make_accounts
        c.LocalAuthenticator.add_user_cmd = ADD_USER


def _refuse(names: set[str]) -> Callable[[Any, Any, dict[str, Any]], dict[str, Any]]:
    """Return the hook that lets nobody log in under some names, whatever a provider says."""

    def hook(_authenticator: Any, _handler: Any, who: dict[str, Any]) -> dict[str, Any]:
        if who["name"] in names:
            raise _error(f"{who['name']} is a course's own account: nobody logs in as it.")
        return who

    return hook


def _error(message: str, status: int = 403) -> HTTPError:
    """Return what makes the hub show a message; without a reason it would show it twice."""
    return HTTPError(status, message, reason=responses[status])


def check(method: str, options: dict[str, Any]) -> None:
    """Look for options that are missing, unknown or of another kind.

    Raises
    ------
    SettingsError
        Naming the first of them.
    """
    where = f"[login.{method}]"
    for name in NEEDED[method]:
        if not options.get(name):
            raise SettingsError(f"{where} needs {name}: see the example in hub.toml.")
    known = (*NEEDED[method], *ALLOWED[method])
    for name in options:
        if name not in known:
            has = ", ".join(known) or "no entries"
            raise SettingsError(f"{where} has the unknown entry {name}: it may have {has}.")
        kind, said = KINDS.get(name, (str, "a text"))
        if not isinstance(options[name], kind):
            raise SettingsError(f"{where}: {name} must be {said}, not {options[name]!r}.")


def _native(c: Any, _: Settings, options: dict[str, Any]) -> None:
    c.PAMAuthenticator.service = options.get("service", "login")
    c.PAMAuthenticator.open_sessions = False


def _dummy(c: Any, _: Settings, options: dict[str, Any]) -> None:
    # Whoever knows this one password is whoever they say they are.
    c.SharedPasswordAuthenticator.user_password = options["password"]


def _oauth(c: Any, site: Settings, options: dict[str, Any]) -> None:
    claim = options["username_claim"]
    c.GenericOAuthenticator.oauth_callback_url = f"{_address(site)}/hub/oauth_callback"
    c.GenericOAuthenticator.client_id = options["client_id"]
    c.GenericOAuthenticator.client_secret = _secret(Path(options["client_secret_file"]))
    c.GenericOAuthenticator.authorize_url = options["authorize_url"]
    c.GenericOAuthenticator.token_url = options["token_url"]
    c.GenericOAuthenticator.userdata_url = options["userdata_url"]
    c.GenericOAuthenticator.username_claim = lambda who: name_in(who, claim)
    c.GenericOAuthenticator.scope = options.get("scope", ["openid", "profile"])


def _lti13(c: Any, site: Settings, options: dict[str, Any]) -> None:
    c.LTI13Authenticator.issuer = options["issuer"]
    c.LTI13Authenticator.authorize_url = options["authorize_url"]
    c.LTI13Authenticator.jwks_endpoint = options["jwks_url"]
    c.LTI13Authenticator.client_id = options["client_ids"]
    c.LTI13Authenticator.username_key = options["username_claim"]
    c.LTI13Authenticator.uri_scheme = _address(site).partition(":")[0]


def _address(site: Settings) -> str:
    return site.hub.address.rstrip("/")


def _secret(path: Path) -> str:
    """Read a secret from a file of its own, so that hub.toml can be shown to anybody."""
    where = f"login.oauth.client_secret_file: {path}"
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{where} cannot be read: {error}.") from error
    if not secret:
        raise SettingsError(f"{where} is empty: write into it what the provider gave you.")
    return secret


def name_in(claims: Any, claim: str) -> str:
    """Return the name that a login service gives somebody.

    Raises
    ------
    tornado.web.HTTPError
        If there is none, or it cannot be an account's name. No other claim is taken in its place:
        one person's number may be another's name.
    """
    name = claims.get(claim) if isinstance(claims, dict) else None
    if name is None or name == "":
        raise _error(f"Your login says nothing of {claim}: tell the hub's administrator.")
    # Letters beyond ASCII may become other people's by lower().
    if not isinstance(name, str) or not name.isascii() or not ACCOUNT.fullmatch(name.lower()):
        raise _error(
            f"Your login gives {str(name)[:40]!r} as {claim}, which cannot be an account's name: "
            "tell the hub's administrator.",
        )
    return name


def of_the_machine(name: str) -> bool:
    """Tell whether an account is the machine's own, or could become root."""
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        return False
    numbers = set(os.getgrouplist(name, account.pw_gid))
    powerful = {one.gr_gid for one in grp.getgrall() if one.gr_name in POWERFUL}
    is_person = FIRST_PERSON <= account.pw_uid != NOBODY
    return not is_person or bool(numbers & powerful)


def _from_elsewhere(name: str, site: Settings, make_accounts: bool) -> type:
    """Return an authenticator that trusts a login service, but not more than it must.

    With ``make_accounts`` it makes an account of the machine for whoever lacks one.
    """
    base = import_item(name)

    class FromElsewhere(*((LocalAuthenticator, base) if make_accounts else (base,))):
        """Let in whom the service names, on the way that it sends them, if they are of a course."""

        async def authenticate(self, handler: Any, data: Any = None, **more: Any) -> Any:
            # The hub's login form and its API for tokens come here too, with claims of their own.
            if not isinstance(handler, self.callback_handler):
                raise _error(f"Log in by {self.login_service}: nothing else lets anybody in.")
            try:
                return await maybe_future(super().authenticate(handler, data, **more))
            except (HTTPClientError, OSError, ValueError) as error:
                self.log.exception("The login service failed")
                raise _error(
                    "The login service did not answer as it should: try again, and tell the hub's "
                    "administrator if it stays so. The hub's log has the details.",
                    status=502,
                ) from error

        def get_username(self, token: dict[str, Any]) -> str:
            claim = self.username_key
            inner = claim.removeprefix("custom_")
            return name_in(token if inner == claim else token.get(LTI_CUSTOM), inner)

        def get_custom_html(self, base_url: str) -> str:
            # A launch begins in the LMS; the hub's button for it would only lead to an error.
            return COME_BY_LINK if name == CLASSES["lti13"] else super().get_custom_html(base_url)

        def check_blocked_users(self, username: str, *more: Any) -> Any:
            # Only the people of hub.toml were named by somebody who knows the machine.
            if username not in site.people and of_the_machine(username):
                raise _error(f"{username} is an account of the machine's own.")
            return super().check_blocked_users(username, *more)

        async def check_allowed(self, username: str, *more: Any) -> bool:
            if await maybe_future(super().check_allowed(username, *more)):
                return True
            raise _error(f"{username} is in no course of this hub: ask your instructor.")

    if name == CLASSES["lti13"]:
        FromElsewhere.callback_handler = lti_launch.in_a_thread(base.callback_handler)
    return FromElsewhere
