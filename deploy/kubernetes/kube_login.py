"""Who may not log in, whatever a login provider says, and what is believed of a login."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lti_launch
from hub_settings import Settings
from jupyterhub.utils import maybe_future
from tornado.web import HTTPError
from traitlets.utils.importstring import import_item

CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"


def refuse_graders(site: Settings) -> Callable[..., dict[str, Any]]:
    """Return the hook after logging in that keeps people out of the courses' own accounts."""
    graders = {course.grader for course in site.courses}

    def hook(_authenticator: Any, _handler: Any, model: dict[str, Any]) -> dict[str, Any]:
        if (name := model["name"]) in graders:
            raise HTTPError(403, f"The account {name} belongs to a course: log in as yourself.")
        return model

    return hook


def only_signed(chosen: Any) -> Any:
    """Return the authenticator, made to believe a launch only where its signature was checked.

    The hub's login form and its API for tokens ask the authenticator too, with claims that whoever
    asks has written by hand, and `LTI13Authenticator` believes all that it is given, as do those
    that are made from it. Any other authenticator comes back as it is.
    """
    try:
        from ltiauthenticator.lti13.auth import LTI13Authenticator
    except ImportError:
        return chosen  # where the library is not installed, none of its is chosen
    # A name without a dot is a package's entry point; the library has none.
    dotted = isinstance(chosen, str) and "." in chosen
    base = import_item(chosen) if dotted else chosen
    if not (isinstance(base, type) and issubclass(base, LTI13Authenticator)):
        return chosen

    class OnlySigned(base):
        """Let in whom the platform names, on the way that it sends them."""

        callback_handler = lti_launch.in_a_thread(base.callback_handler)

        async def authenticate(self, handler: Any, data: Any = None, **more: Any) -> Any:
            if not isinstance(handler, self.callback_handler):
                raise HTTPError(403, "Open this hub by the link in your course.")
            return await maybe_future(super().authenticate(handler, data, **more))

        def get_username(self, token: dict[str, Any]) -> str:
            # The base class would take the platform's number for whom it gives no name.
            claim = self.username_key.removeprefix("custom_")
            custom = claim != self.username_key
            return plain_name(token.get(CUSTOM, {}) if custom else token, claim)

    return OnlySigned


def plain_name(claims: dict[str, Any], claim: str) -> str:
    """Return the name that a login service gives somebody.

    Raises
    ------
    tornado.web.HTTPError
        If there is none, or it has letters beyond ASCII: the hub makes them small, and the Kelvin
        sign would become another person's k.
    """
    name = claims.get(claim)
    if not (isinstance(name, str) and name and name.isascii()):
        raise HTTPError(403, f"Your login gives no plain text as {claim}: tell the administrator.")
    return name
