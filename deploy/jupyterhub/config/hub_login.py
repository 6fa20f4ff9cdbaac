"""Configure the login: each method's authenticator, from section ``[login]`` of ``hub.toml``."""

from __future__ import annotations

import grp
import os
import pwd
import re
from http.client import responses
from pathlib import Path
from typing import Any

import hub_parts
import lti_launch
import settings_file
from hub_settings import ACCOUNT, Settings, SettingsError
from jupyterhub.auth import LocalAuthenticator
from jupyterhub.utils import maybe_future
from pydantic import Field
from settings_file import Section
from tornado.httpclient import HTTPClientError
from tornado.web import HTTPError
from traitlets.utils.importstring import import_item

CLASSES = {
    "native": "jupyterhub.auth.PAMAuthenticator",
    "dummy": "jupyterhub.authenticators.shared.SharedPasswordAuthenticator",
    "oauth": "oauthenticator.generic.GenericOAuthenticator",
    "lti13": "ltiauthenticator.lti13.auth.LTI13Authenticator",
}
# Groups whose members can become root, or read the graders' files.
POWERFUL = ("root", "sudo", "wheel", "admin", "adm", "docker", "lxd", "disk", "nnkit-graders")
FIRST_PERSON = 1000  # lower ids are system accounts (login.defs)
NOBODY = 65534
# Not adduser, which accepts no name with a dot.
ADD_USER = ["useradd", "--create-home", "-KHOME_MODE=0700", "--shell=/bin/bash", "--user-group"]
COME_BY_LINK = "<p>Open this hub by the link in your course, on your learning platform.</p>"


class _External(Section):
    authorize_url: str
    username_claim: str
    make_accounts: bool = False


class _OAuth(_External):
    client_id: str
    client_secret_file: str
    token_url: str
    userdata_url: str
    scope: list[str] = Field(["openid", "profile"])


class _LTI13(_External):
    issuer: str
    jwks_url: str
    client_ids: list[str]


class _Native(Section):
    service: str = "login"


class _Dummy(Section):
    password: str


OPTIONS = {"native": _Native, "dummy": _Dummy, "oauth": _OAuth, "lti13": _LTI13}


def configure(c: Any, site: Settings) -> None:
    """Set the authenticator and who may log in.

    Raises
    ------
    SettingsError
        If an option of the method is missing, unknown or invalid.
    """
    method = site.login.method
    options = check(method, site.login.options)
    hub_parts.configure(c, site, ACCOUNT)
    c.JupyterHub.authenticator_class = CLASSES[method]
    c.Authenticator.blocked_users = {"root"}
    {"native": _native, "dummy": _dummy, "oauth": _oauth, "lti13": _lti13}[method](c, site, options)
    if isinstance(options, _External):
        making = options.make_accounts
        c.JupyterHub.authenticator_class = _external(CLASSES[method], site, making)
        c.LocalAuthenticator.create_system_users = making
        c.LocalAuthenticator.add_user_cmd = ADD_USER


def _error(message: str, status: int = 403) -> HTTPError:
    """Return an error with a message for the page; without a reason the hub shows it twice."""
    return HTTPError(status, message, reason=responses[status])


def check(method: str, options: dict[str, Any]) -> Section:
    """Return the options of a method.

    Raises
    ------
    SettingsError
        Naming the options that are missing, unknown or of a wrong type.
    """
    hint = "see the example in deploy/jupyterhub/config/hub.toml"
    return settings_file.check(options, OPTIONS[method], root=f"login.{method}", hint=hint)


def _native(c: Any, _: Settings, options: _Native) -> None:
    c.PAMAuthenticator.service = options.service
    c.PAMAuthenticator.open_sessions = False


def _dummy(c: Any, _: Settings, options: _Dummy) -> None:
    # All accounts have this one password.
    c.SharedPasswordAuthenticator.user_password = options.password


def _oauth(c: Any, site: Settings, options: _OAuth) -> None:
    claim = options.username_claim
    c.GenericOAuthenticator.oauth_callback_url = f"{_address(site)}/hub/oauth_callback"
    c.GenericOAuthenticator.client_secret = _secret(Path(options.client_secret_file))
    c.GenericOAuthenticator.username_claim = lambda who: name_in(who, claim)
    for name in ("client_id", "authorize_url", "token_url", "userdata_url", "scope"):
        c.GenericOAuthenticator[name] = getattr(options, name)


def _lti13(c: Any, site: Settings, options: _LTI13) -> None:
    c.LTI13Authenticator.issuer = options.issuer
    c.LTI13Authenticator.authorize_url = options.authorize_url
    c.LTI13Authenticator.jwks_endpoint = options.jwks_url
    c.LTI13Authenticator.client_id = options.client_ids
    c.LTI13Authenticator.username_key = options.username_claim
    c.LTI13Authenticator.uri_scheme = _address(site).partition(":")[0]


def _address(site: Settings) -> str:
    return site.hub.address.rstrip("/")


def _secret(path: Path) -> str:
    """Read a secret from a separate file, so that hub.toml contains no secret."""
    where = f"login.oauth.client_secret_file: {path}"
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{where} cannot be read: {error}.") from error
    if not secret:
        raise SettingsError(f"{where} is empty: write the secret of the login provider into it.")
    return secret


def name_in(claims: Any, claim: str) -> str:
    """Return the user name in the claims of a login service.

    Raises
    ------
    tornado.web.HTTPError
        If there is none, or it is not a valid account name. No other claim replaces it: the id of
        one person may be the name of another.
    """
    name = claims.get(claim) if isinstance(claims, dict) else None
    if name is None or name == "":
        raise _error(f"Your login contains no {claim}: tell the hub's administrator.")
    # lower() may turn letters outside ASCII into those of another name.
    if not isinstance(name, str) or not name.isascii() or not re.fullmatch(ACCOUNT, name.lower()):
        raise _error(
            f"Your login gives {str(name)[:40]!r} as {claim}, which cannot be an account's name: "
            "tell the hub's administrator.",
        )
    return name


def is_system_account(name: str) -> bool:
    """Return whether an account is a system account, or could become root."""
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        return False
    numbers = set(os.getgrouplist(name, account.pw_gid))
    powerful = {one.gr_gid for one in grp.getgrall() if one.gr_name in POWERFUL}
    is_person = FIRST_PERSON <= account.pw_uid != NOBODY
    return not is_person or bool(numbers & powerful)


def _external(name: str, site: Settings, make_accounts: bool) -> type:
    """Return an authenticator that trusts a login service no more than necessary.

    With ``make_accounts`` it creates an account on this machine for people without one.
    """
    base = import_item(name)

    class External(*((LocalAuthenticator, base) if make_accounts else (base,))):
        """Accept people whom the login service authenticated, if they are in a course."""

        async def authenticate(self, handler: Any, data: Any = None, **more: Any) -> Any:
            # The hub's login form and its token API call this too, with unverified claims.
            if not isinstance(handler, self.callback_handler):
                raise _error(f"Log in by {self.login_service}: this hub accepts no other login.")
            try:
                return await maybe_future(super().authenticate(handler, data, **more))
            except (HTTPClientError, OSError, ValueError) as error:
                self.log.exception("The login service failed")
                raise _error(
                    "The login service gave no valid answer: try again, and tell the hub's "
                    "administrator if this continues. The hub's log has the details.",
                    status=502,
                ) from error

        def get_username(self, token: dict[str, Any]) -> str:
            return name_in(*lti_launch.claim(token, self.username_key))

        def get_custom_html(self, base_url: str) -> str:
            # A launch begins in the LMS; a login button here would only lead to an error.
            return COME_BY_LINK if name == CLASSES["lti13"] else super().get_custom_html(base_url)

        def check_blocked_users(self, username: str, *more: Any) -> Any:
            # Only the names in hub.toml were chosen by an administrator of this machine.
            if username not in site.people and is_system_account(username):
                raise _error(f"{username} is a system account of this machine.")
            return super().check_blocked_users(username, *more)

        async def check_allowed(self, username: str, *more: Any) -> bool:
            if await maybe_future(super().check_allowed(username, *more)):
                return True
            raise _error(f"{username} is in no course of this hub: ask your instructor.")

    if name == CLASSES["lti13"]:
        External.callback_handler = lti_launch.in_a_thread(base.callback_handler)
    return External
