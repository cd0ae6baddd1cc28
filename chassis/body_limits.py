"""How large a request's body may be: 64 KiB, or what BODY_LIMITS of the settings says for a path.

BODY_LIMITS maps prefixes of paths to bytes (uploads in the back office).
"""

from __future__ import annotations

from django.conf import settings

DEFAULT_BODY_LIMIT = 64 * 1024  # bytes


def body_limit(path: str) -> int:
    limits: dict[str, int] = getattr(settings, "BODY_LIMITS", {})
    found = (limit for prefix, limit in limits.items() if path.startswith(prefix))
    return next(found, DEFAULT_BODY_LIMIT)
