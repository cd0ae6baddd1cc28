"""Probes, answered before any other middleware so that they are logged and counted nowhere.

Anybody may ask the shop's own port, so an answer holds a word for each thing and never a name, an
address or a driver's text. Only a process that cannot start says more: one line in its log.

/health/live     the process answers; touches nothing else
/health/ready    the process serves; dependencies are reported in the body, never in the status,
                 because a dead database must give an honest page and not a refused connection
/health/startup  the database is reached and its migrations are applied
"""

from __future__ import annotations

from collections.abc import Callable
from pkgutil import iter_modules

import redis
from django.apps import apps
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from redis.backoff import NoBackoff
from redis.retry import Retry

from chassis.logs import get_logger

log = get_logger(__name__)

REDIS_TIMEOUT_SECONDS = 0.5


class HealthMiddleware:
    """First in the list; everything but the three probes goes on to the next middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.probes = {"/health/live": live, "/health/ready": ready, "/health/startup": startup}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        probe = self.probes.get(request.path)
        return probe() if probe else self.get_response(request)


def live() -> JsonResponse:
    return JsonResponse({"status": "ok"})


def ready() -> JsonResponse:
    dependencies = {"database": database(), "cache": redis_server(settings.CACHE_URL)}
    return JsonResponse({"status": "ok", "dependencies": dependencies})


def startup() -> JsonResponse:
    try:
        pending = pending_migrations()
    except Error as error:
        return _not_started("database away", detail=str(error).strip())
    if pending:
        return _not_started("migrations missing", pending=pending)
    return JsonResponse({"status": "ok"})


def _not_started(status: str, **why: object) -> JsonResponse:
    """`status` for whoever asked, `why` for the log alone."""
    log.warning(status, **why)
    response = JsonResponse({"status": status}, status=503)
    vars(response)["_has_been_logged"] = True  # Django would add "Service Unavailable" to it
    return response


def pending_migrations() -> list[str]:
    """Found by the names of their files: loaded ones stay, 6 MiB in each process."""
    applied = MigrationRecorder(connection).applied_migrations()
    folders = {app.label: f"{app.path}/migrations" for app in apps.get_app_configs()}
    found = {(label, each.name) for label in folders for each in iter_modules([folders[label]])}
    return sorted(".".join(each) for each in found - applied.keys())


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "away"
    return "ok"


def redis_client(url: str, timeout: float = REDIS_TIMEOUT_SECONDS) -> redis.Redis:
    """A client that waits `timeout` seconds for each answer and repeats no call."""
    retry = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(
        url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=retry
    )


def redis_server(url: str) -> str:
    with redis_client(url) as client:
        try:
            client.ping()
        except redis.RedisError:
            return "away"
    return "ok"
