"""From JSON to values: an answer that does not have the agreed shape counts as no answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from chassis.http import Unavailable
from chassis.money import Money

T = TypeVar("T")


def understood(upstream: str, parse: Callable[[Any], T], body: Any) -> T:
    """`parse(body)`. Raises Unavailable("malformed") if the body has another shape."""
    try:
        return parse(body)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise Unavailable(upstream, "malformed") from error


def text(value: Any) -> str:
    """A JSON string and nothing else. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError(f"text expected, not {type(value).__name__}")
    return value


def texts(values: Any) -> tuple[str, ...]:
    return tuple(text(value) for value in values)


def as_many(count: int, lines: tuple[T, ...]) -> tuple[T, ...]:
    """`lines`, which answer as many as were asked for. Raises ValueError."""
    if len(lines) != count:
        raise ValueError(f"{count} lines expected, not {len(lines)}")
    return lines


def whole(value: Any) -> int | None:
    """A JSON number without a fraction, or null."""
    return None if value is None else int(value)


def options(value: Any) -> tuple[tuple[str, str], ...]:
    """Chosen options as (code, value) pairs, in the order of the answer."""
    return tuple((text(code), text(chosen)) for code, chosen in (value or {}).items())


def money(value: Any) -> Money | None:
    return None if value is None else Money.from_wire(value)


def moment(value: Any) -> datetime:
    """An RFC 3339 time."""
    return datetime.fromisoformat(text(value))
