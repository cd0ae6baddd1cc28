"""Django's Redis cache with django-prometheus' counters; its own needs another Redis library."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends import redis
from django_prometheus.cache import metrics

GETS = metrics.django_cache_get_total.labels("redis")
HITS = metrics.django_cache_hits_total.labels("redis")
MISSES = metrics.django_cache_misses_total.labels("redis")
FAILURES = metrics.django_cache_get_fail_total.labels("redis")
MISSING = object()


class RedisCache(redis.RedisCache):
    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        GETS.inc()
        with FAILURES.count_exceptions():
            value = super().get(key, MISSING, version)
        (MISSES if value is MISSING else HITS).inc()
        return default if value is MISSING else value
