"""A limit on guessing: atomic token buckets in the cache Redis.

One Lua script looks at all buckets of a call and takes a token from each, or from none. The
limiter fails closed: without Redis a guess is answered with 503, never let through. Only the
look-up of orders uses it; browsing and placing never touch Redis.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from chassis.errors import ServiceUnavailable, TooManyRequests

WAIT_SECONDS = 0.2

# KEYS: buckets. ARGV: size, seconds until an empty bucket is full. Answers milliseconds to wait;
# 0 means that each bucket gave one token.
TAKE = """
local size, refill = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local rate, wait, left = size / refill, 0, {}
for i, key in ipairs(KEYS) do
  local bucket = redis.call('HMGET', key, 'tokens', 'at')
  local tokens, at = tonumber(bucket[1]) or size, tonumber(bucket[2]) or now
  left[i] = math.min(size, tokens + math.max(0, now - at) * rate)
  if left[i] < 1 then wait = math.max(wait, (1 - left[i]) / rate) end
end
if wait > 0 then return math.ceil(wait * 1000) end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 'tokens', tostring(left[i] - 1), 'at', tostring(now))
  redis.call('EXPIRE', key, math.ceil(refill) + 1)
end
return 0
"""


class LimiterUnavailable(ServiceUnavailable):
    code, title = "limiter_unavailable", "Look-ups are paused"


@dataclass(frozen=True)
class Limit:
    """At most `size` calls at once, refilled evenly over `refill_seconds`, for each bucket."""

    name: str
    size: int
    refill_seconds: int

    def take(self, *parts: str) -> None:
        """Take one token for each of `parts`. Raises TooManyRequests or LimiterUnavailable."""
        keys = [self._key(part) for part in parts]
        try:
            wait_ms = _script()(keys=keys, args=[self.size, self.refill_seconds])
        except redis.RedisError:
            raise LimiterUnavailable("Look-ups cannot be limited now; try again soon.") from None
        if wait_ms:
            seconds = math.ceil(int(wait_ms) / 1000)
            raise TooManyRequests(
                f"Try again in {seconds} seconds.", headers={"Retry-After": str(seconds)}
            )

    def _key(self, part: str) -> str:
        """Hashed: what a shopper types is not kept in Redis."""
        return f"limit:{self.name}:{hashlib.sha256(part.encode()).hexdigest()[:32]}"


@cache
def _script() -> redis.commands.core.Script:
    client = redis.Redis.from_url(
        settings.CACHE_URL,
        socket_timeout=WAIT_SECONDS,
        socket_connect_timeout=WAIT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return client.register_script(TAKE)
