"""Sessions in the database, as Django keeps them, with one statement to read or write each.

Django's own engine builds its statements anew for each request, looks beforehand whether a new key
is taken, and writes in a transaction: twice the work of everything else that a session costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, UpdateError
from django.utils.crypto import get_random_string

from storefront.statements import row, rows, run

READ = """
SELECT session_data FROM django_session WHERE session_key = %(session_key)s AND expire_date > now()
"""
MAKE = """
INSERT INTO django_session (session_data, expire_date, session_key) VALUES (%s, %s, %s)
ON CONFLICT DO NOTHING
"""
CHANGE = "UPDATE django_session SET session_data = %s, expire_date = %s WHERE session_key = %s"


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        found = row(READ, {"session_key": self.session_key})
        return self._opened(found[0] if found else None)

    def read_beside(self, columns: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """A row of these columns, read by the same statement as the session."""
        if self.session_key is None or hasattr(self, "_session_cache"):
            (found,) = rows(f"SELECT {columns}", values)
            return found
        named = {**values, "session_key": self.session_key}
        ((data, *others),) = rows(f"SELECT ({READ}), {columns}", named)
        self._session_cache = self._opened(data)
        return tuple(others)

    def _opened(self, data: str | None) -> dict[str, Any]:
        if data is None:
            self._session_key = None
            return {}
        kept: dict[str, Any] = self.decode(data)
        return kept

    def save(self, must_create: bool = False) -> None:
        """Raises CreateError for a key that is taken, UpdateError for a session that is gone."""
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        values = [self.encode(data), self.get_expiry_date(), self.session_key]
        if not run(MAKE if must_create else CHANGE, values):
            raise CreateError if must_create else UpdateError

    def _get_new_session_key(self) -> str:
        """Whether it is taken is seen when it is saved."""
        return get_random_string(32, VALID_KEY_CHARS)
