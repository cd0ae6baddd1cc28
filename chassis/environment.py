"""Variables of the environment, read with types, and everything that is wrong named at once.

A wrong value ends the process: `finish()` exits with one line that names each variable, its value
(never a secret) and what is allowed. Nothing is rounded, cut or replaced silently.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from chassis.issuers import decode_key
from chassis.money import DECIMALS

SECRET_LENGTH = 32  # characters, at least
YEAR_SECONDS = 366 * 86_400
NUMBER = re.compile(r"-?(?=\.?[0-9])[0-9]{0,12}(\.[0-9]{1,6})?")
WHOLE = re.compile(r"[0-9]{1,12}")
SHARE = re.compile(r"0|0?\.[0-9]{1,4}0*")
NAME = r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?"
HOST = re.compile(rf"{NAME}|\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]+\]?")
HOST_PATTERN = re.compile(rf"\*|\.?{NAME}|\[[0-9A-Fa-f:.]+\]")  # as Django's ALLOWED_HOSTS wants it
NO_PLACE = re.compile(r"Factory|localtime|posixrules|(posix|right)/.*")  # among the files of zones
SYSTEM_ZONES = Path("/usr/share/zoneinfo")  # Django insists on finding a zone here, if it exists


class WrongSettings(SystemExit):
    """Ends a process that has not begun, with one line and no traceback."""

    def __init__(self, wrong: tuple[str, ...]) -> None:
        super().__init__(f"Wrong or missing settings: {'; '.join(wrong)}. See .env.example.")
        self.wrong = wrong


def passes(is_good: Callable[[str], object], value: str) -> bool:
    """Whether `is_good` says so of `value`; what it cannot read is not good."""
    try:
        return bool(is_good(value))
    except (LookupError, OSError, ValueError):
        return False


class Environment:
    """Reads variables and remembers what is wrong until `finish()`.

    A variable NAME may also be given as NAME_FILE, the path of a file that holds the value
    (a mounted secret). An empty value means the default.
    """

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables
        self._wrong: list[str] = []

    def refuse(self, name: str, allowed: str, value: str | None = None) -> None:
        """Remember that `name` must be `allowed`. `value` is shown: leave a secret out."""
        shown = "" if value is None else f", not {value!r:.80}"
        self.complain(f"{name} must be {allowed}{shown}")

    def complain(self, why: str) -> None:
        """Remember what is wrong with variables together; `why` names them."""
        self._wrong.append(why)

    def text(self, name: str, default: str | None = None) -> str:
        value = self._read(name) or default
        if value is None:
            self._wrong.append(f"{name} is missing")
        return value or ""

    def checked(
        self, name: str, default: str | None, is_good: Callable[[str], object], allowed: str
    ) -> str:
        value = self.text(name, default)
        if value and not passes(is_good, value):
            self.refuse(name, allowed, value)
        return value

    def choice(self, name: str, default: str, allowed: Collection[str]) -> str:
        """One of `allowed`; for one in capitals, small letters do."""
        either = {*allowed, *(each.lower() for each in allowed)}
        return self.checked(name, default, either.__contains__, f"one of {', '.join(allowed)}")

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = (self._read(name) or str(int(default))).lower()
        if value not in {"0", "1", "true", "false"}:
            self.refuse(name, "0 or 1", value)
        return value in {"1", "true"}

    def number(
        self, name: str, default: float, *, least: float = 0, most: float = 10**9, unit: str = ""
    ) -> float:
        """A number from `least` to `most`, in digits with a point."""
        value = self._read(name) or str(default)
        if NUMBER.fullmatch(value) and least <= float(value) <= most:
            return float(value)
        self.refuse(name, f"a number{unit} from {least:g} to {most:.9g}", value)
        return default

    def seconds(self, name: str, default: float, *, least: float = 0.001) -> float:
        return self.number(name, default, least=least, most=YEAR_SECONDS, unit=" of seconds")

    def days(self, name: str, default: float, *, most: float = 3650) -> timedelta:
        """A period of a few seconds to `most` days."""
        return timedelta(days=self.number(name, default, least=0.0001, most=most, unit=" of days"))

    def whole(self, name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
        value = self._read(name) or str(default)
        if WHOLE.fullmatch(value) and least <= int(value) <= most:
            return int(value)
        self.refuse(name, f"a whole number from {least} to {most}", value)
        return default

    def port(self, name: str, default: int) -> int:
        return self.whole(name, default, least=1, most=65_535)

    def share(self, name: str, default: str) -> Decimal:
        """A part of a whole, exact to four decimals."""
        value = self.text(name, default)
        if SHARE.fullmatch(value):
            return Decimal(value).normalize()
        allowed = "a share from 0 to 0.9999 with a point, like 0.19 for 19 %"
        self.refuse(name, f"{allowed}, with four decimals at most", value)
        return Decimal(default)

    def currency(self, name: str, default: str) -> str:
        """A currency that our numeric(12,2) columns can hold."""
        value = self.text(name, default)
        decimals = DECIMALS.get(value)
        if decimals not in (0, 2):
            why = f" ({value} has {decimals})" if decimals else ""
            allowed = f"a code of ISO 4217 with no or two decimals{why}, like EUR, USD or JPY"
            self.refuse(name, allowed, value)
        return value

    def zone(self, name: str, default: str) -> str:
        """A time zone by its IANA name."""
        value = self.text(name, default)
        if not passes(_is_zone, value):
            advice = " or ".join(_zones_like(value)) or "Europe/Berlin or UTC"
            self.refuse(name, f"the IANA name of a time zone, like {advice}", value)
        return value

    def address(
        self,
        name: str,
        default: str | None = None,
        *,
        schemes: Collection[str] = ("http", "https"),
        path: str = ".*",
        like: str = "http://127.0.0.1:8000 or https://shop.example.org",
    ) -> str:
        """A URL of one of `schemes` with a host and a path that matches; "" if it is wrong."""
        value = self.text(name, default)
        if value and not passes(lambda text: _is_address(text, schemes, path), value):
            # Where an @ is, a password may be before it.
            self.refuse(name, f"an address like {like}", None if "@" in value else value)
            return ""
        return value

    def host(self, name: str, default: str) -> str:
        allowed = "a host name or IP address without scheme and port"
        return self.checked(name, default, HOST.fullmatch, allowed)

    def folder(self, name: str) -> str:
        """A folder, made if need be; "" without the variable."""
        return self.checked(name, "", _make_folder, "a folder that is there or can be made")

    def many(
        self,
        name: str,
        default: str | None = None,
        is_good: Callable[[str], object] = bool,
        allowed: str = "",
    ) -> list[str]:
        """A comma-separated list; empty parts are dropped, and one part at least is needed."""
        text = self.text(name, default)
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if text and not parts:
            self._wrong.append(f"{name} has commas and no value")
        for part in parts:
            if not passes(is_good, part):
                self.refuse(name, allowed, part)
        return parts

    def secret(self, name: str) -> str:
        return self._long_enough(name, self.text(name))

    def secrets(self, name: str) -> list[str]:
        """A comma-separated list of one secret or more, each as long as one has to be."""
        return [self._long_enough(name, value) for value in self.many(name)]

    def key(self, name: str) -> str:
        """An Ed25519 key: 32 bytes in base64url."""
        return self._decodable(name, self.text(name))

    def keys(self, name: str) -> list[str]:
        """A comma-separated list of one Ed25519 key or more."""
        return [self._decodable(name, value) for value in self.many(name)]

    def finish(self) -> None:
        """End the process with one line that names everything that is wrong, or do nothing."""
        if self._wrong:
            raise WrongSettings(tuple(dict.fromkeys(self._wrong)))

    def _long_enough(self, name: str, value: str) -> str:
        if value and len(value) < SECRET_LENGTH and not self.flag("DEBUG"):
            self._wrong.append(f"{name} is too short: use {SECRET_LENGTH} random characters")
        return value

    def _decodable(self, name: str, value: str) -> str:
        if value and not passes(decode_key, value):
            self._wrong.append(f"{name} is not a key: 32 bytes in base64url, 43 characters")
        return value

    def _read(self, name: str) -> str:
        if value := self._variables.get(name, ""):
            return value
        path = self._variables.get(f"{name}_FILE", "")
        if not path:
            return ""
        try:
            return Path(path).read_text().strip()
        except (OSError, ValueError) as error:
            self._wrong.append(f"{name}_FILE cannot be read: {error}")
            return ""


def _is_zone(name: str) -> bool:
    """Raises KeyError, ValueError or OSError for a name that is none at all."""
    ZoneInfo(name)
    is_here = not SYSTEM_ZONES.exists() or (SYSTEM_ZONES / name).is_file()
    return is_here and not NO_PLACE.fullmatch(name)


def _zones_like(name: str) -> list[str]:
    """Zones that may be meant: Europe/Berlin by europe/berlin or Berlin."""
    zones = [zone for zone in available_timezones() if not NO_PLACE.fullmatch(zone)]
    by_word = {word.lower(): zone for zone in zones for word in (zone, zone.rpartition("/")[2])}
    close = get_close_matches(name.lower(), by_word, 2, 0.7)
    return list(dict.fromkeys(by_word[word] for word in close))


def _is_address(text: str, schemes: Collection[str], path: str) -> bool:
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


def _make_folder(path: str) -> bool:
    """Raises OSError or ValueError."""
    Path(path).mkdir(parents=True, exist_ok=True)
    return True
