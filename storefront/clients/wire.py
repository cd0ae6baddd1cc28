"""From JSON to values: an answer that does not have the agreed shape counts as no answer.

A shape is a frozen dataclass. Fields that it does not name are passed over, since a newer service
may answer more; a field that an older one leaves out has a default.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, PlainValidator

from chassis.http import Unavailable
from chassis.shapes import reader as reader

T = TypeVar("T")


def understood(upstream: str, parse: Callable[[Any], T], body: Any) -> T:
    """`parse(body)`. Raises Unavailable("malformed") if the body has another shape."""
    try:
        return parse(body)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Unavailable(upstream, "malformed") from error


def list_reader(item: type[T]) -> Callable[[Any], tuple[T, ...]]:
    """As chassis.shapes.reader, for the items of a list."""
    read = reader(tuple[item, ...])  # type: ignore[valid-type]
    return lambda body: read(body["items"] if isinstance(body, dict) else body)


def as_many(count: int, lines: tuple[T, ...]) -> tuple[T, ...]:
    """`lines`, which answer as many as were asked for. Raises ValueError."""
    if len(lines) != count:
        raise ValueError(f"{count} lines expected, not {len(lines)}")
    return lines


Time = Annotated[datetime, PlainValidator(datetime.fromisoformat)]  # RFC 3339
Words = Annotated[str, BeforeValidator(str)]  # numbers as well
# Chosen options as (code, value) pairs, in the order of the answer.
Options = Annotated[
    tuple[tuple[str, str], ...], BeforeValidator(lambda value: tuple((value or {}).items()))
]
