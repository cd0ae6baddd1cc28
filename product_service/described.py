"""How the OpenAPI document describes operations; shapes.py says what they take and answer."""

from __future__ import annotations

from typing import Any

from chassis import openapi


def problems(*statuses: int) -> dict[Any, Any]:
    """Responses of an operation for these statuses and those that every operation has."""
    return openapi.problems({400, 503, *statuses})
