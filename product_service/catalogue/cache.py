"""Ready bytes: an answer that was finished a moment ago is sent again as it is.

    1. this process' memory, for one second, by the address as it was asked for
    2. the cache Redis, for READY_SECONDS, under a key that holds the catalogue's version
    3. one SQL statement; the bytes then go into 2 and 1

A write calls `bump_version()` after its commit; it replaces the version, so every older entry is
out of reach at once and nobody sees it for longer than the second of step 1. An entry is stored
under the version that was read *before* the statement ran, so a slow reader never puts old bytes
under the new version. Redis may be refused, frozen or wiped: each error skips it for MUTE_SECONDS.
Only then, or when a bump is lost with it, READY_SECONDS bounds how old an answer can be.

Each answer says the version that it was made of in `Catalogue-Version`, so that a client that keeps
what it made of answers can tell by `GET /v1/catalogue/version`, which is never kept, how long it
may. While Redis is away there is no version, and so no header.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch
from redis.exceptions import RedisError

from chassis.logs import get_logger

log = get_logger(__name__)

MEMORY_SECONDS = 1.0
MEMORY_ENTRIES = 2_000  # of some 15 KB; when full it is emptied
READY_SECONDS = 10
MUTE_SECONDS = 2.0
VERSION_KEY = "catalogue-version"
VERSION_HEADER = "Catalogue-Version"
OWN_HEADERS = {"Content-Type", "Content-Length", "ETag", "Cache-Control"}


@dataclass(frozen=True)
class Ready:
    """A finished JSON body with its entity tag, and what came to it on its way out."""

    body: bytes
    etag: str
    headers: tuple[tuple[str, str], ...] = ()
    match: ResolverMatch | None = None


class ReadyResponse(HttpResponse):
    """A response that may be given again to whoever asks for the same address."""

    ready: Ready

    def as_ready(self, request: HttpRequest) -> Ready:
        headers = tuple((name, value) for name, value in self.items() if name not in OWN_HEADERS)
        return replace(self.ready, headers=headers, match=request.resolver_match)


class SharedCache:
    """The cache Redis, skipped for a while after each failure: browsing never waits for it."""

    def __init__(self) -> None:
        self._muted_until = 0.0

    def get(self, key: str) -> Any:
        return self._try(lambda: cache.get(key))

    def set(self, key: str, value: object, seconds: int | None) -> None:
        self._try(lambda: cache.set(key, value, seconds))

    def get_or_set(self, key: str, default: Callable[[], object]) -> Any:
        return self._try(lambda: cache.get_or_set(key, default, None))

    def _try(self, call: Callable[[], Any]) -> Any:
        if time.monotonic() < self._muted_until:
            return None
        try:
            return call()
        except RedisError as error:
            self._muted_until = time.monotonic() + MUTE_SECONDS
            log.warning("cache away", error=str(error))
            return None


shared = SharedCache()
_memory: dict[str, tuple[float, Ready]] = {}
_is_renewed_by_caller = ContextVar("is_renewed_by_caller", default=False)


class ReadyMiddleware:
    """Step 1, before all that a ready answer has no use for: sessions, routing, permissions.

    An answer is remembered with the headers that the inner middleware gave it, so the security
    headers are on a repeated answer too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        host, query = (request.META.get(name, "") for name in ("HTTP_HOST", "QUERY_STRING"))
        address = f"{host}{request.path_info}?{query}"  # a foreign host never got an answer
        until, ready = _memory.get(address, (0.0, None))
        if ready is not None and until > time.monotonic():
            request.resolver_match = ready.match  # the access log names the view
            return _respond(request, ready)
        response = self.get_response(request)
        if isinstance(response, ReadyResponse):
            _remember(address, response.as_ready(request))
        return response


def ready_response(request: HttpRequest, name: str, build: Callable[[], bytes]) -> ReadyResponse:
    """The answer called `name` (its parameters in one order) from Redis, or built and stored."""
    version = current_version()
    key = f"{version}:{blake2b(name.encode(), digest_size=16).hexdigest()}"
    body = shared.get(key) if version else None
    if body is None:
        body = build()
        if version:
            shared.set(key, body, READY_SECONDS)
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = ((VERSION_HEADER, str(version)),) if version else ()
    return _respond(request, Ready(body, etag, headers))


def current_version() -> int | None:
    """The version of the catalogue, or None while Redis is away."""
    version: int | None = shared.get_or_set(VERSION_KEY, time.time_ns)
    return version


def bump_version() -> None:
    """Put all finished answers out of reach. Call it after the commit of a write."""
    _memory.clear()
    shared.set(VERSION_KEY, time.time_ns(), None)


def bump_after_commit() -> None:
    """Something that shoppers see was changed in this transaction."""
    if not _is_renewed_by_caller.get():
        transaction.on_commit(bump_version)


@contextmanager
def renewed_by_caller() -> Iterator[None]:
    """What changes in here, in many transactions, is made visible by the caller's own bumps."""
    token = _is_renewed_by_caller.set(True)
    try:
        yield
    finally:
        _is_renewed_by_caller.reset(token)


def _remember(address: str, ready: Ready) -> None:
    if len(_memory) >= MEMORY_ENTRIES:
        _memory.clear()
    _memory[address] = (time.monotonic() + MEMORY_SECONDS, ready)


def _respond(request: HttpRequest, ready: Ready) -> ReadyResponse:
    """The body, or 304 if the client has it already."""
    is_known = ready.etag in request.META.get("HTTP_IF_NONE_MATCH", "")
    body, status = (b"", 304) if is_known else (ready.body, 200)
    response = ReadyResponse(body, status=status, content_type="application/json")
    response.ready = ready
    for header, value in ready.headers:
        response[header] = value
    response["ETag"] = ready.etag
    response["Cache-Control"] = "no-cache"  # keep it, but ask whether it is still good
    if is_known:
        del response["Content-Type"]
    return response
