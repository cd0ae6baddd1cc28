"""The last known answer of a read, so that browsing goes on while a service is away.

A copy lives in this process (a bounded number, newest kept) and in the cache Redis, which may
vanish any time: when it does not answer it is left alone for a few seconds. A stale copy is
always marked as such, with the time when it was true.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import orjson
from django.core.cache import cache
from redis.exceptions import RedisError

from chassis.http import Unavailable
from chassis.logs import get_logger
from storefront.clients import made_of
from storefront.clients.calls import Read, ask, understood

log = get_logger(__name__)

T = TypeVar("T")

COPIES = 500  # in this process; about 10 KB each
KEEP_SECONDS = 24 * 3600  # in Redis
SHARE_SECONDS = 30.0  # a copy in Redis is renewed this often
REDIS_PAUSE_SECONDS = 5.0


@dataclass(frozen=True)
class Shown(Generic[T]):
    """A value and, if it is not current, the time when it was."""

    value: T
    as_of: datetime | None = None


@dataclass
class _Copy:
    body: bytes
    at: float
    shared_at: float
    version: str = made_of.NONE


_lock = threading.Lock()
_copies: OrderedDict[str, _Copy] = OrderedDict()
_redis_back_at = 0.0


def current_or_last_known(
    read: Read[T], *, fresh_seconds: float = 0.0, version: str | None = None
) -> Shown[T]:
    """The answer to a read, or the last known one. Raises Unavailable if there is none.

    A copy younger than `fresh_seconds` is good enough not to ask at all, unless it was made of
    another version of the catalogue than `version`.
    """
    key = f"{read.path}?{urlencode(sorted(read.params.items()))}"
    copy = _copies.get(key)
    is_fresh = copy is not None and time.time() - copy.at < fresh_seconds
    if copy is not None and is_fresh and version in (None, copy.version):
        made_of.note(copy.version)
        return Shown(_value(read, copy))
    try:
        answer = ask(read)
        value = understood(read.upstream, read.shape, answer.body)
    except Unavailable:
        made_of.note(made_of.NONE)
        copy = copy or _from_redis(key)
        if copy is None:
            raise
        return Shown(_value(read, copy), as_of=datetime.fromtimestamp(copy.at, UTC))
    _remember(key, answer.content, answer.headers.get(made_of.HEADER, made_of.NONE))
    return Shown(value)


def _value(read: Read[T], copy: _Copy) -> T:
    return understood(read.upstream, read.shape, orjson.loads(copy.body))


def _remember(key: str, body: bytes, version: str) -> None:
    now = time.time()
    with _lock:
        known = _copies.pop(key, None)
        shared_at = known.shared_at if known else 0.0
        copy = _copies[key] = _Copy(body, now, shared_at, version)
        while len(_copies) > COPIES:
            _copies.popitem(last=False)
    if now - copy.shared_at > SHARE_SECONDS:
        copy.shared_at = now
        _with_redis(lambda: cache.set(key, {"at": now, "body": body}, KEEP_SECONDS))


def _from_redis(key: str) -> _Copy | None:
    found = _with_redis(lambda: cache.get(key))
    if not isinstance(found, dict):
        return None
    return _Copy(found["body"], found["at"], found["at"])


def _with_redis(use: Callable[[], Any]) -> Any:
    global _redis_back_at
    if time.monotonic() < _redis_back_at:
        return None
    try:
        return use()
    except RedisError as error:
        _redis_back_at = time.monotonic() + REDIS_PAUSE_SECONDS
        log.warning("cache away, going on without it", error=str(error))
        return None
