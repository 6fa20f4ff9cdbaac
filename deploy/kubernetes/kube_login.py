"""What the hub on Kubernetes believes of a login."""

from __future__ import annotations

from typing import Any

import lti_launch
from jupyterhub.utils import maybe_future
from tornado.web import HTTPError
from traitlets.utils.importstring import import_item


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
            return plain_name(*lti_launch.claim(token, self.username_key))

    return OnlySigned


def plain_name(claims: Any, claim: str) -> str:
    """Return the name that a login service gives somebody.

    Raises
    ------
    tornado.web.HTTPError
        If there is none, or it has letters beyond ASCII: the hub makes them small, and the Kelvin
        sign would become another person's k.
    """
    name = claims.get(claim) if isinstance(claims, dict) else None
    if not (isinstance(name, str) and name and name.isascii()):
        raise HTTPError(403, f"Your login gives no plain text as {claim}: tell the administrator.")
    return name
