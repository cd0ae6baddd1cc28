"""Variables of the environment, read with types, and everything that is wrong named at once."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from chassis.keys import decode_key

SECRET_LENGTH = 32  # characters, at least


class Environment:
    """Reads variables and remembers what is wrong until `finish()`.

    A variable NAME may also be given as NAME_FILE, the path of a file that holds the value
    (a mounted secret).
    """

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables
        self._wrong: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        value = self._read(name)
        if value:
            return value
        if default is None:
            self._wrong.append(f"{name} is missing")
            return ""
        return default

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = (self._read(name) or str(int(default))).lower()
        if value not in {"0", "1", "true", "false"}:
            self._wrong.append(f"{name} must be 0 or 1, not {value!r}")
        return value in {"1", "true"}

    def number(self, name: str, default: float) -> float:
        value = self._read(name)
        try:
            number = float(value) if value else default
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return number
        self._wrong.append(f"{name} must be a number, not {value!r}")
        return default

    def whole(self, name: str, default: int) -> int:
        value = self.number(name, default)
        if value != int(value):
            self._wrong.append(f"{name} must be a whole number, not {value}")
        return int(value)

    def days(self, name: str, default: float, *, most: float = 3650) -> timedelta:
        """A period of more than 0 days, `most` at most."""
        value = self.number(name, default)
        if not 0 < value <= most:
            self._wrong.append(
                f"{name} must be more than 0 and at most {most:g} days, not {value:g}"
            )
            value = default
        return timedelta(days=value)

    def many(self, name: str, default: str | None = None) -> list[str]:
        """A comma-separated list; empty parts are dropped, and one part at least is needed."""
        text = self.text(name, default)
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if text and not parts:
            self._wrong.append(f"{name} has commas and no value")
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

    def refuse(self, why: str) -> None:
        """Note what is wrong beyond the type of one variable; `why` names the variables."""
        self._wrong.append(why)

    def finish(self) -> None:
        """Raise ImproperlyConfigured naming everything that was wrong, or do nothing."""
        if self._wrong:
            raise ImproperlyConfigured(
                "Wrong or missing settings: " + "; ".join(self._wrong) + ". See .env.example."
            )

    def _long_enough(self, name: str, value: str) -> str:
        if value and len(value) < SECRET_LENGTH and not self.flag("DEBUG"):
            self._wrong.append(f"{name} is too short: use {SECRET_LENGTH} random characters")
        return value

    def _decodable(self, name: str, value: str) -> str:
        try:
            if value:
                decode_key(value)
        except ValueError:
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
        except OSError as error:
            self._wrong.append(f"{name}_FILE cannot be read: {error}")
            return ""
