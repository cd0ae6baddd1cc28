"""Calls to the two services behind the storefront, and their answers as values of a shape.

A shape is a frozen dataclass. Fields that it does not name are passed over, since a newer service
may answer more; a field that an older one leaves out has a default. Every call raises Refused or
Unavailable; an answer of another shape counts as no answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar, cast

from django.conf import settings

from chassis.auth import TokenSigner
from chassis.http import Answer, ServiceClient, Unavailable
from chassis.shapes import reader
from storefront.budget import within
from storefront.clients import made_of

READ_SECONDS = 1.5

T = TypeVar("T")


@dataclass(frozen=True)
class Items(Generic[T]):
    """A whole list, in one page."""

    items: tuple[T, ...]


@dataclass(frozen=True)
class Read(Generic[T]):
    """A read of which the last known answer may be shown; see storefront.last_known."""

    upstream: str
    shape: type[T]
    operation: str
    path: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    subject: str | None = None  # a service: the copy is shown to everybody


def call(
    upstream: str,
    method: str,
    path: str,
    *,
    operation: str,
    seconds: float = READ_SECONDS,
    **sent: Any,
) -> Answer:
    """`sent` is what ServiceClient.call takes."""
    deadline = within(seconds)
    version = made_of.NONE
    try:
        answer = client(upstream).call(
            method, path, operation=operation, deadline_seconds=deadline, **sent
        )
        version = answer.headers.get(made_of.HEADER, made_of.NONE)
        return answer
    finally:
        made_of.note(version)


def ask(read: Read[Any]) -> Answer:
    """The answer to a read."""
    assert read.subject is None or read.subject.startswith("service:")
    return call(
        read.upstream,
        "GET",
        read.path,
        operation=read.operation,
        params=read.params,
        subject=read.subject,
    )


def understood(upstream: str, shape: type[T], body: Any) -> T:
    """The value of `shape` that decoded JSON is. Raises Unavailable("malformed")."""
    try:
        value: T = _reader(cast(Any, shape))(body)
    except (AttributeError, TypeError, ValueError) as error:
        raise Unavailable(upstream, "malformed") from error
    return value


_reader = cache(reader)


@cache
def client(upstream: str) -> ServiceClient:
    """The client of this process. A call in nobody's name carries no token."""
    addresses = {
        "product_service": settings.PRODUCT_SERVICE_URL,
        "order_service": settings.ORDER_SERVICE_URL,
    }
    signer = TokenSigner("storefront", settings.SIGNING_KEY)
    return ServiceClient(
        upstream=upstream,
        base_url=addresses[upstream],
        deadline_seconds=READ_SECONDS,
        token=lambda subject: signer.mint(upstream, subject, "orders"),
    )
