"""The address of a request's client, as limits on guessing count it.

Each proxy appends its client's address to X-Forwarded-For. Only the last TRUSTED_PROXY_COUNT
entries come from our own proxies; a client can write anything before them.
"""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

IPV6_PREFIX = 64  # what one customer of a provider holds, all of it (RFC 6177)


def client_address(request: HttpRequest) -> str:
    """The address that the outermost trusted proxy saw, or the connection's without a proxy.

    A request that did not pass through all of them, or whose entry is no address, counts as the
    connection's own.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    count: int = settings.TRUSTED_PROXY_COUNT
    seen = request.headers.get("X-Forwarded-For", "").split(",")
    if count < 1 or len(seen) < count:
        return peer
    told = seen[-count].strip()
    return told if _parsed(told) else peer


def network_of(address: str) -> str:
    """The bucket of an address: itself, or the /64 that it is in for IPv6; other text as it is."""
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        network = ipaddress.IPv6Network((int(parsed), IPV6_PREFIX), strict=False)
        return str(parsed.ipv4_mapped or network)
    return str(parsed or address)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
