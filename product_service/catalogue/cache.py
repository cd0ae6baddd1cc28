"""Ready bytes: an answer that was finished a moment ago is sent again as it is.

    1. this process' memory, for one second, by the address as it was asked for
    2. the cache Redis, for READY_SECONDS, under a key that holds the catalogue's version
    3. one SQL statement; the bytes then go into 2 and 1

A write calls `bump_version()` after its commit; it replaces the version, so every older entry is
out of reach at once and nobody sees it for longer than the second of step 1. An entry is stored
under the version that was read *before* the statement ran, so a slow reader never puts old bytes
under the new version. Redis may be refused, frozen or wiped: each error skips it for MUTE_SECONDS.
Only then, or when a bump is lost with it, READY_SECONDS bounds how old an answer can be.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from chassis.logs import get_logger

log = get_logger(__name__)

MEMORY_SECONDS = 1.0
MEMORY_ENTRIES = 2_000  # of some 15 KB; when full it is emptied
READY_SECONDS = 10
MUTE_SECONDS = 2.0
VERSION_KEY = "catalogue-version"


@dataclass(frozen=True)
class Ready:
    """A finished JSON body and its entity tag."""

    body: bytes
    etag: str

    @classmethod
    def of(cls, body: bytes) -> Ready:
        return cls(body, f'"{blake2b(body, digest_size=12).hexdigest()}"')


class SharedCache:
    """The cache Redis, skipped for a while after each failure: browsing never waits for it."""

    def __init__(self) -> None:
        self._muted_until = 0.0

    def get(self, key: str) -> Any:
        return self._try(lambda: cache.get(key))

    def set(self, key: str, value: object, seconds: int | None) -> None:
        self._try(lambda: cache.set(key, value, seconds))

    def add(self, key: str, value: object) -> None:
        self._try(lambda: cache.add(key, value, None))

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


def from_memory(request: HttpRequest) -> HttpResponse | None:
    """The answer to this very address, if this process finished it within the last second."""
    entry = _memory.get(_address(request))
    if entry is None or entry[0] < time.monotonic():
        return None
    return _respond(request, entry[1])


def ready_response(request: HttpRequest, name: str, build: Callable[[], bytes]) -> HttpResponse:
    """The answer called `name` (its parameters in one order) from Redis, or built and stored."""
    version = current_version()
    key = f"{version}:{blake2b(name.encode(), digest_size=16).hexdigest()}"
    body = shared.get(key) if version else None
    if body is None:
        body = build()
        if version:
            shared.set(key, body, READY_SECONDS)
    ready = Ready.of(body)
    if len(_memory) >= MEMORY_ENTRIES:
        _memory.clear()
    _memory[_address(request)] = (time.monotonic() + MEMORY_SECONDS, ready)
    return _respond(request, ready)


def current_version() -> int | None:
    """The version of the catalogue, or None while Redis is away."""
    version: int | None = shared.get(VERSION_KEY)
    if version is None:
        shared.add(VERSION_KEY, time.time_ns())
        version = shared.get(VERSION_KEY)
    return version


def bump_version() -> None:
    """Put all finished answers out of reach. Call it after the commit of a write."""
    _memory.clear()
    shared.set(VERSION_KEY, time.time_ns(), None)


def _address(request: HttpRequest) -> str:
    return f"{request.path_info}?{request.META.get('QUERY_STRING', '')}"


def _respond(request: HttpRequest, ready: Ready) -> HttpResponse:
    if ready.etag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        response = HttpResponse(status=304)
        del response["Content-Type"]
    else:
        response = HttpResponse(ready.body, content_type="application/json")
    response["ETag"] = ready.etag
    response["Cache-Control"] = "no-cache"  # keep it, but ask whether it is still good
    return response
