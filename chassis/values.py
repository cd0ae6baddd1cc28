"""What may stand in a setting: numbers, hosts, addresses, currencies, time zones."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from chassis.money import DECIMALS

NUMBER = re.compile(r"-?(?=\.?[0-9])[0-9]{0,12}(\.[0-9]{1,6})?")
WHOLE = re.compile(r"[0-9]{1,12}")
SHARE = re.compile(r"0|0?\.[0-9]{1,4}0*")
NAME = r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?"
HOST = re.compile(rf"{NAME}|\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]+\]?")
HOST_PATTERN = re.compile(rf"\*|\.?{NAME}|\[[0-9A-Fa-f:.]+\]")  # as Django's ALLOWED_HOSTS wants it
NO_PLACE = re.compile(r"Factory|localtime|posixrules|(posix|right)/.*")  # among the files of zones
SYSTEM_ZONES = Path("/usr/share/zoneinfo")  # Django insists on finding a zone here, if it exists


def trouble_with_currency(code: str) -> str:
    """What to use instead of a currency that our numeric(12,2) columns cannot hold; "" if none."""
    decimals = DECIMALS.get(code)
    if decimals in (0, 2):
        return ""
    why = f" ({code} has {decimals})" if decimals else ""
    return f"a code of ISO 4217 with no or two decimals{why}, like EUR, USD or JPY"


def is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    is_here = not SYSTEM_ZONES.exists() or (SYSTEM_ZONES / name).is_file()
    return is_here and not NO_PLACE.fullmatch(name)


def zones_like(name: str) -> list[str]:
    """Zones that may be meant: Europe/Berlin by europe/berlin or Berlin."""
    zones = [zone for zone in available_timezones() if not NO_PLACE.fullmatch(zone)]
    by_word = {word.lower(): zone for zone in zones for word in (zone, zone.rpartition("/")[2])}
    close = get_close_matches(name.lower(), by_word, 2, 0.7)
    return list(dict.fromkeys(by_word[word] for word in close))


def is_address(text: str, schemes: Collection[str], path: str) -> bool:
    """Whether `text` is a URL of one of `schemes` with a host and a path that matches.

    Our own services are reached without a user, a query or a fragment; without a host, PostgreSQL
    is reached through its Unix socket.
    """
    try:
        url = urlsplit(text)
        host = url.hostname or ("localhost" if url.scheme.startswith("postgres") else "")
        is_whole = bool(HOST.fullmatch(host)) and url.port != 0
    except ValueError:  # a broken port or IPv6 address
        return False
    is_bare = not (url.scheme.startswith("http") and set("@?#") & set(text))
    is_known = text.startswith(tuple(f"{scheme}://" for scheme in schemes))
    is_word = text.isprintable() and " " not in text
    return is_known and is_word and is_whole and is_bare and bool(re.fullmatch(path, url.path))


def is_network(text: str) -> bool:
    """An IP address or network, or `*` for all."""
    try:
        return text == "*" or bool(ip_network(text))
    except ValueError:
        return False


def make_folder(path: str) -> bool:
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError):
        return False
    return True
