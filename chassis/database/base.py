"""PostgreSQL for Django, whose kept connections are not asked whether they still work.

A connection that the server has ended says so: its socket has something to read though nobody
asked. Looking costs microseconds, a `SELECT 1` before each request a tenth of it and more. It is
asked only if there is something to read, after an error, and after a pause in which a firewall or
a failover may have cut the connection without a word.

Statements that come often are prepared. A migration may change what a prepared `SELECT *` answers;
PostgreSQL then refuses it unrun, and it is prepared anew.

Connections and statements are counted in the series of django-prometheus. Its own backend looks
each series up by its labels, for each statement, which costs as much as preparing it saves.
"""

from __future__ import annotations

import select
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from django_prometheus import db as metrics
from psycopg.errors import FeatureNotSupported
from psycopg.pq import TransactionStatus

LABELS = ("default", "postgresql")  # the database's alias, and what it is
TRUSTED_SECONDS = 5.0  # since the last use


class DatabaseWrapper(base.DatabaseWrapper):
    health_check_done: bool
    _used_at = 0.0

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        return {**params, "cursor_factory": counting(preparing_anew(params["cursor_factory"]))}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        metrics.connections_total.labels(*LABELS).inc()
        try:
            return super().get_new_connection(conn_params)
        except Exception:
            metrics.connection_errors_total.labels(*LABELS).inc()
            raise

    def close_if_health_check_failed(self) -> None:
        """Django calls this before each use; it checks once a request."""
        now = time.monotonic()
        if self.connection is not None and not self.health_check_done:
            self.health_check_done = now - self._used_at < TRUSTED_SECONDS and not self._has_news()
        super().close_if_health_check_failed()
        self._used_at = now

    def _has_news(self) -> bool:
        """Whether the socket has something to read, or is no socket any more."""
        if self.connection.closed:
            return True
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return bool(poll.poll(0))


def preparing_anew(cursor_class: type[psycopg.Cursor[Any]]) -> type[psycopg.Cursor[Any]]:
    class Cursor(cursor_class):  # type: ignore[misc,valid-type]  # its base is known later
        """Inside a transaction, which is lost, the error is one that a repeat of all helps."""

        def execute(self, *args: Any, **kwargs: Any) -> Any:
            try:
                return super().execute(*args, **kwargs)
            except FeatureNotSupported as error:
                if error.diag.source_function != "RevalidateCachedQuery":
                    raise
                if self.connection.info.transaction_status != TransactionStatus.IDLE:
                    raise psycopg.OperationalError(str(error)) from error
            self.connection.execute("DEALLOCATE ALL")
            return super().execute(*args, **kwargs)

    return Cursor


def counting(cursor_class: type[psycopg.Cursor[Any]]) -> type[psycopg.Cursor[Any]]:
    statements = metrics.execute_total.labels(*LABELS)
    seconds = metrics.query_duration_seconds.labels(*LABELS)

    class Cursor(cursor_class):  # type: ignore[misc,valid-type]  # its base is known later
        def execute(self, *args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            statements.inc()
            try:
                return super().execute(*args, **kwargs)
            except Exception as error:
                metrics.errors_total.labels(*LABELS, type(error).__name__).inc()
                raise
            finally:
                seconds.observe(time.perf_counter() - began)

    return Cursor
