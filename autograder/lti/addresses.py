"""Which addresses of a platform may be called: encrypted ones, on hosts that the settings name."""

from __future__ import annotations

import ipaddress
from urllib.parse import parse_qsl, urlencode, urlsplit

from autograder.errors import AutograderError


def checked(url: str, where: str) -> str:
    """Return an address that may be called.

    Parameters
    ----------
    where
        Who named it, for the message.

    Raises
    ------
    AutograderError
        If it has a fault.
    """
    if found := fault(url):
        raise AutograderError(f"{where}: {found}")
    return url


def fault(url: str) -> str | None:
    """Return why an address may not be called: it is none, not encrypted, or holds a password."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        return f"{url!r} is no address. It begins with https://."
    if parts.username is not None or parts.password is not None:
        return "an address must not hold a user name or password."
    if any(sign.isspace() or not sign.isprintable() for sign in url):
        return f"the address {url!r} holds a space or a line break."
    if parts.scheme == "http" and not _loopback(host):
        return f"{url} is not encrypted, and grades must be. Write https:// instead."
    return None


def origin(url: str) -> str:
    """Return scheme, host and port: what a token may be shown to."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def below(url: str, part: str) -> str:
    """Return an address one step down; what stands after the question mark stays.

    Moodle has line items ``…/lineitem?type_id=1`` and scores ``…/lineitem/scores?type_id=1``.
    """
    parts = urlsplit(url)
    return parts._replace(path=f"{parts.path.rstrip('/')}/{part}").geturl()


def asking(url: str, **values: str) -> str:
    """Return an address with more after its question mark."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | values
    return parts._replace(query=urlencode(query)).geturl()


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
