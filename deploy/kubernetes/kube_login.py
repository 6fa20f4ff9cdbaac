"""Check logins on Kubernetes: signed launches only, and plain names."""

from __future__ import annotations

from typing import Any

import lti_launch
from jupyterhub.utils import maybe_future
from tornado.web import HTTPError
from traitlets.utils.importstring import import_item


def only_signed(chosen: Any) -> Any:
    """Return the authenticator, which then accepts a launch only with a checked signature.

    The hub's login form and its token API call the authenticator too, with claims that the client
    wrote, and `LTI13Authenticator` and its subclasses accept all claims without a check. Any other
    authenticator is returned unchanged.
    """
    try:
        from ltiauthenticator.lti13.auth import LTI13Authenticator
    except ImportError:
        return chosen  # without the library, none of its classes is chosen
    # A name without a dot is an entry point; this library has none.
    dotted = isinstance(chosen, str) and "." in chosen
    base = import_item(chosen) if dotted else chosen
    if not (isinstance(base, type) and issubclass(base, LTI13Authenticator)):
        return chosen

    class OnlySigned(base):
        """Accept only people whom the platform sends by a launch."""

        callback_handler = lti_launch.in_a_thread(base.callback_handler)

        async def authenticate(self, handler: Any, data: Any = None, **more: Any) -> Any:
            if not isinstance(handler, self.callback_handler):
                raise HTTPError(403, "Open this hub by the link in your course.")
            return await maybe_future(super().authenticate(handler, data, **more))

        def get_username(self, token: dict[str, Any]) -> str:
            # The base class would use the platform's id for people without a name.
            return plain_name(*lti_launch.claim(token, self.username_key))

    return OnlySigned


def plain_name(claims: Any, claim: str) -> str:
    """Return the user name in the claims of a login service.

    Raises
    ------
    tornado.web.HTTPError
        If there is none, or it has letters outside ASCII: the hub changes names to lower case,
        which turns the Kelvin sign into the k of another name.
    """
    name = claims.get(claim) if isinstance(claims, dict) else None
    if not (isinstance(name, str) and name and name.isascii()):
        raise HTTPError(403, f"Your login gives no plain text as {claim}: tell the administrator.")
    return name
