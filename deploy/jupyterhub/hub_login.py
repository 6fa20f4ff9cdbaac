"""How people log in: each method's authenticator, from the section ``[login]`` of ``hub.toml``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hub_settings import ACCOUNT, Settings, SettingsError

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
    if options.get("make_accounts"):
        c.JupyterHub.authenticator_class = _with_accounts(CLASSES[method])


def _refuse(names: set[str]) -> Callable[[Any, Any, dict[str, Any]], dict[str, Any]]:
    """Return the hook that lets nobody log in under some names, whatever a provider says."""

    def hook(_authenticator: Any, _handler: Any, who: dict[str, Any]) -> dict[str, Any]:
        from tornado.web import HTTPError

        if who["name"] in names:
            raise HTTPError(403, f"{who['name']} is a course's own account: nobody logs in as it.")
        return who

    return hook


def check(method: str, options: dict[str, Any]) -> None:
    """Look for options that are missing or unknown.

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


def _native(c: Any, _: Settings, options: dict[str, Any]) -> None:
    c.PAMAuthenticator.service = options.get("service", "login")
    c.PAMAuthenticator.open_sessions = False


def _dummy(c: Any, _: Settings, options: dict[str, Any]) -> None:
    # Whoever knows this one password is whoever they say they are.
    c.SharedPasswordAuthenticator.user_password = options["password"]


def _oauth(c: Any, site: Settings, options: dict[str, Any]) -> None:
    c.GenericOAuthenticator.oauth_callback_url = f"{_address(site)}/hub/oauth_callback"
    c.GenericOAuthenticator.client_id = options["client_id"]
    c.GenericOAuthenticator.client_secret = _secret(Path(options["client_secret_file"]))
    c.GenericOAuthenticator.authorize_url = options["authorize_url"]
    c.GenericOAuthenticator.token_url = options["token_url"]
    c.GenericOAuthenticator.userdata_url = options["userdata_url"]
    c.GenericOAuthenticator.username_claim = options["username_claim"]
    c.GenericOAuthenticator.scope = options.get("scope", ["openid", "profile"])


def _lti13(c: Any, _: Settings, options: dict[str, Any]) -> None:
    c.LTI13Authenticator.issuer = options["issuer"]
    c.LTI13Authenticator.authorize_url = options["authorize_url"]
    c.LTI13Authenticator.jwks_endpoint = options["jwks_url"]
    c.LTI13Authenticator.client_id = options["client_ids"]
    c.LTI13Authenticator.username_key = options["username_claim"]


def _address(site: Settings) -> str:
    return site.hub.address.rstrip("/")


def _secret(path: Path) -> str:
    """Read a secret from a file of its own, so that hub.toml can be shown to anybody."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"login.oauth.client_secret_file: {path} cannot be read ({error.strerror})."
        ) from error


def _with_accounts(name: str) -> type:
    """Return an authenticator that makes an account of the machine at a person's first login."""
    from jupyterhub.auth import LocalAuthenticator
    from traitlets.utils.importstring import import_item

    base = import_item(name)
    return type(f"Local{base.__name__}", (LocalAuthenticator, base), {"create_system_users": True})
