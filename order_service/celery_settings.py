"""CELERY_* settings over Redis, for the worker and for whoever publishes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.conf import redis_address
from chassis.environment import Environment


def celery(env: Environment) -> dict[str, Any]:
    """CELERY_* settings of a worker over Redis. Each value has a measured reason.

    The database decides what is due; a message only says "look at this order". Remote control
    stays on: it reads from Redis also while the window of messages is full, and so is the second
    to notice a lost connection. The first is ForgettingQoS, in celery.py.
    """
    return {
        "CELERY_BROKER_URL": redis_address(env, "REDIS_URL"),
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_BROKER_CONNECTION_MAX_RETRIES": None,
        "CELERY_BROKER_TRANSPORT_OPTIONS": {
            "visibility_timeout": 120,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "unacked_mutex_expire": 30,
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
        "CELERY_TASK_ACKS_LATE": True,
        "CELERY_TASK_REJECT_ON_WORKER_LOST": True,
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
        "CELERY_WORKER_DISABLE_PREFETCH": True,
        "CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS": False,
        "CELERY_WORKER_MAX_MEMORY_PER_CHILD": env.whole("WORKER_CHILD_KIB", 300_000, least=50_000),
        "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
        "CELERY_TASK_TIME_LIMIT": 30,
        "CELERY_TASK_SOFT_TIME_LIMIT": 25,
        "CELERY_TASK_IGNORE_RESULT": True,
        # Celery closes Django's connections around every task unless told to keep them.
        "CELERY_DB_REUSE_MAX": 10**6,
    }


# What a publisher adds: fail within a second instead of blocking on a hung Redis.
PUBLISHER_TRANSPORT_OPTIONS: Mapping[str, Any] = {
    "socket_timeout": 0.5,
    "socket_connect_timeout": 0.5,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
