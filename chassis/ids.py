"""Identifiers: those that sort by their time of birth, and the order numbers that people type."""

from __future__ import annotations

import re
import unicodedata
import uuid

from uuid_utils import compat

# Eight letters or digits (no U, which no number has), with any signs between them. Words and dates
# may have eight, too: so a number is looked for behind its TC first, then among what mixes both.
_EIGHT = r"([0-9A-TV-Z](?:[\W_]*[0-9A-TV-Z]){7})"
_MIXED = r"(?!(?:[A-Z][\W_]*){8}|(?:[0-9][\W_]*){8})"
_SPELT = (rf"T[\W_]*C[\W_]*{_EIGHT}", rf"{_MIXED}([0-9A-TV-Z]{{8}})", _MIXED + _EIGHT, _EIGHT)
_NUMBERS = [re.compile(rf"(?<![^\W_]){spelt}(?![^\W_])") for spelt in _SPELT]
_MISTAKEN = str.maketrans("OIL", "011")  # Crockford's alphabet leaves these letters out


def uuid7() -> uuid.UUID:
    """A new UUID of version 7 (RFC 9562): time-ordered, so index inserts stay local."""
    return compat.uuid7()


def order_number(text: str) -> str | None:
    """The order number in `text` as it is stored, such as TC-7Q2M9X4B; None if there is none.

    People paste `#TC-7Q2M9X4B`, `tc 7q2m 9x4b`, `7Q2M9X4B.` and whole subject lines, with any kind
    of dash or space, full-width or invisible characters, and take 0 for O and 1 for I and L.
    """
    letters = unicodedata.normalize("NFKC", text).upper()
    found = next(filter(None, (pattern.search(letters) for pattern in _NUMBERS)), None)
    return "TC-" + re.sub(r"[\W_]", "", found[1]).translate(_MISTAKEN) if found else None
