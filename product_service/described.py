"""How the OpenAPI document describes operations; shapes.py says what they take and answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiExample, extend_schema

from chassis import openapi

F = TypeVar("F", bound=Callable[..., Any])


def operation(name: str, answer: Any, *statuses: int, **described: Any) -> Callable[[F], F]:
    """Describes an operation by its name, its answer and the statuses of its problems.

    Every operation has the problems 400 and 503.
    """
    responses = {200: answer, **openapi.problems({400, 503, *statuses})}
    return extend_schema(operation_id=name, responses=responses, **described)


def two_of_one(**more: Any) -> OpenApiExample:
    """A body that asks for two pieces of a product of the demo shop."""
    lines = [{"sku": "DM-HOM0192-01", "quantity": 2}]
    return OpenApiExample("two of one", value={"lines": lines, **more}, request_only=True)
