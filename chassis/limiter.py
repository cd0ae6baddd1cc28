"""A limit on guessing: atomic token buckets in the cache Redis.

    TRIES = Limit("sign-in", size=5, refill_seconds=60)
    take([TRIES.bucket("sam"), DAY.bucket("sam")])

One Lua script looks at all buckets of a call and takes a token from each, or from none. Several
limits on one thing, each longer than the one before, make the wait rise with every guess. The
limiter fails closed: without Redis nothing is let through.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings

from chassis.errors import ServiceUnavailable, TooManyRequests
from chassis.health import redis_client

WAIT_SECONDS = 0.2

# KEYS: buckets. ARGV: for each its size and the seconds until it is full again when empty.
# Answers milliseconds to wait; 0 means that each bucket gave one token.
TAKE = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local wait, left = 0, {}
for i, key in ipairs(KEYS) do
  local size, refill = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local rate = size / refill
  local bucket = redis.call('HMGET', key, 'tokens', 'at')
  local tokens, at = tonumber(bucket[1]) or size, tonumber(bucket[2]) or now
  left[i] = math.min(size, tokens + math.max(0, now - at) * rate)
  if left[i] < 1 then wait = math.max(wait, (1 - left[i]) / rate) end
end
if wait > 0 then return math.ceil(wait * 1000) end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 'tokens', tostring(left[i] - 1), 'at', tostring(now))
  redis.call('EXPIRE', key, math.ceil(tonumber(ARGV[2 * i])) + 1)
end
return 0
"""

# KEYS: buckets that gave a token lately. A bucket that is full again is gone or takes no more.
GIVE_BACK = """
for _, key in ipairs(KEYS) do
  local tokens = redis.call('HGET', key, 'tokens')
  if tokens then redis.call('HSET', key, 'tokens', tostring(tonumber(tokens) + 1)) end
end
"""


class LimiterUnavailable(ServiceUnavailable):
    """Attempts can't be counted right now, so none is let through. Wait for the seconds in
    Retry-After, then repeat the request."""

    code, title = "limiter_unavailable", "Attempts are paused"


@dataclass(frozen=True)
class Limit:
    """At most `size` calls at once, refilled evenly over `refill_seconds`, for each bucket."""

    name: str
    size: int
    refill_seconds: int

    def bucket(self, *parts: str) -> Bucket:
        """The bucket of `parts` together. Hashed: what somebody types is not kept in Redis."""
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
        return Bucket(f"limit:{self.name}:{self.refill_seconds}:{digest}", self)


@dataclass(frozen=True)
class Bucket:
    """A limit for somebody: tokens in Redis, under a key."""

    key: str
    limit: Limit


def take(buckets: Sequence[Bucket]) -> None:
    """Take a token from each bucket, or none. Raises TooManyRequests or LimiterUnavailable."""
    limits = [each.limit for each in buckets]
    numbers = [number for each in limits for number in (each.size, each.refill_seconds)]
    try:
        wait_ms = _script(TAKE)(keys=[each.key for each in buckets], args=numbers)
    except redis.RedisError:
        raise LimiterUnavailable("Attempts can't be counted right now. Try again soon.") from None
    if wait_ms:
        seconds = math.ceil(int(wait_ms) / 1000)
        raise TooManyRequests(
            f"Try again in {seconds} seconds.", headers={"Retry-After": str(seconds)}
        )


def give_back(buckets: Sequence[Bucket]) -> None:
    """Undo a `take`, for a try that turned out to be no guess; without Redis nothing happens."""
    with suppress(redis.RedisError):
        _script(GIVE_BACK)(keys=[each.key for each in buckets])


@cache
def _script(text: str) -> redis.commands.core.Script:
    return redis_client(settings.CACHE_URL, WAIT_SECONDS).register_script(text)
