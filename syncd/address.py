"""Addresses of hubs: which may be spoken to, and which stay on this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from schema.errors import UsageError
from schema.wording import _


def is_loopback(host: str) -> bool:
    """Whether a host never leaves this machine; a name other than localhost is not believed."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(url: str) -> str:
    """The host of a checked address."""
    return urlsplit(url).hostname or ""


def url_of(scheme: str, host: str, port: int) -> str:
    """An address from its parts; an IPv6 host gets its brackets."""
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def checked(url: str) -> str:
    """A hub's address as it is kept; UsageError for what is none or would send a token in the clear."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if (
        parts.scheme not in ("ws", "wss")
        or not host
        or port == 0
        or parts.username is not None
        or parts.query
        or parts.fragment
        or not url.strip().isprintable()
    ):
        raise UsageError(
            _("{url} is not the address of a hub.", url=ascii(url[:80])),
            _("Write it like wss://hub.example.com:8765."),
        )
    if parts.scheme == "ws" and not is_loopback(host):
        raise UsageError(
            _("{url} is not encrypted.", url=url.strip()),
            _("Use wss:// for a hub on another machine."),
        )
    return url.strip().rstrip("/")
