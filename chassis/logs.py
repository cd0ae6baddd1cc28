"""Structured logs: one JSON line an event (or readable lines on a terminal), ids as fields.

`bind(order=...)` adds fields to every later line of the same request or task. Personal data
(e-mail, address, name) never goes into a log line.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

import structlog
from structlog.stdlib import BoundLogger
from structlog.typing import EventDict, WrappedLogger

REQUEST_ID_SHAPE = re.compile(r"[A-Za-z0-9._-]{8,64}")

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def get_logger(name: str) -> BoundLogger:
    logger: BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def bind(**fields: object) -> None:
    """Add `fields` to every later log line of this request, task or turn."""
    structlog.contextvars.bind_contextvars(**fields)


def clear() -> None:
    """Forget all bound fields and the request id; called at the start of each unit of work."""
    structlog.contextvars.clear_contextvars()
    _request_id.set("")


def request_id() -> str:
    """The id of the request that is being served, or "" outside of one."""
    return _request_id.get()


def set_request_id(candidate: str | None) -> str:
    """Take over `candidate` if it has the shape of a request id, otherwise mint one; bind it."""
    valid = candidate is not None and REQUEST_ID_SHAPE.fullmatch(candidate) is not None
    chosen = candidate if valid and candidate else secrets.token_hex(12)
    _request_id.set(chosen)
    bind(request_id=chosen)
    return chosen


def configuration(*, level: str, as_json: bool, service: str) -> dict[str, Any]:
    """Django's LOGGING for one service; also configures structlog for direct use."""
    shared = _processors(service)
    _configure_structlog(shared)
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    finish: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        finish.append(structlog.processors.format_exc_info)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [*finish, renderer],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"level": "INFO", "propagate": True, "handlers": []},
            # Every 4xx is the client's business; the access log has it already.
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "WARNING", "propagate": True, "handlers": []},
            # A line for each message received and done; the moves of orders are logged instead.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }


def _configure_structlog(shared: list[Any]) -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _processors(service: str) -> list[Any]:
    def add_service(_: WrappedLogger, __: str, event: EventDict) -> Mapping[str, Any]:
        event.setdefault("service", service)
        return event

    def drop_request(_: WrappedLogger, __: str, event: EventDict) -> Mapping[str, Any]:
        """Django attaches the request, whose text holds the query string and any secret in it."""
        event.pop("request", None)
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        drop_request,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service,
    ]
