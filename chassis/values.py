"""What may stand in a setting: numbers, hosts, addresses, currencies, time zones."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

NUMBER = re.compile(r"-?(?=\.?[0-9])[0-9]{0,12}(\.[0-9]{1,6})?")
WHOLE = re.compile(r"[0-9]{1,12}")
SHARE = re.compile(r"0|0?\.[0-9]{1,4}0*")
NAME = r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?"
HOST = re.compile(rf"{NAME}|\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]+\]?")
HOST_PATTERN = re.compile(rf"\*|\.?{NAME}|\[[0-9A-Fa-f:.]+\]")  # as Django's ALLOWED_HOSTS wants it
NO_PLACE = re.compile(r"Factory|localtime|posixrules|(posix|right)/.*")  # among the files of zones
SYSTEM_ZONES = Path("/usr/share/zoneinfo")  # Django insists on finding a zone here, if it exists


def is_zone(name: str) -> bool:
    """Raises KeyError, ValueError or OSError for a name that is none at all."""
    ZoneInfo(name)
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
    is reached through its Unix socket. Raises ValueError for a broken port or IPv6 address.
    """
    url = urlsplit(text)
    host = url.hostname or ("localhost" if url.scheme.startswith("postgres") else "")
    is_whole = bool(HOST.fullmatch(host)) and url.port != 0
    is_bare = not (url.scheme.startswith("http") and set("@?#") & set(text))
    is_known = text.startswith(tuple(f"{scheme}://" for scheme in schemes))
    is_word = text.isprintable() and " " not in text
    return is_known and is_word and is_whole and is_bare and bool(re.fullmatch(path, url.path))


def make_folder(path: str) -> bool:
    """Raises OSError or ValueError."""
    Path(path).mkdir(parents=True, exist_ok=True)
    return True
