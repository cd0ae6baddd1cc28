"""Identifiers that sort by their time of birth."""

from __future__ import annotations

import uuid

from uuid_utils import compat


def uuid7() -> uuid.UUID:
    """A new UUID of version 7 (RFC 9562): time-ordered, so index inserts stay local."""
    return compat.uuid7()
