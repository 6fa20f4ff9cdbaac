"""Check a platform's addresses: they must be encrypted and on hosts that the settings name."""

from __future__ import annotations

import ipaddress
from urllib.parse import parse_qsl, urlencode, urlsplit

from autograder.errors import AutograderError


def checked(url: str, where: str) -> str:
    """Return an address after checking it.

    Parameters
    ----------
    where
        The source of the address, for the message.

    Raises
    ------
    AutograderError
        If the address may not be called.
    """
    if found := fault(url):
        raise AutograderError(f"{where}: {found}")
    return url


def fault(url: str) -> str | None:
    """Return why an address may not be called (invalid, not encrypted, has a password), or None."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        return f"{url!r} is not an address: it must begin with https://."
    if parts.username is not None or parts.password is not None:
        return "an address must not hold a user name or password."
    if any(sign.isspace() or not sign.isprintable() for sign in url):
        return f"the address {url!r} holds a space or a line break."
    if parts.scheme == "http" and not _loopback(host):
        return f"{url} is not encrypted, and grades must be. Write https:// instead."
    return None


def origin(url: str) -> str:
    """Return scheme, host and port: the origin that a token may be sent to."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def below(url: str, part: str) -> str:
    """Return an address with another path segment; the query stays at the end.

    Moodle's line items are ``…/lineitem?type_id=1``, scores ``…/lineitem/scores?type_id=1``.
    """
    parts = urlsplit(url)
    return parts._replace(path=f"{parts.path.rstrip('/')}/{part}").geturl()


def asking(url: str, **values: str) -> str:
    """Return an address with further query parameters."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | values
    return parts._replace(query=urlencode(query)).geturl()


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
